"""纷享销客 Fxiaoke, OpenAPI: corporate access token, queries of CRM objects, labels of options, invalidated records.

`pull.source` is the API name of an object (AccountObj; own objects end in __c). `pull.options`: `deleted`, a condition
(field=value) for a second query that finds records that were invalidated (作废); by default `life_status=invalid`.
Environment, behind the prefix in `pull.credentials`: APP_ID, APP_SECRET, PERMANENT_CODE and USER_ID (FSUID_...: what this
user may see is what comes); API_URL for another cloud than open.fxiaoke.com.
Times come as milliseconds and leave as ISO 8601 (dates in the time zone of the declaration), single and multiple choices
come as codes and leave as the labels that an Excel export shows.
Belongs here: Fxiaoke's protocol. Does not belong here: waiting, retrying and broken answers (http.py), landing (pull.py).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dagster_project.ingest.connectors.http import (
    Answer,
    Chain,
    JsonApi,
    Token,
    base_address,
    credentials,
    shared_token,
)
from dagster_project.ingest.declaration import EXCEL_SERIAL, Column, SourceObject
from dagster_project.ingest.errors import PullRefused
from dagster_project.ingest.pull import Connector, Cursor, Row, by_title

LIMIT = 100
GAP_SECONDS = 0.2
"""Between two queries: an interface may be called 100 times in 20 seconds."""
SECRETS = ("APP_ID", "APP_SECRET", "PERMANENT_CODE", "USER_ID")
ID = "_id"
DERIVED = ("__r", "__l", "__o", "__v", "__p", "__e", "__relation_ids")
"""Endings of fields that Fxiaoke adds to those that were asked for; kept only where they are declared."""
_BUSY = {-2, -1, 14001, 30004, 50009}
_TOKEN_INVALID = {20005, 20016}
_ADVICE = {
    10006: "Check APP_ID, APP_SECRET and PERMANENT_CODE.",
    20006: "Check APP_ID and APP_SECRET.",
    20014: "The application may not see the data of this user; check USER_ID.",
    20015: "Check PERMANENT_CODE.",
    20016: "Check PERMANENT_CODE; the token was not accepted although it is new.",
    20017: "Check APP_ID and PERMANENT_CODE.",
    20021: "Enable the application again in Fxiaoke's administration.",
    20022: "Authorise the application in Fxiaoke's administration.",
    30002: "The calls of today are used up; they are counted anew from midnight, China time. Buy more, or pull less often.",
    30003: "The company has bought no OpenAPI calls; ask the administrator of Fxiaoke.",
}


def fxiaoke_connector(
    declaration: SourceObject, environment: Mapping[str, str], sleep: Callable[[float], None] = time.sleep
) -> Connector | None:
    """The connector of an object; None without credentials. Raises PullRefused when they are incomplete."""
    assert declaration.pull is not None
    prefix = declaration.pull.credentials
    secrets = credentials(declaration.qualified_name, prefix, SECRETS, environment)
    if secrets is None:
        return None
    url = environment.get(f"{prefix}_API_URL") or "https://open.fxiaoke.com"
    url = base_address(declaration.qualified_name, f"{prefix}_API_URL", url)
    return FxiaokeConnector(declaration, secrets, url, sleep)


class FxiaokeConnector:
    """Pulls one object. Records are read in the order of their ids, each page from the last id of the page before, so
    that what is modified or deleted meanwhile moves none of them; what is modified behind the reader comes next time.
    """

    def __init__(
        self, declaration: SourceObject, secrets: Mapping[str, str], url: str, sleep: Callable[[float], None]
    ) -> None:
        assert declaration.pull is not None
        self._declaration = declaration
        self._object = declaration.pull.source
        self._deleted = declaration.pull.options.get("deleted", "life_status=invalid")
        self._secrets = secrets
        self._url = url
        self._api = JsonApi(declaration.qualified_name, sleep)
        cursor = declaration.cursor
        self._cursor = (declaration.columns[cursor].field or cursor) if cursor else None

    def rows(self, since: Cursor | None) -> Iterator[list[Row]]:
        """Records modified at or after `since`, then those that were invalidated since. Raises PullRefused."""
        described = self._describe()
        filters: list[Row] = []
        if isinstance(since, datetime) and self._cursor is not None:
            filters = [_filter(self._cursor, "GTE", str(int(since.timestamp() * 1000)))]
        yield from self._query(described, filters)
        field, _, value = self._deleted.partition("=")
        if self._declaration.deletion_marker is not None and field in described:
            yield from self._query(described, [*filters, _filter(field, "EQ", value)])

    def _query(self, described: Mapping[str, Row], filters: list[Row]) -> Iterator[list[Row]]:
        custom = "/custom" if self._object.endswith("__c") else ""
        path = f"/cgi/crm{custom}/v2/data/query"
        projection = [name for name in _api_fields(self._declaration) if name in described or name == ID]
        chain = Chain(self._api, f"{self._url}{path}")
        last: str | None = None
        while True:
            if last is not None:
                self._api.pause(GAP_SECONDS)
            body = self._post(
                path,
                {
                    "dataObjectApiName": self._object,
                    "find_explicit_total_num": False,
                    "search_query_info": {
                        "offset": 0,
                        "limit": LIMIT,
                        "filters": filters if last is None else [*filters, _filter(ID, "GT", last)],
                        "orders": [{"fieldName": ID, "isAsc": True}],
                        "fieldProjection": projection,
                    },
                },
            )
            records = self._records_in(body, path)
            if not records:
                return
            chain.check(records[0].get(ID))
            last = str(records[-1].get(ID))
            yield [self._row(record, described) for record in records]

    def _records_in(self, body: Row, path: str) -> list[Row]:
        data = body.get("data")
        records = data.get("dataList") if isinstance(data, dict) else None
        if not isinstance(records, list) or not all(isinstance(record, dict) and record.get(ID) for record in records):
            raise self._api.refusal(
                f"{path} answered without a list of records that have an {ID}",
                "The answer is not what Fxiaoke documents; check API_URL, and whether the vendor changed the API.",
            )
        return records

    def _describe(self) -> dict[str, Row]:
        """The object's fields by name: which of the declared ones exist, and the labels of their options."""
        body = self._post("/cgi/crm/v2/object/describe", {"apiName": self._object}, includeDetail=False)
        data = body.get("data")
        described = data.get("describe") if isinstance(data, dict) else None
        fields = described.get("fields") if isinstance(described, dict) else None
        if not isinstance(fields, dict):
            raise self._api.refusal(
                f"the description of {self._object} has no fields",
                "Correct `pull.source`: it takes the API name of an object, such as AccountObj.",
            )
        return {name: field for name, field in fields.items() if isinstance(field, dict)}

    def _post(self, path: str, data: Row, **settings: object) -> Row:
        """The body of a good answer. Renews the access token once when it is not valid."""
        token = self._token()
        for renewed in (False, True):
            answer = self._api.send(
                "POST",
                f"{self._url}{path}",
                passing=_busy,
                params={"thirdTraceId": str(uuid.uuid4())},
                json={
                    "corpAccessToken": token.value,
                    "corpId": token.details["corpId"],
                    "currentOpenUserId": self._secrets["USER_ID"],
                    "includeNull": True,
                    **settings,
                    "data": data,
                },
            )
            code = _code(answer)
            if code == 0 and answer.body is not None:
                return answer.body
            if code in _TOKEN_INVALID and not renewed:
                token = self._token(rejected=token.value)
                continue
            raise self._refusal(path, answer)
        raise AssertionError("the second answer was returned or refused")

    def _token(self, rejected: str | None = None) -> Token:
        secrets = (self._url, *(self._secrets[name] for name in SECRETS[:3]))
        return shared_token(secrets, self._fetch_token, rejected=rejected)

    def _fetch_token(self) -> Token:
        path = "/cgi/corpAccessToken/get/V2"
        answer = self._api.send(
            "POST",
            f"{self._url}{path}",
            passing=_busy,
            params={"thirdTraceId": str(uuid.uuid4())},
            json={
                "appId": self._secrets["APP_ID"],
                "appSecret": self._secrets["APP_SECRET"],
                "permanentCode": self._secrets["PERMANENT_CODE"],
            },
        )
        body = answer.body or {}
        if _code(answer) != 0 or not body.get("corpAccessToken") or not body.get("corpId"):
            raise self._refusal(path, answer)
        until = time.monotonic() + float(body.get("expiresIn", 7200))
        return Token(str(body["corpAccessToken"]), until, {"corpId": str(body["corpId"])})

    def _refusal(self, path: str, answer: Answer) -> PullRefused:
        code = _code(answer)
        return self._api.refusal(
            f"{path} answered error {code if code is not None else 'without a code'} (status {answer.status})",
            _ADVICE.get(
                code or 0,
                "docs/sources.md says how Fxiaoke is connected; Fxiaoke's list of return codes (全局返回码) has the code.",
            ),
        )

    def _row(self, record: Row, described: Mapping[str, Row]) -> Row:
        """The record by declared title, with times and labels in place of milliseconds and codes."""
        declaration = self._declaration
        declared = {name for column in declaration.columns.values() for name in _alternatives(column)}
        bases = {name.split(".")[0] for name in declared}
        kept = {
            name: _labels(_declared_parts(name, value, declared), described.get(name, {}))
            for name, value in record.items()
            if name in bases or not name.endswith(DERIVED)
        }
        # A value that is not there is sent as null; where it is left out all the same, the description knows the field.
        kept |= {name: None for name in bases if name not in record and _underived(name) in described}
        row = by_title(kept, declaration)
        marker = declaration.deletion_marker
        if marker is not None:
            row[marker] = _is_deleted(record)
        for title, column in declaration.columns.items():
            if column.type in ("date", "timestamp") and title in row:
                row[title] = _moment(row[title], column, ZoneInfo(declaration.time_zone))
        return row


