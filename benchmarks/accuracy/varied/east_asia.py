"""Japanese, Koreans and Vietnamese: own script in one system, romanizations in others, few family names.

Belongs here: their names, towns and how systems write them. Does not belong here: the frame (``abroad``), Chinese names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from benchmarks.accuracy.varied.abroad import Country, Who, home, records, somebody, towns
from benchmarks.accuracy.varied.damage import misspelled, without_marks
from benchmarks.accuracy.varied.shape import Row, named
from benchmarks.accuracy.varied.western import ranked
from sample_data.chance import Chance, Weighted

# Own script and romanizations, the usual one first.
_JAPANESE = {
    "family": "佐藤:Satō;鈴木:Suzuki;高橋:Takahashi;田中:Tanaka;伊藤:Itō;渡辺:Watanabe;山本:Yamamoto;中村:Nakamura;"
    "小林:Kobayashi;"
    "加藤:Katō;吉田:Yoshida;山田:Yamada;佐々木:Sasaki;山口:Yamaguchi;松本:Matsumoto;井上:Inoue;木村:Kimura;林:Hayashi;斎藤:Saitō;"
    "清水:Shimizu;山崎:Yamazaki;森:Mori;池田:Ikeda;橋本:Hashimoto;阿部:Abe;石川:Ishikawa;山下:Yamashita;中島:Nakajima;石井:Ishii;"
    "小川:Ogawa;前田:Maeda;岡田:Okada;長谷川:Hasegawa;藤田:Fujita;後藤:Gotō;近藤:Kondō;村上:Murakami;遠藤:Endō;青木:Aoki;"
    "坂本:Sakamoto;"
    "大野:Ōno;小野:Ono;太田:Ōta;藤井:Fujii;西村:Nishimura;福田:Fukuda;三浦:Miura;岡本:Okamoto;松田:Matsuda;中川:Nakagawa;"
    "大西:Ōnishi",
    "male": "翔太:Shōta;大輔:Daisuke;健太:Kenta;健:Ken;拓也:Takuya;翔:Shō;誠:Makoto;浩:Hiroshi;太郎:Tarō;一郎:Ichirō;"
    "隆:Takashi;和也:Kazuya;"
    "直樹:Naoki;達也:Tatsuya;亮:Ryō;蓮:Ren;大翔:Hiroto;悠斗:Yūto;裕太:Yūta;洋平:Yōhei;雄一:Yūichi;康平:Kōhei;"
    "俊介:Shunsuke;学:Manabu;修:Osamu;"
    "進:Susumu;勇:Isamu;清:Kiyoshi;正:Tadashi;茂:Shigeru;博:Hiroshi;哲也:Tetsuya;剛:Tsuyoshi;純一:Jun'ichi;慎一:Shin'ichi;優:Yū",
    "female": "陽子:Yōko;洋子:Yōko;幸子:Sachiko;和子:Kazuko;恵子:Keiko;京子:Kyōko;裕子:Yūko;由美子:Yumiko;久美子:Kumiko;"
    "真由美:Mayumi;直美:Naomi;"
    "愛:Ai;舞:Mai;美咲:Misaki;葵:Aoi;さくら:Sakura;結衣:Yui;陽菜:Hina;七海:Nanami;彩:Aya;麻衣:Mai;優子:Yūko;智子:Tomoko;"
    "順子:Junko;節子:Setsuko;"
    "明美:Akemi;香織:Kaori;千尋:Chihiro;典子:Noriko;弘子:Hiroko;涼子:Ryōko;遥:Haruka;未来:Miku;純子:Junko;文子:Fumiko;絵里:Eri",
}
_KOREAN = {
    "family": "김:Kim,Gim;이:Lee,Yi,Rhee;박:Park,Bak,Pak;최:Choi,Choe;정:Jung,Jeong,Chung;강:Kang,Gang;조:Cho,Jo;"
    "윤:Yoon,Yun;장:Jang,Chang;"
    "임:Lim,Im,Rim;한:Han;오:Oh,O;서:Seo,Suh;신:Shin,Sin;권:Kwon,Gwon;황:Hwang;안:Ahn,An;송:Song;류:Ryu,Yoo;홍:Hong;"
    "전:Jeon,Chun;고:Ko,Go",
    "male": "민 준:Min Jun,Min Joon;지 훈:Ji Hoon,Ji Hun;성 민:Sung Min,Seong Min;현 우:Hyun Woo,Hyeon U;"
    "동 현:Dong Hyun,Dong Hyeon;"
    "영 수:Young Soo,Yeong Su;성 호:Sung Ho,Seong Ho;정 훈:Jung Hoon,Jeong Hun;재 현:Jae Hyun,Jae Hyeon;"
    "승 현:Seung Hyun,Seung Hyeon;"
    "준 호:Jun Ho,Joon Ho;영 철:Young Chul,Yeong Cheol;진 우:Jin Woo,Jin U;상 훈:Sang Hoon,Sang Hun;도 윤:Do Yoon,Do Yun;"
    "서 준:Seo Jun,Seo Joon;"
    "태 현:Tae Hyun,Tae Hyeon;광 수:Kwang Soo,Gwang Su;경 수:Kyung Soo,Gyeong Su;우 진:Woo Jin,U Jin;건 우:Gun Woo,Geon U;"
    "병 철:Byung Chul,Byeong Cheol",
    "female": "지 영:Ji Young,Ji Yeong;미 영:Mi Young,Mi Yeong;은 주:Eun Joo,Eun Ju;수 진:Soo Jin,Su Jin;"
    "현 정:Hyun Jung,Hyeon Jeong;"
    "영 희:Young Hee,Yeong Hui;서 연:Seo Yeon,Seo Yun;민 지:Min Ji,Min Jee;지 은:Ji Eun,Jee Eun;유 진:Yoo Jin,Yu Jin;"
    "혜 진:Hye Jin,Hae Jin;"
    "미 경:Mi Kyung,Mi Gyeong;정 숙:Jung Sook,Jeong Suk;순 자:Soon Ja,Sun Ja;하 은:Ha Eun;서 윤:Seo Yoon,Seo Yun;"
    "지 현:Ji Hyun,Ji Hyeon;"
    "경 희:Kyung Hee,Gyeong Hui;은 영:Eun Young,Eun Yeong;수 빈:Soo Bin,Su Bin;예 진:Ye Jin;보 람:Bo Ram",
}
_VIETNAMESE = {
    "family": "Nguyễn;Trần;Lê;Phạm;Huỳnh;Hoàng;Phan;Vũ;Võ;Đặng;Bùi;Đỗ;Hồ;Ngô;Dương;Lý;Đinh;Trương;Lâm;Mai;Đoàn;Trịnh;Cao;Tô",
    "male": "Hùng;Dũng;Minh;Tuấn;Anh;Nam;Sơn;Hải;Long;Thắng;Cường;Đức;Hoàng;Quang;Trung;Hiếu;Thành;Khoa;Phúc;Bình;Huy;"
    "Tiến;Việt;Kiên;Tùng;Phong;Khánh;Duy;Lộc;Tài",
    "female": "Lan;Hương;Hoa;Hà;Linh;Mai;Trang;Thảo;Nga;Thủy;Hằng;Ngọc;Phương;Yến;Anh;Vân;Hồng;Huệ;Loan;Oanh;Dung;Nhung;"
    "Thu;Tuyết;Ly;My;Châu;Trâm;Quỳnh;Diễm",
    "male middle": "Văn;Văn;Văn;Hữu;Đức;Minh;Quang;Ngọc;Thanh;Công;Xuân;Đình;Quốc;Gia;Anh",
    "female middle": "Thị;Thị;Thị;Thị;Ngọc;Thị Thu;Thị Thanh;Thu;Thanh;Phương;Minh;Thùy;Kim;Bích;Thị Hồng",
}
_NAMES = {"JP": (_JAPANESE, 0.6), "KR": (_KOREAN, 1.0), "VN": (_VIETNAMESE, 0.9)}
_SOURCES = {
    "bank:clients": {"birth_date": 0.95, "email": 0.6, "phone": 0.8, "gender": 0.9, "address": 0.6},
    "shop:accounts": {"birth_date": 0.2, "email": 0.97, "phone": 0.85, "gender": 0.1, "address": 0.6},
    "airline:passengers": {"birth_date": 0.97, "email": 0.8, "phone": 0.5, "gender": 0.9, "address": 0.05},
    "app:members": {"birth_date": 0.4, "email": 0.6, "phone": 0.97, "gender": 0.4, "address": 0.2},
}


# Streets and towns in both scripts.
_STREETS = {
    "JP": "本町:Honcho;中央:Chuo;桜町:Sakuracho;栄:Sakae;緑町:Midoricho;山手:Yamate;大手町:Otemachi;旭町:Asahicho;新町:Shinmachi",
    "KR": "중앙로:Jungang-ro;강남대로:Gangnam-daero;세종대로:Sejong-daero;종로:Jong-ro;번영로:Beonyeong-ro;시청로:Sicheong-ro",
    "VN": "Lê Lợi;Nguyễn Huệ;Trần Hưng Đạo;Hai Bà Trưng;Lý Thường Kiệt;Điện Biên Phủ;Nguyễn Trãi;Phan Chu Trinh;Võ Thị Sáu",
}
_TOWNS = (
    "東京:Tokyo;横浜:Yokohama;大阪:Osaka;名古屋:Nagoya;札幌:Sapporo;福岡:Fukuoka;京都:Kyoto;神戸:Kobe;"
    "서울:Seoul;부산:Busan;인천:Incheon;대구:Daegu;대전:Daejeon;광주:Gwangju;수원:Suwon;울산:Ulsan"
)
_LATIN_PLACES: dict[str, str] = {
    own: latin
    for own, _, latin in (entry.partition(":") for entry in f"{_STREETS['JP']};{_STREETS['KR']};{_TOWNS}".split(";"))
}


def _street_in(code: str) -> Callable[[Chance], tuple[str, str]]:
    def street(chance: Chance) -> tuple[str, str]:
        number = f"{chance.between(1, 9)}-{chance.between(1, 30)}-{chance.between(1, 20)}" if code == "JP" else ""
        return chance.pick(_STREETS[code].split(";")).split(":")[0], number or str(chance.between(1, 300))

    return street


_COUNTRIES = Weighted(
    [
        Country("JP", "+81", ("70", "80", "90"), 8, towns(
            "東京/東京都/1; 横浜/神奈川県/2; 大阪/大阪府/5; 名古屋/愛知県/4; 札幌/北海道/0; 福岡/福岡県/8; 京都/京都府/6;"
            " 神戸/兵庫県/6"),
            7, _street_in("JP"), ("gmail.com", "yahoo.co.jp", "docomo.ne.jp", "icloud.com")),
        Country("KR", "+82", ("10",), 8, towns(
            "서울/서울/0; 부산/부산/4; 인천/인천/2; 대구/대구/4; 대전/대전/3; 광주/광주/6; 수원/경기/1; 울산/울산/4"),
            5, _street_in("KR"), ("naver.com", "gmail.com", "hanmail.net", "daum.net")),
        Country("VN", "+84", ("90", "91", "93", "97", "98", "86", "70"), 7, towns(
            "Hồ Chí Minh/Hồ Chí Minh/7; Hà Nội/Hà Nội/1; Đà Nẵng/Đà Nẵng/5; Hải Phòng/Hải Phòng/1; Cần Thơ/Cần Thơ/9; Huế/Huế/5"),
            6, _street_in("VN"), ("gmail.com", "yahoo.com.vn", "outlook.com")),
    ],
    [1, 1, 1],
)  # fmt: skip


@dataclass(frozen=True)
class _Name:
    family: str  # as in the lists
    middle: str
    given: str


@cache
def _list(country: str, kind: str) -> Weighted[str]:
    names, exponent = _NAMES[country]
    return ranked(names[kind].split(";"), exponent)


def east_asia(seed: int, size: int) -> list[Row]:
    """Japanese, Korean and Vietnamese customers, with kanji, hangul or diacritics in a bank and an app, without elsewhere.

    Realistic: Satō is Sato, Satou, Satoh; 이 is Lee, Yi, Rhee; Min Jun is Minjun, Min-jun; family name first or last;
    Vietnamese middle names kept, lost or taken for the given name. Trap: half of the Vietnamese are Nguyễn and every fifth
    Korean Kim, so a name in Latin letters without diacritics is many people's; two kanji names read alike; families share
    address and landline.
    """
    return records(Chance("east_asia", seed), size, _household, _spell, _SOURCES)


def _household(chance: Chance) -> list[Who[_Name]]:
    at, year = home(chance, chance.weighted(_COUNTRIES)), chance.between(1945, 1990)
    code = at.country.code
    family = chance.weighted(_list(code, "family"))
    kind = chance.uniform()
    genders = [chance.pick(["female", "male"])] if kind < 0.5 else ["male", "female"]
    if kind > 0.72:
        genders += [chance.pick(["female", "male"]) for _ in range(chance.between(1, 2))]
    result = []
    for place, gender in enumerate(genders):
        own = chance.weighted(_list(code, "family")) if place == 1 and code != "JP" else family  # wives keep their name
        middle = chance.weighted(_list(code, f"{gender} middle")) if code == "VN" else ""
        name = _Name(own, middle, chance.weighted(_list(code, gender)))
        born = (year - 5, year + 5) if place < 2 else (year + 23, year + 34)
        latin = (_usual(name.given), _usual(name.family))
        result.append(somebody(chance, name, latin, gender, at, born))
    return result


def _usual(entry: str) -> str:
    return without_marks(entry.rpartition(":")[2].split(",")[0]).replace("'", "")


def _roman(chance: Chance, entry: str) -> str:
    """One of the romanizations in use; for Japanese, a way of writing long vowels."""
    text = (
        chance.pick(entry.rpartition(":")[2].split(","))
        if chance.happens(0.5)
        else entry.rpartition(":")[2].split(",")[0]
    )
    way = chance.uniform()
    if way < 0.25:
        text = text.replace("ō", "ou").replace("ū", "uu").replace("Ō", "Oh")
    elif way < 0.35:
        text = text.replace("ō", "oh").replace("Ō", "Oh")
    text = without_marks(text).replace("'", chance.pick(["", "'"]))
    if " " in text:  # the two syllables of a Korean given name
        first, last = text.split()
        text = chance.pick([text, f"{first}-{last.lower()}", first + last.lower(), f"{first}-{last}"])
    return misspelled(chance, text) if chance.happens(0.04) else text


def _spell(chance: Chance, who: Who[_Name], source: str, details: Row) -> Row:
    own_script = source in ("bank:clients", "app:members") and chance.happens(0.9 if source == "bank:clients" else 0.6)
    if details["country"] == "VN":
        return _vietnamese(chance, who.name, source, details, own_script=own_script)
    if own_script:
        family, given = who.name.family.split(":")[0], who.name.given.split(":")[0].replace(" ", "")
        return named(given=given, family=family) if chance.happens(0.7) else named(family + given)
    row: Row = {part: _LATIN_PLACES.get(str(details[part]), details[part]) for part in ("street", "city")} | {
        "region": None
    }
    return {**row, **_in_latin_letters(chance, who.name, source)}


def _in_latin_letters(chance: Chance, name: _Name, source: str) -> Row:
    family, given = _roman(chance, name.family), _roman(chance, name.given)
    if source == "airline:passengers":
        return named(f"{given} {family}".upper()) if chance.happens(0.5) else named(given=given, family=family)
    if chance.happens(0.2):
        return named(f"{family} {given}")
    return named(given=given, family=family) if chance.happens(0.93) else named(given=family, family=given)


def _vietnamese(chance: Chance, name: _Name, source: str, details: Row, *, own_script: bool) -> Row:
    family, middle, given = name.family, name.middle, name.given
    row: Row = {}
    if not own_script:
        family, middle, given = (without_marks(part) for part in (family, middle, given))
        row["city"] = without_marks(str(details["city"])).replace(
            "Ho Chi Minh", chance.pick(["Ho Chi Minh", "Saigon", "HCMC"])
        )
    if chance.happens(0.04):
        given = misspelled(chance, given)
    if chance.happens(0.3 if source == "shop:accounts" else 0.1):
        middle = ""
    way = chance.uniform()
    if source == "airline:passengers" and way < 0.5:
        return {**row, **named(f"{given} {middle} {family}".replace("  ", " ").upper())}
    if way < 0.4:
        return {**row, **named(f"{family} {middle} {given}".replace("  ", " "))}
    return {**row, **named(given=f"{middle} {given}".strip(), family=family)}
