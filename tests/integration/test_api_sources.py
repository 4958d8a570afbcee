"""Objects pulled from Zoho CRM and Fxiaoke: what is in the source is in raw, whatever goes wrong on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from dagster_project.ingest.connectors import http, make_connector
from dagster_project.ingest.connectors.fxiaoke import fxiaoke_connector
from dagster_project.ingest.connectors.zoho import zoho_connector
from dagster_project.ingest.declaration import SourceObject
from dagster_project.ingest.errors import PullRefused
from dagster_project.warehouse import connect
from tests.integration.api_company import (
    ACCOUNT_FIELDS,
    NOW,
    OWNERS,
    Dock,
    account_obj,
    at,
    contact,
    contacts,
    declared,
    millis,
    zoho_time,
)
from tests.servers import fxiaoke, zoho
from tests.servers.fxiaoke import FxiaokeServer
from tests.servers.http import BROKEN_JSON, CUT_OFF, HTML, Fault
from tests.servers.zoho import ZohoServer

LIST = "/crm/v8/Contacts"
QUERY = "/cgi/crm/v2/data/query"
SECRETS = [*zoho.SECRETS.values(), *fxiaoke.SECRETS.values(), "access.token", "CORPACCESSTOKEN"]


@pytest.fixture(autouse=True)
def no_tokens_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_tokens", {})


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[Dock]:
    """450 contacts in Zoho: three pages."""
    with ZohoServer({"Contacts": contacts(450)}) as server, connect(":memory:") as con:
        yield Dock(tmp_path, con, server, declared("zoho_crm.contacts"))


@pytest.fixture
def sales(tmp_path: Path) -> Iterator[Dock]:
    """250 customers in Fxiaoke: three pages."""
    records = [account_obj(number, at(60 + 249 - number)) for number in range(250)]
    with (
        FxiaokeServer({"AccountObj": records}, {"AccountObj": ACCOUNT_FIELDS}) as server,
        connect(":memory:") as con,
    ):
        yield Dock(tmp_path, con, server, declared("fxiaoke.accounts"))


@pytest.fixture(params=["crm", "sales"])
def dock(request: pytest.FixtureRequest) -> Dock:
    """Either of them, for what holds for every API."""
    return request.getfixturevalue(request.param)


def records_of(dock: Dock) -> dict[str, dict[str, Any]]:
    server = dock.server
    return server.modules["Contacts"] if isinstance(server, ZohoServer) else server.objects["AccountObj"]


def list_path(dock: Dock) -> str:
    return LIST if isinstance(dock.server, ZohoServer) else QUERY


def edit(dock: Dock, key: str, moment: datetime, name: str) -> None:
    """Somebody gives a record another name."""
    if isinstance(dock.server, ZohoServer):
        dock.server.change("Contacts", key, zoho_time(moment), Last_Name=name)
    else:
        dock.server.objects["AccountObj"][key] |= {"name": name, "last_modified_time": millis(moment)}


def names_in_source(dock: Dock) -> list[str]:
    field = "Last_Name" if isinstance(dock.server, ZohoServer) else "name"
    return [record[field] for _, record in sorted(records_of(dock).items())]


def names_in_raw(dock: Dock) -> list[str]:
    title = "Last Name" if isinstance(dock.server, ZohoServer) else "客户名称"
    return [row[0] for row in dock.newest(title)]


def refusal(dock: Dock) -> str:
    """The message of a pull that must be refused; nothing is landed, and no secret or name is told."""
    before = dock.files
    with pytest.raises(PullRefused) as refused:
        dock.pull()
    assert dock.files == before
    message = str(refused.value)
    assert message.startswith(f"{dock.declaration.qualified_name}: ")
    assert "Nothing of this pull was landed" in message
    assert not any(secret in message for secret in [*SECRETS, "Ada", "Keller", "示例"])
    return message


# What is in the source is in raw.


def test_every_contact_is_landed_and_loaded_as_it_is(crm: Dock) -> None:
    pulled = crm.run()
    assert (pulled.rows, pulled.known, crm.raw_count()) == (450, 0, 450)
    title_of = {column.field or title: title for title, column in crm.declaration.columns.items()}
    fields = [field for field in title_of if field != "Deleted Time"]
    loaded = crm.newest(*(title_of[field] for field in fields))

    def value(record: dict[str, Any], field: str) -> Any:
        base, _, part = field.partition(".")
        inner = record[base] and record[base][part] if part else record[base]
        if field == "id":
            return f"zcrm_{inner}"
        if field in ("Created_Time", "Modified_Time"):
            return datetime.fromisoformat(inner).astimezone(UTC).replace(tzinfo=None)
        return datetime.fromisoformat(inner).date() if field == "Date_of_Birth" else inner

    expected = [tuple(value(record, field) for field in fields) for _, record in sorted(records_of(crm).items())]
    assert loaded == expected
    # What nobody declared is kept, under its place.
    undeclared = json.loads(crm.query("select _undeclared from raw.zoho_crm__contacts limit 1")[0][0])
    assert undeclared["Owner.email"] == "owner@example.com"


def test_every_customer_is_landed_and_loaded_as_it_is(sales: Dock) -> None:
    pulled = sales.run()
    assert (pulled.rows, pulled.known, sales.raw_count()) == (250, 0, 250)
    loaded = sales.newest("唯一性ID", "客户名称", "客户级别", "省", "市", "负责人", "生命状态", "最后修改时间", "作废")
    assert loaded == [
        (
            record["_id"],
            record["name"],
            "普通客户",
            "上海市",
            None,
            "蒋小川",
            "正常",
            datetime.fromtimestamp(record["last_modified_time"] / 1000, UTC).replace(tzinfo=None),
            False,
        )
        for _, record in sorted(records_of(sales).items())
    ]
    # Fields that Fxiaoke derives from others are kept only where they are declared.
    assert sales.query("select count(*) from raw.fxiaoke__accounts where _undeclared like '%13800000000%'") == [(0,)]


def test_the_same_source_gives_the_same_bytes(dock: Dock) -> None:
    first = dock.pull()
    assert first.file is not None
    content = first.file.read_bytes()
    first.file.unlink()
    second = dock.pull()
    assert second.file is not None
    assert (second.file.name, second.file.read_bytes()) == (first.file.name, content)


def test_only_changes_are_pulled_again(dock: Dock) -> None:
    dock.run()
    key = sorted(records_of(dock))[3]
    edit(dock, key, at(-30), "Renamed")
    later = NOW + timedelta(hours=1)
    pulled = dock.run(later)
    assert (pulled.rows, len(dock.files)) == (1, 2)
    assert names_in_raw(dock) == names_in_source(dock)
    assert dock.run(later + timedelta(hours=1)).file is None  # nothing new leaves no file


def test_nothing_new_is_answered_with_304(crm: Dock) -> None:
    crm.run()
    records_of(crm).clear()
    assert crm.run(NOW + timedelta(hours=1)).file is None


def test_an_empty_source_is_no_error(crm: Dock) -> None:
    records_of(crm).clear()
    assert crm.run().file is None
    assert crm.raw_count() == 0


def test_late_data_inside_the_overlap_is_found(dock: Dock) -> None:
    """A row that was committed after the pull with a time before it, as databases of many nodes do."""
    dock.run()
    late = at(60 + 30)
    if isinstance(dock.server, ZohoServer):
        record = contact(9000, late, Last_Name="Late")
        dock.server.modules["Contacts"][record["id"]] = record
    else:
        record = account_obj(9000, late, name="Late")
        dock.server.objects["AccountObj"][record["_id"]] = record
    pulled = dock.run(NOW + timedelta(hours=1))
    assert pulled.rows == 1
    assert "Late" in names_in_raw(dock)


def test_a_clock_that_is_ahead_loses_nothing(dock: Dock) -> None:
    """Times two hours ahead of ours must not become a limit behind which later changes are missed."""
    first, second = sorted(records_of(dock))[:2]
    edit(dock, first, NOW + timedelta(hours=2), "Ahead")
    dock.run()
    edit(dock, second, NOW + timedelta(minutes=20), "After that")
    assert dock.run(NOW + timedelta(minutes=30)).rows == 1
    assert names_in_raw(dock) == names_in_source(dock)
    # The row from the future comes again, but is known.
    edit(dock, second, NOW + timedelta(hours=30), "Later still")
    assert dock.run(NOW + timedelta(hours=30)).rows == 1
    assert dock.query("select sum(rows_duplicate) from raw.load_log") == [(0,)]


# Tokens.


def test_tokens_that_expire_between_pages_are_renewed(dock: Dock) -> None:
    server = dock.server
    if isinstance(server, ZohoServer):
        server.requests_per_token = 2
    else:
        server.queries_per_token = 2
    dock.run()
    assert names_in_raw(dock) == names_in_source(dock)
    assert sum(token != "expired" for token in server.tokens) >= 2


def test_one_token_serves_all_objects_of_a_process(crm: Dock) -> None:
    """Zoho gives ten access tokens in ten minutes; a run pulls six objects."""
    assert isinstance(crm.server, ZohoServer)
    for _ in range(6):
        crm.pull()
    assert len(crm.server.tokens) == 1


def test_a_token_that_is_refused_again_is_not_asked_for_for_ever(dock: Dock) -> None:
    if isinstance(dock.server, ZohoServer):
        dock.server.requests_per_token = 0
        assert "401 (INVALID_TOKEN)" in refusal(dock)
    else:
        dock.server.queries_per_token = 0
        assert "error 20016" in refusal(dock)
    assert sum(token != "expired" for token in dock.server.tokens) == 2


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        ("GOLDEN_ZOHO_CLIENT_SECRET", "invalid_client"),
        ("GOLDEN_ZOHO_REFRESH_TOKEN", "invalid_code"),
    ],
)
def test_wrong_zoho_secrets(crm: Dock, variable: str, told: str) -> None:
    connector = zoho_connector(crm.declaration, crm.server.environment | {variable: "1000.wrong-one"}, crm.waits.append)
    assert connector is not None
    with pytest.raises(PullRefused) as refused:
        next(connector.rows(None))
    assert told in str(refused.value)
    assert "wrong-one" not in str(refused.value)
    assert "docs/sources.md" in str(refused.value) or "ACCOUNTS_URL" in str(refused.value)


def test_too_many_zoho_tokens(crm: Dock) -> None:
    assert isinstance(crm.server, ZohoServer)
    crm.server.is_throttled = True
    assert "Ten tokens in ten minutes" in refusal(crm)


def test_wrong_fxiaoke_secrets(sales: Dock) -> None:
    environment = sales.server.environment | {"GOLDEN_FXIAOKE_APP_SECRET": "wrong-one"}
    connector = fxiaoke_connector(sales.declaration, environment, sales.waits.append)
    assert connector is not None
    with pytest.raises(PullRefused, match=r"error 10006.*Check APP_ID, APP_SECRET and PERMANENT_CODE") as refused:
        next(connector.rows(None))
    assert "wrong-one" not in str(refused.value)


def test_a_missing_scope_is_told(crm: Dock) -> None:
    assert isinstance(crm.server, ZohoServer)
    crm.server.missing_scope = True
    assert "lacks a scope" in refusal(crm)


# Credentials.


@pytest.mark.parametrize("name", ["zoho_crm.contacts", "fxiaoke.accounts"])
def test_without_credentials_nothing_is_pulled(name: str, tmp_path: Path) -> None:
    assert make_connector(declared(name), tmp_path, {}) is None


@pytest.mark.parametrize(
    ("name", "environment"),
    [("zoho_crm.contacts", dict(zoho.SECRETS)), ("fxiaoke.accounts", dict(fxiaoke.SECRETS))],
)
def test_incomplete_credentials_are_told(name: str, environment: dict[str, str], tmp_path: Path) -> None:
    missing, _ = environment.popitem()
    with pytest.raises(PullRefused, match=f"{missing} is not set"):
        make_connector(declared(name), tmp_path, environment)


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("zoho_crm.contacts", zoho.SECRETS | {"GOLDEN_ZOHO_ACCOUNTS_URL": "http://accounts.zoho.example"}),
        ("fxiaoke.accounts", fxiaoke.SECRETS | {"GOLDEN_FXIAOKE_API_URL": "http://open.fxiaoke.example"}),
    ],
)
def test_secrets_are_not_sent_without_encryption(name: str, environment: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(PullRefused, match="not an https:// address"):
        make_connector(declared(name), tmp_path, environment)


@pytest.mark.parametrize(
    ("name", "environment"), [("zoho_crm.contacts", zoho.SECRETS), ("fxiaoke.accounts", fxiaoke.SECRETS)]
)
def test_a_connector_shows_no_secret(name: str, environment: dict[str, str], tmp_path: Path) -> None:
    connector = make_connector(declared(name), tmp_path, environment)
    assert not any(secret in repr(connector) for secret in environment.values())
    assert "secret" not in repr(http.Token("secret", 0.0, {"corpId": "secret"}))


# Throttling and failures that pass.


def test_retry_after_in_seconds(dock: Dock) -> None:
    dock.server.fail(list_path(dock), Fault(429, headers={"Retry-After": "7"}))
    dock.run()
    assert 7 in dock.waits
    assert names_in_raw(dock) == names_in_source(dock)


def test_retry_after_as_a_date(dock: Dock) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    dock.server.fail(list_path(dock), Fault(429, headers={"Retry-After": until}))
    dock.run()
    assert any(30 < wait <= 90 for wait in dock.waits)
    assert names_in_raw(dock) == names_in_source(dock)


def test_a_retry_after_that_nobody_can_read(dock: Dock) -> None:
    dock.server.fail(list_path(dock), Fault(429, headers={"Retry-After": "soon"}))
    dock.run()
    assert 1 in dock.waits
    assert names_in_raw(dock) == names_in_source(dock)


def test_a_pause_too_long_is_refused_at_once(dock: Dock) -> None:
    dock.server.fail(list_path(dock), Fault(429, headers={"Retry-After": "7200"}))
    message = refusal(dock)
    assert "429" in message
    assert "7,200 s" in message
    assert dock.waits == []


def test_errors_500_that_pass(dock: Dock) -> None:
    dock.server.fail(list_path(dock), *[Fault(500)] * 3)
    dock.run()
    assert [wait for wait in dock.waits if wait >= 1] == [1, 2, 4]
    assert names_in_raw(dock) == names_in_source(dock)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(500), "500"),
        (Fault(503), "503"),
        (Fault(429), "429"),
        (BROKEN_JSON, "not a JSON object"),
        (Fault(200, "[1, 2]"), "not a JSON object"),
        (Fault(200, ""), "not a JSON object"),
        (CUT_OFF, "broke off"),
    ],
    ids=["500", "503", "429", "invalid JSON", "a list", "empty", "truncated"],
)
def test_failures_for_ever_are_refused(dock: Dock, fault: Fault, told: str) -> None:
    """Nothing is landed by half, the waiting has an end, what was landed before is loaded, and the next pull is whole."""
    edit(dock, sorted(records_of(dock))[0], at(50), "Before")
    dock.run()
    loaded = names_in_raw(dock)
    edit(dock, sorted(records_of(dock))[1], at(-5), "Missed")
    dock.server.fail(list_path(dock), *[fault] * http.ATTEMPTS)
    message = refusal(dock)
    assert told in message
    assert list_path(dock) in message
    assert sum(dock.waits) <= http.MAX_WAIT_SECONDS
    dock.load()
    assert names_in_raw(dock) == loaded
    dock.run(NOW + timedelta(minutes=10))
    assert names_in_raw(dock) == names_in_source(dock)


@pytest.mark.parametrize("fault", [BROKEN_JSON, CUT_OFF], ids=["invalid JSON", "truncated"])
def test_a_damaged_answer_is_asked_for_again(dock: Dock, fault: Fault) -> None:
    dock.server.fail(list_path(dock), fault)
    dock.run()
    assert names_in_raw(dock) == names_in_source(dock)


def test_the_waiting_of_a_pull_is_bounded_over_all_its_requests(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_WAIT_SECONDS", 20)
    for number in (1, 2):
        dock.server.before[number] = lambda: dock.server.fail(
            list_path(dock), Fault(429, headers={"Retry-After": "11"})
        )
    assert "429" in refusal(dock)
    assert sum(wait for wait in dock.waits if wait >= 1) <= 20


def test_a_web_page_in_place_of_json_is_refused_with_a_hint(dock: Dock) -> None:
    dock.server.fail(list_path(dock), HTML)
    assert "web page (HTML)" in refusal(dock)
    assert dock.waits == []


def test_a_redirect_is_refused_with_a_hint(dock: Dock) -> None:
    dock.server.fail(list_path(dock), Fault(302, "", {"Location": "https://www.example.com/login"}))
    message = refusal(dock)
    assert "redirects elsewhere" in message
    assert "www.example.com" not in message


def test_an_answer_in_time_after_one_that_was_not(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TIMEOUT_SECONDS", (1, 0.5))
    dock.server.fail(list_path(dock), Fault(200, silence=1.5))
    dock.run()
    assert names_in_raw(dock) == names_in_source(dock)


def test_no_answer_in_time_is_refused(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TIMEOUT_SECONDS", (1, 0.1))
    dock.server.fail(list_path(dock), *[Fault(200, silence=0.5)] * http.ATTEMPTS)
    assert "did not answer in time" in refusal(dock)


def test_a_server_that_is_not_there_is_refused(dock: Dock) -> None:
    dock.server.__exit__()
    assert "could not be reached" in refusal(dock)


def test_a_failure_on_page_three_loses_nothing(dock: Dock) -> None:
    dock.server.before[2] = lambda: dock.server.fail(list_path(dock), *[Fault(500)] * http.ATTEMPTS)
    refusal(dock)
    assert dock.files == []
    assert dock.run().rows == len(records_of(dock))
    assert names_in_raw(dock) == names_in_source(dock)


@pytest.mark.parametrize("code", [30004, 14001, -1, 50009])
def test_fxiaoke_called_too_often(sales: Dock, code: int) -> None:
    assert isinstance(sales.server, FxiaokeServer)
    sales.server.codes = [code, code]
    sales.run()
    assert [wait for wait in sales.waits if wait >= 1] == [1, 2]
    assert names_in_raw(sales) == names_in_source(sales)


@pytest.mark.parametrize(
    ("code", "advice"), [(30002, "used up"), (30003, "bought no OpenAPI calls"), (20021, "Enable")]
)
def test_fxiaoke_errors_that_do_not_pass(sales: Dock, code: int, advice: str) -> None:
    assert isinstance(sales.server, FxiaokeServer)
    sales.server.codes = [code]
    message = refusal(sales)
    assert f"error {code}" in message
    assert advice in message
    assert [wait for wait in sales.waits if wait >= 1] == []


# Pages.


def test_the_same_page_again_and_again_is_refused(crm: Dock) -> None:
    assert isinstance(crm.server, ZohoServer)
    crm.server.repeats_for_ever = True
    assert "the same page again" in refusal(crm)


def test_the_same_records_again_and_again_are_refused(sales: Dock) -> None:
    assert isinstance(sales.server, FxiaokeServer)
    sales.server.ignores_filters = True
    assert "the same page again" in refusal(sales)


def test_pages_without_end_are_refused(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_PAGES", 12)
    dock.server.pages_for_ever = True
    assert "does not come to an end: 12 pages" in refusal(dock)


def test_thousands_of_records_of_one_second(crm: Dock) -> None:
    """A mass update: 2,600 records have the same time, so only page tokens lead through them."""
    same = zoho_time(at(120))
    for number in range(450, 2850):
        record = contact(number, at(120))
        records_of(crm)[record["id"]] = record
    for record in records_of(crm).values():
        record["Modified_Time"] = same if int(record["id"]) % 2850 else record["Modified_Time"]
    crm.run()
    assert crm.raw_count() == 2850
    asked = [request.parameters for request in crm.server.asked if request.path == LIST]
    assert any("page_token" in parameters for parameters in asked)
    assert not any("page" in parameters for parameters in asked)


@pytest.mark.parametrize("is_limit_included", [True, False])
def test_a_page_that_ends_within_a_second(crm: Dock, is_limit_included: bool) -> None:
    """Seven records in every second: those behind the end of a page have the time of its last row."""
    assert isinstance(crm.server, ZohoServer)
    crm.server.is_limit_included = is_limit_included
    for number, record in enumerate(records_of(crm).values()):
        record["Modified_Time"] = zoho_time(at(120) + timedelta(seconds=number // 7))
    crm.run()
    assert crm.raw_count() == 450
    assert crm.query("select sum(rows_duplicate) from raw.load_log") == [(0,)]


def test_a_page_token_that_expires_is_replaced(crm: Dock) -> None:
    assert isinstance(crm.server, ZohoServer)
    for record in records_of(crm).values():
        record["Modified_Time"] = zoho_time(at(120))
    crm.server.expired_page_tokens = 1
    crm.run()
    assert crm.raw_count() == 450


def test_records_that_are_edited_while_pages_are_read(dock: Dock) -> None:
    """An edited record moves to the end of a list by time, and all behind it move up by one."""
    keys = sorted(records_of(dock))
    dock.server.before[2] = lambda: [edit(dock, key, NOW, "Edited") for key in keys[:5]]
    dock.run()
    dock.run(NOW + timedelta(minutes=1))
    assert names_in_raw(dock) == names_in_source(dock)


def test_records_that_are_deleted_while_pages_are_read(dock: Dock) -> None:
    """Behind a deleted record all others move up: what was first on page 2 is last on page 1, which was read already."""
    keys = sorted(records_of(dock))
    server = dock.server

    def delete() -> None:
        for key in keys[:5]:
            if isinstance(server, ZohoServer):
                server.delete("Contacts", key, zoho_time(NOW))
            else:
                server.invalidate("AccountObj", key, millis(NOW))

    server.before[2] = delete
    dock.run()
    dock.run(NOW + timedelta(minutes=1))
    expected = [name for key, name in zip(keys, names_in_source_with(dock, keys), strict=True) if key not in keys[:5]]
    assert names_in_raw(dock) == expected


def names_in_source_with(dock: Dock, keys: list[str]) -> list[str]:
    field = "Last_Name" if isinstance(dock.server, ZohoServer) else "name"
    return [records_of(dock).get(key, {}).get(field, "") for key in keys]


@pytest.mark.parametrize("request_number", [2, 3, 4])
@pytest.mark.parametrize("event", ["edit", "delete", "insert"])
def test_records_of_one_second_that_move_while_pages_are_read(crm: Dock, event: str, request_number: int) -> None:
    """Within one second only places lead on; a record that slipped to a page already read is found by asking again."""
    assert isinstance(crm.server, ZohoServer)
    server, keys = crm.server, sorted(records_of(crm))
    for record in records_of(crm).values():
        record["Modified_Time"] = zoho_time(at(120))

    def move() -> None:
        if event == "insert":
            record = contact(-1, at(120), Last_Name="Inserted")
            server.modules["Contacts"][record["id"]] = record
        for key in keys[:3]:
            if event == "edit":
                server.change("Contacts", key, zoho_time(at(1)), Last_Name="Edited")
            elif event == "delete":
                server.delete("Contacts", key, zoho_time(at(1)))

    server.before[request_number] = move
    crm.run()
    assert names_in_raw(crm) == names_in_source(crm)


def test_records_that_never_stand_still_are_refused(crm: Dock) -> None:
    assert isinstance(crm.server, ZohoServer)
    server, keys = crm.server, iter(sorted(records_of(crm)))
    for record in records_of(crm).values():
        record["Modified_Time"] = zoho_time(at(120))

    def restless() -> None:
        record = contact(int(next(keys)) % 1000 - 2000, at(120))
        server.modules["Contacts"][record["id"]] = record

    for number in range(1, 200):
        server.before[number] = restless
    assert "faster than they can be read" in refusal(crm)


# Fields.


def test_a_field_that_nobody_declared_is_kept(dock: Dock) -> None:
    for record in records_of(dock).values():
        record["+"] = {"Loyalty_Card": "4711"}
    dock.run()
    table = dock.declaration.table
    assert dock.query(f"select distinct _undeclared ->> 'Loyalty_Card' from raw.{table}") == [("4711",)]


def test_a_field_that_vanished_is_refused_by_the_load(dock: Dock) -> None:
    """Also when a deletion comes with it: deletions have no values and must not hide that a field is gone."""
    dock.run()
    loaded = dock.raw_count()
    field, title = ("Mobile", "Mobile") if isinstance(dock.server, ZohoServer) else ("tel", "电话")
    keys = sorted(records_of(dock))
    if isinstance(dock.server, ZohoServer):
        dock.server.delete("Contacts", keys[9], zoho_time(at(-5)))
        for record in records_of(dock).values():
            record.pop(field)
    else:
        dock.server.fields = {"AccountObj": {name: f for name, f in ACCOUNT_FIELDS.items() if name != field}}
    edit(dock, keys[0], at(-5), "Renamed")
    dock.pull(NOW + timedelta(minutes=10))
    outcomes = dock.load()
    assert [outcome.status for outcome in outcomes] == ["known", "refused"]
    assert f"column '{title}' is missing" in outcomes[-1].message
    assert dock.raw_count() == loaded


def test_a_field_without_any_value_is_not_missing(dock: Dock) -> None:
    dock.run()
    field = "Mobile" if isinstance(dock.server, ZohoServer) else "owner"
    for record in records_of(dock).values():
        record[field] = None
        record.pop("owner__r", None)
    edit(dock, sorted(records_of(dock))[0], at(-5), "Renamed")
    dock.run(NOW + timedelta(minutes=10))
    assert names_in_raw(dock) == names_in_source(dock)


def test_amounts_keep_their_digits(crm: Dock) -> None:
    next(iter(records_of(crm).values()))["+"] = {"Credit": 1234567890.10}
    pulled = crm.pull()
    assert pulled.file is not None
    assert '"Credit":"1234567890.1"' in pulled.file.read_text(encoding="utf-8")


def test_more_fields_than_zoho_gives_are_refused(crm: Dock) -> None:
    extra = {f"Extra {number}": {"type": "string", "optional": True} for number in range(40)}
    columns = {title: column.model_dump() for title, column in crm.declaration.columns.items()} | extra
    crm.declaration = SourceObject.model_validate(crm.declaration.model_dump() | {"columns": columns})
    assert "Zoho gives 50 at most" in refusal(crm)


# Deletions.


def test_deletions_are_rows(dock: Dock) -> None:
    dock.run()
    keys = sorted(records_of(dock))
    for key in keys[:2]:
        if isinstance(dock.server, ZohoServer):
            dock.server.delete("Contacts", key, zoho_time(at(-5)), kind="permanent")
        else:
            dock.server.invalidate("AccountObj", key, millis(at(-5)))
    assert dock.run(NOW + timedelta(minutes=10)).rows == 2
    assert len(names_in_raw(dock)) == len(keys) - 2
    table = dock.declaration.table
    assert dock.query(f"select count(*) from raw.{table} where _deleted") == [(2,)]
    assert dock.query("select count(*) from raw.quarantine") == [(0,)]
    # They are asked for again within the overlap, and known.
    assert dock.run(NOW + timedelta(minutes=20)).file is None


def test_deletions_hold_nothing_but_the_key(crm: Dock) -> None:
    assert isinstance(crm.server, ZohoServer)
    crm.run()
    crm.server.delete("Contacts", min(records_of(crm)), zoho_time(at(-5)))
    pulled = crm.pull(NOW + timedelta(minutes=10))
    assert pulled.file is not None
    row = json.loads(pulled.file.read_text(encoding="utf-8"))
    values = {title: value for title, value in row.items() if value is not None}
    assert values.keys() == {"Record Id", "Deleted Time", "Modified Time"}


def test_many_deletions_that_move_while_pages_are_read(crm: Dock) -> None:
    assert isinstance(crm.server, ZohoServer)
    server = crm.server
    crm.run()
    for key in sorted(records_of(crm))[:430]:
        server.delete("Contacts", key, zoho_time(at(-5)))
    # Records and deletions: the second page of the deletions is the fourth list that is asked for.
    lists = sum(server.is_list(request) for request in server.asked)
    server.before[lists + 3] = lambda: server.deleted["Contacts"].pop(0)
    crm.run(NOW + timedelta(minutes=10))
    deleted = {f"zcrm_{item['id']}" for item in server.deleted["Contacts"]}
    landed = {row[0] for row in crm.query('select "Record Id" from raw.zoho_crm__contacts where _deleted')}
    assert deleted <= landed


# Other objects of the two systems.


def test_activities_come_from_three_modules(tmp_path: Path) -> None:
    common = {"Owner": OWNERS[0], "Who_Id": {"name": "Ada Keller", "id": "1"}, "What_Id": None, "$se_module": None}
    times = {"Created_Time": zoho_time(at(600)), "Modified_Time": zoho_time(at(500))}
    call = {"id": "11", "Subject": "Follow-up", "Call_Type": "Outbound", "Call_Duration_in_seconds": 95}
    event = {"id": "12", "Event_Title": "Store visit", "Start_DateTime": zoho_time(at(400)), "End_DateTime": None}
    task = {"id": "13", "Subject": "Send quote", "Status": "Not Started", "Due_Date": "2024-06-01"}
    modules = {"Calls": [call | common | times], "Events": [event | common | times], "Tasks": [task | common | times]}
    with ZohoServer(dict(modules)) as server, connect(":memory:") as con:
        dock = Dock(tmp_path, con, server, declared("zoho_crm.activities"))
        dock.run()
        assert dock.newest("Record Id", "Activity Type", "Subject", "Contact Name.id") == [
            ("zcrm_11", "Calls", "Follow-up", "zcrm_1"),
            ("zcrm_12", "Meetings", "Store visit", "zcrm_1"),
            ("zcrm_13", "Tasks", "Send quote", "zcrm_1"),
        ]
        # A pull that brings only one kind lacks no column.
        server.change("Tasks", "13", zoho_time(at(-5)), Status="Completed")
        dock.run(NOW + timedelta(minutes=10))
        assert [outcome.status for outcome in dock.load()] == ["known", "known"]
        assert ("zcrm_13", "Completed") in dock.newest("Record Id", "Status")


def test_converted_leads_are_asked_for(tmp_path: Path) -> None:
    with ZohoServer({"Leads": []}) as server, connect(":memory:") as con:
        Dock(tmp_path, con, server, declared("zoho_crm.leads")).run()
        assert {request.parameters.get("converted") for request in server.asked if request.path == "/crm/v8/Leads"} == {
            "both"
        }


def test_users_are_a_snapshot(tmp_path: Path) -> None:
    def user(number: int, status: str) -> dict[str, Any]:
        return {
            "id": str(410000 + number),
            "full_name": f"User {number}",
            "first_name": "User",
            "last_name": str(number),
            "email": f"user.{number}@example.com",
            "role": {"name": "Sales Rep", "id": "1"},
            "profile": {"name": "Standard", "id": "2"},
            "status": status,
            "created_time": zoho_time(at(9000)),
            "Modified_Time": zoho_time(at(8000)),
        }

    with ZohoServer({}) as server, connect(":memory:") as con:
        server.users = [user(number, "active") for number in range(250)]
        dock = Dock(tmp_path, con, server, declared("zoho_crm.owners"))
        dock.run()
        assert dock.run().file is None  # the same team is landed once
        server.users = server.users[:249]
        dock.run(NOW + timedelta(hours=1))
        assert len(dock.newest("Record Id")) == 249
        assert ("zcrm_410000", "Sales Rep") in dock.newest("Record Id", "Role")


def test_objects_of_ones_own_have_another_address(tmp_path: Path) -> None:
    declaration = declared("fxiaoke.accounts")
    pull = declaration.model_dump()["pull"] | {"source": "object_8W9cb__c"}
    declaration = SourceObject.model_validate(declaration.model_dump() | {"pull": pull})
    records = {"object_8W9cb__c": [account_obj(1, at(90))]}
    with FxiaokeServer(dict(records), {"object_8W9cb__c": ACCOUNT_FIELDS}) as server, connect(":memory:") as con:
        dock = Dock(tmp_path, con, server, declaration)
        assert dock.run().rows == 1
        assert any(request.path == "/cgi/crm/custom/v2/data/query" for request in server.asked)


# The test servers refuse what the documentation refuses: else the tests above would prove nothing.


@pytest.mark.parametrize(
    ("path", "parameters", "status", "code"),
    [
        (LIST, {}, 400, "REQUIRED_PARAM_MISSING"),
        (LIST, {"fields": "Email", "per_page": "201"}, 400, "INVALID_DATA"),
        (LIST, {"fields": ",".join(["Email"] * 51)}, 400, "LIMIT_EXCEEDED"),
        (LIST, {"fields": "Email", "page": "11"}, 400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED"),
        (LIST, {"fields": "Email", "page": "2", "page_token": "x"}, 400, "AMBIGUITY_DURING_PROCESSING"),
        (LIST, {"fields": "Email", "page_token": "x"}, 400, "TOKEN_BOUND_DATA_MISMATCH"),
        (LIST, {"fields": "Email", "sort_by": "Email"}, 400, "INVALID_DATA"),
        ("/crm/v8/Nonsense", {"fields": "Email"}, 400, "INVALID_MODULE"),
        (f"{LIST}/deleted", {"type": "some"}, 400, "PATTERN_NOT_MATCHED"),
        ("/crm/v2/Contacts", {"fields": "Email"}, 404, "INVALID_URL_PATTERN"),
    ],
)
def test_the_zoho_server_refuses(crm: Dock, path: str, parameters: dict[str, str], status: int, code: str) -> None:
    crm.pull()
    assert isinstance(crm.server, ZohoServer)
    headers = {"Authorization": f"Zoho-oauthtoken {crm.server.tokens[-1]}"}
    answer = requests.get(crm.server.url + path, params=parameters, headers=headers, timeout=5)
    body = answer.json()
    assert (answer.status_code, (body.get("data") or [body])[0]["code"]) == (status, code)
    refused = requests.get(crm.server.url + LIST, params={"fields": "Email"}, timeout=5)
    assert (refused.status_code, refused.json()["code"]) == (401, "INVALID_TOKEN")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"corpAccessToken": ""}, 20017),
        ({"corpAccessToken": "made up"}, 20016),
        ({"currentOpenUserId": "FSUID_OTHER"}, 20012),
        ({"query": {"limit": 101}}, 32000),
        ({"query": {"offset": 50}}, 32000),
        ({"query": {"offset": 10_100}}, 10013),
        ({"query": {"filters": [{"field_name": "name", "operator": "NEQ", "field_values": ["x"]}]}}, 32000),
        ({"query": {"filters": [{"field_name": "nonsense", "operator": "EQ", "field_values": ["x"]}]}}, 32000),
        ({"data": {"dataObjectApiName": "NonsenseObj"}}, 32000),
    ],
)
def test_the_fxiaoke_server_refuses(sales: Dock, change: dict[str, Any], code: int) -> None:
    sales.pull()
    sent = next(request for request in sales.server.asked if request.path == QUERY).body
    sent["data"]["search_query_info"] |= change.pop("query", {})
    sent["data"] |= change.pop("data", {})
    answer = requests.post(
        f"{sales.server.url}{QUERY}?thirdTraceId=5ea0422d-98e3-49e0-a3cb-9bd5517d1f30", json=sent | change, timeout=5
    )
    assert (answer.status_code, answer.json()["errorCode"]) == (200, code)
