"""Persons of history, many records each, after the figures that Splink takes from Wikidata.

Belongs here: this set. Does not belong here: living people (``western``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import log

from benchmarks.accuracy.varied.damage import drop, misdated, misspelled
from benchmarks.accuracy.varied.shape import Row, finished, named
from benchmarks.accuracy.varied.western import birthday, family_names, given_names, nicknames, ranked
from sample_data.chance import Chance

_MEN = ranked(
    "John William Thomas George James Charles Henry Robert Edward Joseph Richard Samuel Frederick Alexander Francis Arthur "
    "Alfred David Benjamin Walter Edmund Peter Philip Andrew Hugh Patrick Daniel Albert Ernest Herbert Matthew Harold Anthony "
    "Michael Nathaniel Stephen Augustus Christopher Percy Isaac Lawrence Archibald Reginald Theodore Horace Roger Simon Jacob "
    "Abraham Josiah Gilbert Ralph Leonard Cuthbert Nicholas Godfrey Humphrey Jeremiah Lancelot Marmaduke Algernon".split()
)
_WOMEN = ranked(
    "Mary Elizabeth Anne Sarah Jane Margaret Catherine Charlotte Harriet Frances Emily Caroline Alice Eleanor Louisa Emma "
    "Florence Maria Ellen Georgiana Isabella Edith Susanna Julia Dorothy Martha Lucy Augusta Sophia Matilda Amelia Constance "
    "Beatrice Agnes Rosamund Adelaide Winifred Henrietta Lavinia Rachel Esther Gertrude Hannah".split()
)
_TITLES = {"male": "Sir Rev. Capt. Dr. Col. Mr. Hon. Prof. Major".split(), "female": "Lady Mrs. Miss Dame Hon.".split()}
_AFTER = ("1st Baronet", "2nd Baronet", "3rd Baronet", "Jr.", "the Elder", "the Younger", "M.P.", "K.C.B.")
_PLACES = ranked(
    "London Edinburgh Dublin Manchester Liverpool Glasgow Birmingham Bristol Leeds Sheffield Norwich Bath Exeter York Plymouth "
    "Nottingham Newcastle Oxford Cambridge Aberdeen Belfast Cork Brighton Hull Worcester Derby Leicester Portsmouth Lincoln "
    "Shrewsbury Gloucester Canterbury Chester Durham Perth Dundee Ipswich Coventry Southampton Reading Cardiff Swansea "
    "Kensington Marylebone Westminster Greenwich Islington Hackney Paddington Clapham Wakefield Halifax Bradford Bolton "
    "Calcutta Madras Kingston Northampton Salisbury Hereford Lancaster Carlisle Kendal Truro Falmouth Penzance".split(),
    0.8,
)
_OCCUPATIONS = ranked(
    "politician painter writer cricketer botanist architect engineer clergyman soldier poet actor composer physician "
    "lawyer photographer sculptor explorer journalist entomologist merchant surgeon diplomat printer singer astronomer "
    "mathematician chemist educator philanthropist geologist engraver organist missionary judge banker historian".split(),
    0.7,
)
_LARGEST = 60


@dataclass(frozen=True)
class _Figure:
    gender: str
    given: list[str]
    family: str
    title: str
    after: str
    birth_date: date
    place: str
    postcode: str
    occupation: str


def historical(seed: int, size: int) -> list[Row]:
    """Clusters of 1 to 60 records, 8 on average: names with middle names and titles, birth date, place, postcode, occupation.

    Realistic: what libraries, registers and peerages say about the same figure, each in its own words; birth dates known
    to the year only are written 01-01. Trap: chains of records that each differ in something else, the largest clusters
    (60 records) beside the smallest, fathers, sons and brothers with the same name, place and occupation.
    """
    chance = Chance("historical", seed)
    rows: list[Row] = []
    number = 0
    previous = _figure(chance)
    while len(rows) < size:
        who = _relative(chance, previous) if chance.happens(0.12) else _figure(chance)
        previous = who
        count = min(_cluster_size(chance), size - len(rows))
        rows += [{**_record(chance, who, heavy=copy > 0), "entity": str(number)} for copy in range(count)]
        number += 1
    return finished(chance, rows)


def _cluster_size(chance: Chance) -> int:
    way = chance.uniform()
    if way < 0.02:
        return _LARGEST
    if way < 0.14:
        return 1
    return min(_LARGEST, 1 + int(-7.6 * log(1 - chance.uniform())))


def _figure(chance: Chance) -> _Figure:
    gender = "female" if chance.happens(0.25) else "male"
    common = _WOMEN if gender == "female" else _MEN
    given = [chance.weighted(common if chance.happens(0.85) else given_names(gender))]
    while len(given) < 4 and chance.happens(0.4):
        given.append(chance.weighted(common) if chance.happens(0.6) else chance.weighted(family_names()))
    born = birthday(chance, 1650, 1900)
    return _Figure(
        gender=gender,
        given=given,
        family=chance.weighted(family_names()),
        title=chance.pick(_TITLES[gender]) if chance.happens(0.35) else "",
        after=chance.pick(_AFTER) if gender == "male" and chance.happens(0.12) else "",
        birth_date=born.replace(month=1, day=1) if chance.happens(0.3) else born,
        place=chance.weighted(_PLACES),
        postcode=_postcode(chance),
        occupation=chance.weighted(_OCCUPATIONS),
    )


def _postcode(chance: Chance) -> str:
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    area = chance.pick("B BA BS CB CT DN E EC EH EX G L LE LS M N NG NR OX PL S SE SW W WR YO".split())
    return f"{area}{chance.between(1, 28)} {chance.between(1, 9)}{chance.pick(letters)}{chance.pick(letters)}"


def _relative(chance: Chance, of: _Figure) -> _Figure:
    """A brother or sister, or a child who may bear the same name."""
    other, child = _figure(chance), chance.happens(0.5)
    years = chance.between(22, 40) if child else chance.pick([-6, -4, -3, -2, 2, 3, 4, 6])
    same_name = child and other.gender == of.gender and chance.happens(0.5)
    return _Figure(
        gender=other.gender,
        given=[of.given[0], *other.given[1:]] if same_name else other.given,
        family=of.family,
        title=other.title,
        after=other.after,
        birth_date=other.birth_date.replace(year=of.birth_date.year + years, day=min(other.birth_date.day, 28)),
        place=of.place,
        postcode=of.postcode if chance.happens(0.3) else other.postcode,
        occupation=of.occupation if chance.happens(0.4) else other.occupation,
    )


def _record(chance: Chance, who: _Figure, *, heavy: bool) -> Row:
    row: Row = {
        **_name(chance, who, heavy=heavy), "gender": who.gender, "birth_date": who.birth_date, "city": who.place,
        "postcode": who.postcode, "occupation": who.occupation, "source": chance.pick(["register:figures", "library:authors"]),
    }  # fmt: skip
    if not heavy:
        drop(chance, row, {"birth_date": 0.9, "gender": 0.95})
        return row
    way = chance.uniform()
    if way < 0.12:
        row["birth_date"] = who.birth_date.replace(month=1, day=1)
    elif way < 0.22:
        row["birth_date"] = misdated(chance, who.birth_date)
    elif way < 0.26:
        row["birth_date"] = who.birth_date.replace(year=who.birth_date.year + chance.pick([-2, -1, 1, 2]), day=1)
    if chance.happens(0.1):
        row["city"] = misspelled(chance, who.place) if chance.happens(0.5) else chance.weighted(_PLACES)
    if chance.happens(0.12):
        other = _postcode(chance)
        row["postcode"] = who.postcode.split()[0] + other[other.index(" ") :] if chance.happens(0.6) else other
    if chance.happens(0.08):
        row["occupation"] = chance.weighted(_OCCUPATIONS)
    drop(chance, row, {"birth_date": 0.82, "city": 0.85, "postcode": 0.78, "occupation": 0.7, "gender": 0.85})
    return row


def _name(chance: Chance, who: _Figure, *, heavy: bool) -> Row:
    given, family = list(who.given), who.family
    if heavy:
        if len(given) > 1 and chance.happens(0.45):
            given = given[:1] if chance.happens(0.6) else [given[0], *(f"{name[0]}." for name in given[1:])]
        elif len(given) > 1 and chance.happens(0.06):
            given = given[1:]
        if chance.happens(0.08):
            given[0] = f"{given[0][0]}."
        elif chance.happens(0.12) and given[0] in nicknames():
            given[0] = chance.pick(nicknames()[given[0]])
        elif chance.happens(0.14):
            given[0] = misspelled(chance, given[0])
        if chance.happens(0.18):
            family = misspelled(chance, family)
        elif who.gender == "female" and chance.happens(0.04):
            family = chance.weighted(family_names())  # by marriage
    if chance.happens(0.4):
        return named(given=" ".join(given), family=family)
    if heavy and chance.happens(0.1):
        return named(f"{family}, {' '.join(given)}")
    title = f"{who.title} " if who.title and chance.happens(0.6) else ""
    after = f", {who.after}" if who.after and chance.happens(0.6) else ""
    return named(f"{title}{' '.join(given)} {family}{after}")
