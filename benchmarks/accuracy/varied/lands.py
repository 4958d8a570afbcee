"""How companies of nine countries are named, found and dialled.

Belongs here: legal forms, trades, towns and streets by country. Does not belong here: the companies (``companies_world``).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Land:
    """How companies of a country are named, found and dialled; ``forms``: legal form and ways of writing it."""

    calling: str
    forms: dict[str, tuple[str, ...]]
    trades: tuple[str, ...]
    towns: tuple[str, ...]
    streets: tuple[str, ...]
    number: str  # of registration: # is a digit
    branch: str
    domain: str


LANDS = {
    "DE": Land("+49", {"GmbH": ("GmbH", "G.m.b.H.", "mbH", "Gesellschaft mbH", ""), "AG": ("AG", "Aktiengesellschaft"),
                        "GmbH & Co. KG": ("GmbH & Co. KG", "GmbH & Co KG", "KG", "GmbH")},
                ("Maschinenbau", "Logistik", "Elektrotechnik", "Bau", "Verlag", "Möbel", "Spedition", "Getränke", "Büromöbel"),
                ("München", "Köln", "Hamburg", "Nürnberg", "Düsseldorf", "Leipzig"),
                ("Industriestraße", "Hafenstraße", "Am Gewerbepark", "Daimlerstraße", "Siemensstraße"),
                "HRB#####", "Niederlassung", "de"),
    "ES": Land("+34", {"S.A.": ("S.A.", "SA", "Sociedad Anónima", ""), "S.L.": ("S.L.", "SL", "S.L.U.", "Sociedad Limitada", "")},
                ("Construcciones", "Alimentación", "Transportes", "Ingeniería", "Viajes", "Muebles", "Distribuciones", "Energía"),
                ("Madrid", "Barcelona", "Sevilla", "Málaga", "Bilbao"),
                ("Calle Mayor", "Avenida de la Industria", "Polígono Norte", "Calle Alcalá"),
                "B########", "Sucursal", "es"),
    "GB": Land("+44", {"Ltd": ("Ltd", "Limited", "Ltd.", ""), "PLC": ("PLC", "plc", "Public Limited Company")},
                ("Engineering", "Logistics", "Foods", "Consulting", "Software", "Printing", "Textiles", "Construction"),
                ("London", "Leeds", "Bristol", "Glasgow", "Cardiff", "Derby"),
                ("Station Road", "Mill Lane", "Park Way", "King Street"), "########", "Branch", "co.uk"),
    "US": Land("+1", {"Inc.": ("Inc.", "Inc", "Incorporated", ""),
                        "LLC": ("LLC", "L.L.C.", ""), "Corp.": ("Corp.", "Corporation")},
                ("Technologies", "Manufacturing", "Holdings", "Medical", "Systems", "Supply", "Services", "Foods"),
                ("Dallas", "Denver", "Boston", "Atlanta", "Seattle", "Phoenix"),
                ("Main Street", "Commerce Drive", "Industrial Blvd", "Market Street"), "##-#######", "Branch", "com"),
    "AU": Land("+61", {"Pty Ltd": ("Pty Ltd", "Pty. Ltd.", "Proprietary Limited", "P/L", "")},
                ("Mining", "Plumbing", "Engineering", "Wines", "Transport", "Electrical"),
                ("Sydney", "Perth", "Brisbane", "Hobart"),
                ("George Street", "Victoria Road", "Harbour Drive"),
                "###########", "Branch", "com.au"),
    "CN": Land("+86", {"有限公司": ("有限公司", "有限责任公司", "公司", ""), "股份有限公司": ("股份有限公司", "股份公司")},
                ("贸易", "电子科技", "物流", "食品", "建材", "机械设备", "软件", "广告传媒"),
                ("上海", "北京", "深圳", "杭州", "成都", "武汉"),
                ("人民路", "中山路", "建设路", "科技路"),
                "9133####MA#X######", "分公司", "cn"),
    "JP": Land("+81", {"株式会社": ("株式会社", "(株)", "㈱", ""), "有限会社": ("有限会社", "(有)")},
                ("製作所", "商事", "電機", "工業", "食品", "運輸", "印刷"),
                ("東京", "大阪", "名古屋", "横浜"), ("中央", "本町", "栄", "丸の内"), "#############", "支店", "co.jp"),
    "RU": Land("+7", {"ООО": ("ООО", "OOO",
                                "Общество с ограниченной ответственностью", ""), "АО": ("АО", "ЗАО", "ПАО")},
                ("Строй", "Торг", "Транс", "Энерго", "Пром", "Сервис"),
                ("Москва", "Казань", "Самара", "Пермь"),
                ("улица Ленина", "проспект Мира", "Заводская улица"),
                "##########", "филиал", "ru"),
    "NL": Land("+31", {"B.V.": ("B.V.", "BV", "b.v.", "Besloten Vennootschap", ""), "N.V.": ("N.V.", "NV")},
                ("Handel", "Transport", "Bloemen", "Techniek", "Bouw", "Beheer"),
                ("Amsterdam", "Rotterdam", "Utrecht", "Eindhoven"),
                ("Stationsweg", "Havenstraat", "Kerkstraat"), "########", "Filiaal", "nl"),
}  # fmt: skip