def _api_fields(declaration: SourceObject) -> list[str]:
    """API names to ask for: of `owner__r.name` it is owner, and always what says that a record was deleted."""
    names = [
        alternative.split(".")[0]
        for title, column in declaration.columns.items()
        for alternative in (_alternatives(column) or [title])
    ]
    return list(dict.fromkeys([ID, "last_modified_time", "is_deleted", "life_status", *map(_underived, names)]))


def _underived(name: str) -> str:
    return next((name.removesuffix(end) for end in DERIVED if name.endswith(end)), name)


def _declared_parts(name: str, value: Any, declared: set[str]) -> Any:  # noqa: ANN401 - JSON
    """Of what Fxiaoke derives (`owner__r`: the whole employee) no more than is declared (`owner__r.name`)."""
    if not name.endswith(DERIVED) or not isinstance(value, dict):
        return value
    return {part: inner for part, inner in value.items() if f"{name}.{part}" in declared or name in declared}


def _alternatives(column: Column) -> list[str]:
    return column.field.split("|") if column.field else []


def _filter(field: str, operator: str, value: str) -> Row:
    return {"field_name": field, "operator": operator, "field_values": [value]}


def _busy(answer: Answer) -> str | None:
    code = _code(answer)
    return f"is busy or called too often (error {code})" if code in _BUSY else None


