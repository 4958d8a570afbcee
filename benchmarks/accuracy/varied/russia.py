"""Russians: Cyrillic in one system, several transliterations in others, patronymics, family names by gender.

Belongs here: Russian names, streets and towns and how systems write them. Does not belong here: the frame (``abroad``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from benchmarks.accuracy.varied.abroad import Country, Who, home, records, somebody, towns
from benchmarks.accuracy.varied.damage import misspelled
from benchmarks.accuracy.varied.shape import Row, named
from benchmarks.accuracy.varied.western import ranked
from sample_data.chance import Chance, Weighted

_MEN = ranked(
    "Александр Сергей Дмитрий Андрей Алексей Максим Евгений Иван Михаил Артём Николай Владимир Игорь Юрий Олег Павел Виктор "
    "Роман Денис Илья Константин Антон Василий Анатолий Вячеслав Кирилл Никита Виталий Григорий Пётр Егор Валерий Борис "
    "Геннадий Станислав Руслан Вадим Фёдор Леонид Тимур Глеб Матвей Ярослав Степан Лев Семён Эдуард Яков Щепан Тихон".split(),
    0.8,
)
_WOMEN = ranked(
    "Елена Ольга Наталья Анна Татьяна Ирина Мария Светлана Екатерина Анастасия Юлия Людмила Галина Марина Валентина Надежда "
    "Евгения Виктория Александра Нина Ксения Дарья Любовь Алина Вера Оксана Лариса Тамара Алёна Кристина Полина София "
    "Маргарита Яна Елизавета Зинаида Раиса Антонина Лидия Жанна Диана Валерия Инна Ульяна Вероника Василиса".split(),
    0.8,
)
_SHORT = {
    "Александр": "Саша", "Александра": "Саша", "Сергей": "Серёжа", "Дмитрий": "Дима", "Алексей": "Лёша", "Евгений": "Женя",
    "Иван": "Ваня", "Михаил": "Миша", "Николай": "Коля", "Владимир": "Вова", "Елена": "Лена", "Наталья": "Наташа",
    "Анна": "Аня", "Татьяна": "Таня", "Мария": "Маша", "Екатерина": "Катя", "Анастасия": "Настя", "Юлия": "Юля",
    "Ольга": "Оля", "Светлана": "Света", "Ирина": "Ира", "Павел": "Паша", "Надежда": "Надя",
}  # fmt: skip
_FAMILIES = (
    "Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов Волков Алексеев Лебедев Семёнов "
    "Егоров Павлов Козлов Степанов Николаев Орлов Андреев Макаров Никитин Захаров Зайцев Соловьёв Борисов Яковлев Григорьев "
    "Романов Воробьёв Сергеев Кузьмин Фролов Александров Дмитриев Королёв Гусев Киселёв Ильин Максимов Поляков Сорокин "
    "Виноградов Ковалёв Белов Медведев Антонов Тарасов Жуков Баранов Филиппов Комаров Давыдов Беляев Герасимов Богданов "
    "Осипов Сидоров Матвеев Титов Марков Миронов Крылов Куликов Карпов Власов Мельников Денисов Гаврилов Тихонов Казаков "
    "Афанасьев Данилов Савельев Тимофеев Фомин Чернов Абрамов Мартынов Ефимов Федотов Щербаков Назаров Калинин Исаев Чернышёв "
    "Быков Маслов Родионов Коновалов Лазарев Воронин Климов Филатов Пономарёв Голубев Кудрявцев Прохоров Наумов Потапов "
    "Журавлёв Овчинников Трофимов Леонов Соболев Ермаков Колесников Гончаров Емельянов Никифоров Грачёв Котов Гришин Ефремов "
    "Архипов Громов Кириллов Малышев Панов Моисеев Румянцев Акимов Кондратьев Бирюков Горбунов Анисимов Ерёмин Тихомиров "
    "Достоевский Чайковский Белинский Островский Покровский Успенский Вишневский Шевченко Бондаренко Коваленко Ткаченко Юсупов "
    "Хасанов Ахметов Щукин Цветков Чистяков Шаповалов Жданов Южаков Ющенко Хохлов Яшин"
).split()
_STEMS = "Берёз Дуб Каменщик Молот Рыб Снегир Хлеб Ключ Щегол Ястреб Ярц Шуб Чулк Цар Жел Юш Пахом Лукьян Зимин Корж Бубн".split()
_STREETS = ranked(
    "Ленина;Советская;Мира;Гагарина;Пушкина;Кирова;Садовая;Лесная;Молодёжная;Центральная;Школьная;Победы;Октябрьская;"
    "Комсомольская;Первомайская;Чехова;Горького;Некрасова;Жукова;Набережная;Заводская;Зелёная;Строителей;Юбилейная".split(
        ";"
    ),
    0.6,
)
_TOWNS = towns(
    "Москва/Москва/1; Санкт-Петербург/Санкт-Петербург/19; Новосибирск/Новосибирская область/630;"
    "Екатеринбург/Свердловская область/620;"
    "Казань/Татарстан/420; Нижний Новгород/Нижегородская область/603;"
    "Челябинск/Челябинская область/454; Самара/Самарская область/443;"
    "Омск/Омская область/644; Уфа/Башкортостан/450; Красноярск/Красноярский край/660; Воронеж/Воронежская область/394;"
    "Пермь/Пермский край/614; Волгоград/Волгоградская область/400; Ярославль/Ярославская область/150; Тюмень/Тюменская область/625"
)
_LATIN = dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziiklmnoprstufye", strict=True))
# What the ways of transliterating disagree on: of passports, of libraries, of people themselves.
_WAYS: tuple[dict[str, str], ...] = (
    {"ё": "e", "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "iu", "я": "ia", "ъ": "ie", "ь": ""},
    {"ё": "yo", "й": "y", "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya", "ъ": "",
     "ь": ""},
    {"ё": "jo", "й": "j", "ж": "zh", "х": "h", "ц": "c", "ч": "ch", "ш": "sh", "щ": "sch", "ю": "ju", "я": "ja", "ъ": "", "ь": "'"},
    {"ё": "e", "й": "y", "ж": "j", "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ю": "u", "я": "ya", "ъ": "", "ь": ""},
)  # fmt: skip


def _street(chance: Chance) -> tuple[str, str]:
    return f"улица {chance.weighted(_STREETS)}", str(chance.between(1, 150)) + (
        chance.pick("АБк") if chance.happens(0.1) else ""
    )


_RUSSIA = Country("RU", "+79", ("03", "05", "10", "16", "21", "26", "50", "60", "85"), 7, _TOWNS, 6, _street,
                  ("mail.ru", "yandex.ru", "gmail.com", "bk.ru", "rambler.ru"))  # fmt: skip
_SOURCES = {
    "bank:clients": {"birth_date": 0.95, "email": 0.5, "phone": 0.85, "gender": 0.9, "address": 0.8},
    "shop:accounts": {"birth_date": 0.3, "email": 0.95, "phone": 0.8, "gender": 0.1, "address": 0.5},
    "airline:passengers": {"birth_date": 0.97, "email": 0.8, "phone": 0.6, "gender": 0.9, "address": 0.0},
    "calls:callers": {"birth_date": 0.3, "email": 0.2, "phone": 0.98, "gender": 0.3, "address": 0.3},
}


@dataclass(frozen=True)
class _Name:
    given: str
    patronymic: str
    family: str
    born_as: str
    way: int  # the transliteration in the passport


@cache
def _families() -> Weighted[str]:
    return ranked(
        [*_FAMILIES, *(stem + ending for stem in _STEMS for ending in ("ов", "ин", "ский", "енко", "овский"))], 0.75
    )


def russia(seed: int, size: int) -> list[Row]:
    """Russian customers: a bank and a call centre in Cyrillic, a shop and an airline in Latin letters of four ways.

    Realistic: Юлия is Yulia, Iuliia, Julija; ё is written е; the patronymic is there, an initial or missing; callers give
    their short name; women change name by marriage, and the airline sometimes drops their ending. Trap: husband and wife
    are Иванов and Иванова, brothers share family name and patronymic, a father is Иван Петрович and his son Пётр Иванович.
    """
    return records(Chance("russia", seed), size, _household, _spell, _SOURCES)


def _patronymic(father: str, gender: str) -> str:
    special = {"Илья": "Ильи", "Никита": "Никити", "Лев": "Льво", "Павел": "Павло", "Пётр": "Петро", "Яков": "Яковле"}
    man = gender == "male"
    if father in ("Илья", "Никита"):
        return special[father] + ("ч" if man else "нична")
    if father in special:
        stem = special[father]
    elif father.endswith(("ий", "ь")):
        stem = father.removesuffix("ий").removesuffix("ь") + ("ье" if father.endswith("ий") else "е")
    else:
        stem = father[:-1] + "е" if father.endswith("й") else father + "о"
    return stem + ("вич" if man else "вна")


def _of_gender(family: str, gender: str) -> str:
    if gender == "male" or family.endswith("о"):
        return family
    return family[:-2] + "ая" if family.endswith("ий") else family + "а"


def _household(chance: Chance) -> list[Who[_Name]]:
    at, year, family = home(chance, _RUSSIA), chance.between(1945, 1992), chance.weighted(_families())
    kind = chance.uniform()
    genders = [chance.pick(["female", "male"])] if kind < 0.45 else ["male", "female"]
    if kind > 0.7:
        genders += [chance.pick(["female", "male"]) for _ in range(chance.between(1, 2))]
    result: list[Who[_Name]] = []
    for place, gender in enumerate(genders):
        given = chance.weighted(_MEN if gender == "male" else _WOMEN)
        father = result[0].name.given if place > 1 else chance.weighted(_MEN)
        own = _of_gender(family, gender)
        born_as = _of_gender(chance.weighted(_families()), gender) if gender == "female" and place < 2 else own
        name = _Name(given, _patronymic(father, gender), own, born_as, chance.between(0, 3))
        latin = (_latin(given, name.way), _latin(own, name.way))
        born = (year - 5, year + 5) if place < 2 else (year + 22, year + 32)
        result.append(somebody(chance, name, latin, gender, at, born))
    return result


def _latin(text: str, way: int) -> str:
    table = {**_LATIN, **_WAYS[way]}
    result = "".join(table.get(letter, letter) for letter in text.lower())
    if way in (1, 3) and result.endswith(("iy", "yy")):
        result = result[:-2] + "y"
    return result.title().replace("'S", "'s")


def _spell(chance: Chance, who: Who[_Name], source: str, details: Row) -> Row:
    name = who.name
    given, family, patronymic = name.given, name.family, name.patronymic
    if chance.happens(0.04):
        given = misspelled(chance, given)
    if chance.happens(0.05):
        family = misspelled(chance, family)
    elif chance.happens(0.06):
        family = name.born_as
    if chance.happens(0.6):
        given, family, patronymic = (part.replace("ё", "е") for part in (given, family, patronymic))
    if source == "bank:clients":
        text = f"{family} {given} {patronymic}"
        return named(text.upper()) if chance.happens(0.3) else named(given=f"{given} {patronymic}", family=family)
    if source == "calls:callers":
        given = _SHORT.get(name.given, given) if chance.happens(0.2) else given
        middle = chance.pick(["", "", f" {patronymic}", f" {patronymic[0]}."])
        street = str(details["street"]).replace("улица", chance.pick(["ул.", "ул", "улица"]))
        return {**named(given=given + middle, family=family), "street": street}
    way = name.way if source == "airline:passengers" and chance.happens(0.8) else chance.between(0, 3)
    given, family, patronymic = (_latin(part, way) for part in (given, family, patronymic))
    if source == "airline:passengers":
        if who.gender == "female" and family.endswith("va") and chance.happens(0.05):
            family = family[:-1]
        return (
            named(given=given, family=family)
            if chance.happens(0.7)
            else named(f"{family}/{given}".replace("/", " ").upper())
        )
    street = _latin(str(details["street"]).removeprefix("улица "), 1)
    row: Row = {"street": f"ul. {street}", "city": _latin(str(details["city"]), 1), "region": None}
    if chance.happens(0.15):
        given = f"{given} {patronymic}"
    return {**row, **(named(given=family, family=given) if chance.happens(0.04) else named(given=given, family=family))}
