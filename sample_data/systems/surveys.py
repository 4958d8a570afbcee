"""The survey tool: satisfaction after a purchase or a request (CSAT), recommendation (NPS), and why customers left.

Every invitation carries the customer's number in the system that sent it; who answers from a link without one is
anonymous. The tool was replaced in July 2011: workbooks of the old one hold times as day numbers of spreadsheets, those
of the new one as dates. Both are in Shanghai's time.
"""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sample_data.chance import Chance, Weighted
from sample_data.files import spoil
from sample_data.people import Organisation, Person
from sample_data.records import CUSTOMERS, MEMBERS, REQUESTERS, Record, Recorder
from sample_data.reference import FOLDER
from sample_data.systems import Block

FILES = ("surveys/responses_*.xlsx",)
IDENTIFIERS: Mapping[str, Callable[[int], str]] = {}
"""Nobody signs up: answers name customers of other systems."""
TITLES = [
    "答卷编号 Response ID",
    "问卷 Survey",
    "类型 Type",
    "客户编号 Customer No",
    "邮箱 Email",
    "评分 Score",
    "意见 Comment",
    "离开原因 Reason for leaving",
    "提交时间 Submitted",
]

_SHEET = "答卷 Responses"
_NEW_TOOL = datetime(2011, 7, 1)
_SHANGHAI = timedelta(hours=8)
_EXCEL_EPOCH = datetime(1899, 12, 30)

_SURVEYS = {
    "CSAT": {"order": "购后满意度 After your purchase", "request": "客服满意度 After your request"},
    "NPS": {"order": "推荐意愿 Would you recommend us", "request": "推荐意愿 Would you recommend us"},
    "Exit": {"order": "离开原因 Why did you leave", "request": "离开原因 Why did you leave"},
}
_KINDS = Weighted(("CSAT", "NPS"), (62, 38))
_ANSWERS_AGAIN = 0.35
_ANONYMOUS = 0.12
_GIVES_EMAIL = 0.35
_COMMENTS = 0.55
"""Share of the answers with a comment."""
_QUIET = timedelta(days=120)
"""Who has not come back for so long since an answer was less content then; and may be asked why."""
_EXIT_SURVEY = 0.3
"""Share of the quiet ones among those who answer at all."""
_MOODS = Weighted(("good", "fair", "poor"), (64, 22, 14))
_MOODS_BEFORE_QUIET = Weighted(("good", "fair", "poor"), (38, 30, 32))
_SCORES = {
    ("CSAT", "good"): Weighted((4, 5), (40, 60)),
    ("CSAT", "fair"): Weighted((3, 4), (75, 25)),
    ("CSAT", "poor"): Weighted((1, 2), (45, 55)),
    ("NPS", "good"): Weighted((8, 9, 10), (15, 40, 45)),
    ("NPS", "fair"): Weighted((6, 7, 8), (20, 45, 35)),
    ("NPS", "poor"): Weighted((0, 1, 2, 3, 4, 5), (10, 10, 18, 22, 20, 20)),
}


@dataclass
class _Answer:
    submitted_at: datetime
    record: Record
    kind: str
    occasion: str
    mood: str


def sign_ups(persons: list[Person], organisations: list[Organisation], recorder: Recorder) -> list[Record]:
    """None."""
    del persons, organisations, recorder
    return []


def write(block: Block) -> None:
    """One workbook of each tool, oldest answer first."""
    chance = block.chance("surveys")
    answers = sorted(_answers(block, chance), key=lambda answer: (answer.submitted_at, answer.record.record_key))
    rows = [(answer, _row(answer, block, chance)) for answer in answers]
    old = [row for answer, row in rows if answer.submitted_at + _SHANGHAI < _NEW_TOOL]
    new = [row for answer, row in rows if answer.submitted_at + _SHANGHAI >= _NEW_TOOL]
    broken_values = [(TITLES[8], "2011-02-30 08:15:00"), (TITLES[0], None), (TITLES[5], "五分")]
    for name, part, spell in (("20110630", old, _day_number), (block.day, new, _date)):
        spoiled, duplicates, broken = spoil(part, broken_values, block.rates, chance)
        cells = [[spell(value) if isinstance(value, datetime) else value for value in row.values()] for row in spoiled]
        block.deliveries.append_xlsx(f"surveys/responses_{name}.xlsx", _SHEET, TITLES, cells)
        block.count("surveys.responses", len(part), duplicates, broken)