def _code(answer: Answer) -> int | None:
    code = (answer.body or {}).get("errorCode")
    return (
        code if isinstance(code, int) else int(code) if isinstance(code, str) and code.lstrip("-").isdigit() else None
    )


def _is_deleted(record: Row) -> bool:
    return str(record.get("is_deleted")).lower() in ("true", "1") or record.get("life_status") == "invalid"


def _labels(value: Any, field: Row) -> Any:  # noqa: ANN401 - JSON
    """The labels of a choice; a code that the description does not know stays."""
    options = field.get("options")
    if not isinstance(options, list):
        return value
    labels = {str(item.get("value")): item.get("label") for item in options if isinstance(item, dict)}
    if isinstance(value, list):
        return "|".join(str(labels.get(str(code), code)) for code in value)
    return labels.get(str(value), value) if value is not None else None


def _moment(value: Any, column: Column, zone: ZoneInfo) -> Any:  # noqa: ANN401 - JSON
    """Milliseconds since 1970 as a date of the zone, or as a time with its offset; anything else as it is.

    Where the declaration has formats for its exports, the value is written in the most precise of them, in local time.
    """
    if isinstance(value, bool) or not str(value).lstrip("-").isdigit():
        return value
    try:
        moment = datetime.fromtimestamp(int(value) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return value
    formats = [pattern for pattern in column.formats if pattern != EXCEL_SERIAL]
    if formats:
        return moment.astimezone(zone).strftime(max(formats, key=len))
    if column.type == "date":
        return moment.astimezone(zone).date().isoformat()
    return moment.isoformat(timespec="milliseconds")
