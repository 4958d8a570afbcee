"""A small company in Zoho CRM and Fxiaoke, and the dock its pulls are landed and loaded at.

Belongs here: records as the vendors' APIs send them, and pulling and loading them for real. Does not belong here: what
goes wrong (test_api_sources.py), what the vendors answer (tests/servers).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.ingest.connectors.fxiaoke import fxiaoke_connector
from dagster_project.ingest.connectors.zoho import zoho_connector
from dagster_project.ingest.declaration import SourceObject, read_source_objects
from dagster_project.ingest.load import LoadOutcome, load_object
from dagster_project.ingest.pull import PULLED, Pulled, pull_object
from dagster_project.ingest.reconciliation import reconcile
from dagster_project.warehouse import quote_identifier
from tests.servers.fxiaoke import FxiaokeServer
from tests.servers.zoho import ZohoServer

Record = dict[str, Any]

SOURCES = Path(__file__).resolve().parents[2] / "dagster_project" / "defs" / "sources"
NOW = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)
OWNERS = ({"id": "410001", "name": "Helen Carter"}, {"id": "410002", "name": "王芳"})


def declared(name: str) -> SourceObject:
    """An object as it is really declared, such as zoho_crm.contacts."""
    return next(item for item in read_source_objects(SOURCES) if item.qualified_name == name)


def zoho_time(moment: datetime) -> str:
    """As the API writes it: seconds, with the offset of the company, here India."""
    return (moment.astimezone(UTC) + timedelta(hours=5, minutes=30)).strftime("%Y-%m-%dT%H:%M:%S+05:30")


def at(minutes: float) -> datetime:
    """So many minutes before now."""
    return NOW - timedelta(minutes=minutes)


def contact(number: int, modified: datetime, **values: Any) -> Record:
    """A contact with every declared field."""
    owner = OWNERS[number % 2]
    return {
        "id": str(5725767000000400001 + number),
        "Owner": {**owner, "email": "owner@example.com"},
        "Lead_Source": None,
        "Salutation": "Ms.",
        "First_Name": f"Ada {number}",
        "Last_Name": "Keller" if number % 3 else "王",
        "Account_Name": {"name": f"Company {number}", "id": str(number)} if number % 4 else None,
        "Email": f"ada.{number}@example.com",
        "Secondary_Email": None,
        "Phone": None,
        "Mobile": f"+44 7700 900{number % 1000:03d}",
        "Date_of_Birth": "1980-02-03",
        "Title": "Buyer",
        "Email_Opt_Out": number % 5 == 0,
        "Mailing_Street": f"High Street {number}",
        "Mailing_City": "Leeds",
        "Mailing_State": None,
        "Mailing_Zip": "LS1",
        "Mailing_Country": "GB",
        "Member_No": None,
        "Created_Time": zoho_time(at(60 * 24 * 400)),
        "Modified_Time": zoho_time(modified),
        **values,
    }


def contacts(count: int, **values: Any) -> list[Record]:
    """Contacts of which one is modified a minute after the other, the last one an hour ago."""
    return [contact(number, at(60 + count - 1 - number), **values) for number in range(count)]


def account_obj(number: int, modified: datetime, **values: Any) -> Record:
    """A customer (客户) with every declared field, as Fxiaoke sends it; derived fields included."""
    return {
        "_id": f"{number:032x}",
        "account_no": f"C{number:05d}",
        "name": f"上海示例{number}有限公司",
        "uniform_social_credit_code": None,
        "account_type": "1",
        "account_level": "3",
        "account_source": None,
        "industry_level1": "20",
        "tel": "021-12345678",
        "url": None,
        "country": "248",
        "country__r": "中国",
        "province": "265",
        "province__r": "上海市",
        "city": None,
        "district": None,
        "address": f"南京路{number}号",
        "owner": ["FSUID_1"],
        "owner__r": {"id": "FSUID_1", "name": "蒋小川", "phone": "13800000000"},
        "owner__l": [{"id": "FSUID_1", "name": "蒋小川"}],
        "deal_status": "1",
        "life_status": "normal",
        "is_deleted": False,
        "create_time": millis(at(60 * 24 * 400)),
        "last_modified_time": millis(modified),
        **values,
    }


def millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _choice(**labels: str) -> Record:
    options = [{"label": label, "value": code.removeprefix("_")} for code, label in labels.items()]
    return {"type": "select_one", "options": options}


ACCOUNT_FIELDS: dict[str, Record] = {
    **{name: {"type": "text"} for name in account_obj(1, NOW) if "__" not in name},
    "account_type": _choice(_1="企业客户", _2="个人客户"),
    "account_level": _choice(_1="重要客户", _3="普通客户"),
    "deal_status": _choice(_1="未成交", _2="已成交"),
    "life_status": _choice(normal="正常", invalid="作废"),
    "last_modified_time": {"type": "date_time"},
    "create_time": {"type": "date_time"},
}


@dataclass
class Dock:
    """Pulls from one server and loads what was landed, with the waits that were asked for instead of waited."""

    landing: Path
    con: duckdb.DuckDBPyConnection
    server: ZohoServer | FxiaokeServer
    declaration: SourceObject
    waits: list[float] = field(default_factory=list)

    def pull(self, now: datetime = NOW) -> Pulled:
        make = zoho_connector if isinstance(self.server, ZohoServer) else fxiaoke_connector
        connector = make(self.declaration, self.server.environment, self.waits.append)
        assert connector is not None
        return pull_object(connector, self.declaration, self.landing, now, progress=lambda _: None)

    def load(self) -> list[LoadOutcome]:
        moment = (NOW + timedelta(minutes=1)).replace(tzinfo=None)
        outcomes = load_object(self.con, self.declaration, self.landing, moment, progress=lambda _: None)
        _, problems = reconcile(self.con, [self.declaration])
        assert problems == []
        return outcomes

    def run(self, now: datetime = NOW) -> Pulled:
        pulled = self.pull(now)
        self.load()
        return pulled

    @property
    def files(self) -> list[str]:
        """What lies in the folder of pulls, parts included."""
        folder = self.landing / self.declaration.system / PULLED
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    def newest(self, *titles: str) -> list[tuple[Any, ...]]:
        """The version of each record that holds, by key, deleted ones left out."""
        key, cursor = quote_identifier(self.declaration.key[0]), quote_identifier(str(self.declaration.cursor))
        names = ", ".join(quote_identifier(title) for title in titles)
        return self.query(
            f"select {names} from (from raw.{quote_identifier(self.declaration.table)} qualify row_number() over"
            f" (partition by {key} order by {cursor} desc, _file desc, _row_number desc) = 1)"
            f" where not coalesce(_deleted, false) order by {key}"
        )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self.con.execute(sql).fetchall()

    def raw_count(self) -> int:
        return self.query(f"select count(*) from raw.{quote_identifier(self.declaration.table)}")[0][0]