def _date(moment: datetime) -> datetime:
    return moment


def _day_number(moment: datetime) -> float:
    """Days since 1899-12-30, with the time of day as fraction, as exact as a spreadsheet shows it."""
    return round((moment - _EXCEL_EPOCH) / timedelta(days=1), 8)


def _answers(block: Block, chance: Chance) -> list[_Answer]:
    """Who answered what and when: after one of their orders, or after a request to the service desk."""
    records: dict[str, list[Record]] = {}
    for object_key in (CUSTOMERS, MEMBERS, REQUESTERS):
        for record in block.of(object_key):
            records.setdefault(record.owner.entity_id, []).append(record)
    respondents = [person for person in block.persons if chance.happens(block.rates.answers_surveys)]
    orders = block.book.orders_by_buyer({person.buyer.number for person in respondents if person.buyer})
    answers = []
    for person in respondents:
        ordered = [moment for _, moment in orders.get(person.buyer.number, [])] if person.buyer else []
        for record in _asked(records.get(person.entity_id, []), chance):
            occasion = "request" if record.object_key == REQUESTERS else "order"
            asked_at = record.updated if occasion == "request" else _one_after(ordered, record.created, chance)
            submitted_at = (asked_at or block.end) + timedelta(seconds=chance.between(3_600, 10 * 86_400))
            if asked_at is None or submitted_at >= block.end:
                continue
            came_back = any(submitted_at < moment <= submitted_at + _QUIET for moment in ordered)
            is_quiet = bool(ordered) and not came_back and submitted_at + _QUIET < block.end
            mood = chance.weighted(_MOODS_BEFORE_QUIET if is_quiet else _MOODS)
            answers.append(_Answer(submitted_at, record, chance.weighted(_KINDS), occasion, mood))
            # Contacts of companies may still order for them, which is not among these orders.
            has_left = is_quiet and person.buyer is not None and person.buyer.last_order < submitted_at
            if has_left and chance.happens(_EXIT_SURVEY):
                left_at = chance.moment(submitted_at + _QUIET, block.end)
                answers.append(_Answer(left_at, record, "Exit", occasion, "poor"))
    return answers


def _asked(records: list[Record], chance: Chance) -> list[Record]:
    """The records under which a person answers: one, sometimes two, rarely three times."""
    asked = []
    while records and len(asked) < 3:
        asked.append(chance.pick(records))
        if not chance.happens(_ANSWERS_AGAIN):
            break
    return asked


def _one_after(moments: list[datetime], start: datetime, chance: Chance) -> datetime | None:
    later = [moment for moment in moments if moment >= start]
    return chance.pick(later) if later else None


def _row(answer: _Answer, block: Block, chance: Chance) -> dict[str, Any]:
    record, kind, person = answer.record, answer.kind, answer.record.owner
    assert isinstance(person, Person)
    is_anonymous = chance.happens(_ANONYMOUS)
    gives_email = not is_anonymous and chance.happens(_GIVES_EMAIL)
    reason, comments = "", _comments()["zh" if person.population == "chinese" else "en", answer.mood]
    if kind == "Exit":
        reason, in_english, in_chinese = chance.weighted(_reasons())
        comments = [in_chinese if person.population == "chinese" else in_english]
    row = (
        f"SR{block.number('surveys:responses'):07d}",
        _SURVEYS[kind][answer.occasion],
        kind,
        None if is_anonymous else record.source_id,
        (record.values["email"] or None) if gives_email else None,
        chance.weighted(_SCORES[kind, answer.mood]) if kind != "Exit" else None,
        chance.pick(comments) if chance.happens(_COMMENTS) else None,
        reason or None,
        answer.submitted_at + _SHANGHAI,
    )
    return dict(zip(TITLES, row, strict=True))


@cache
def _comments() -> dict[tuple[str, str], list[str]]:
    comments: dict[tuple[str, str], list[str]] = {}
    with (FOLDER / "survey_comments.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            comments.setdefault((row["language"], row["mood"]), []).append(row["comment"])
    return comments


@cache
def _reasons() -> Weighted[tuple[str, str, str]]:
    with (FOLDER / "leaving_reasons.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    values = [(row["reason"], row["comment_en"], row["comment_zh"]) for row in rows]
    return Weighted(values, [float(row["weight"]) for row in rows])
