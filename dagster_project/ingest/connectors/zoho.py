"""Zoho CRM, REST API v8: OAuth refresh token, records by time of modification, deletions, users.

`pull.source` names a module by its API name (Contacts), several that feed one object (Calls, Events, Tasks), or `users`.
`pull.options`: `record_ids: export` writes record ids as the CSV export does (zcrm_ and the id); `converted` is Zoho's
parameter of that name (leads: `both`, else converted ones are left out); `called` renames modules (Events=Meetings).
The name of a record's module is in the field `@module`.
Environment, behind the prefix in `pull.credentials`: CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN; ACCOUNTS_URL and API_URL for
data centers other than .com (API_URL by default is what the token's answer names).
Belongs here: Zoho's protocol. Does not belong here: waiting, retrying and broken answers (http.py), landing (pull.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dagster_project.ingest.connectors.http import (
    Answer,
    Chain,
    JsonApi,
    Token,
    base_address,
    credentials,
    shared_token,
)
from dagster_project.ingest.declaration import SourceObject
from dagster_project.ingest.pull import Connector, Cursor, Row, by_title

PER_PAGE = 200
MAX_FIELDS = 50
MAX_ROUNDS = 5
"""How often a list that changes while it is read is read, before the pull is refused."""
TIES = timedelta(seconds=1)
"""Zoho's times have seconds: what was modified in the second of the last row of a page may be on the next one."""
SECRETS = ("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN")
USERS = "users"
MODULE = "@module"
_ADVICE = {
    "OAUTH_SCOPE_MISMATCH": "The refresh token lacks a scope; make one with those that docs/sources.md lists.",
    "NO_PERMISSION": "Give the user of the refresh token permission to view the module.",
    "INVALID_MODULE": "Correct `pull.source` in the declaration: it takes API names.",
    "LIMIT_EXCEEDED": "Declare fewer columns with a field.",
    "PAGINATION_LIMIT_EXCEEDED": "More than 100,000 records were modified in one second; deliver the module as a file once.",
}


def zoho_connector(
    declaration: SourceObject, environment: Mapping[str, str], sleep: Callable[[float], None] = time.sleep
) -> Connector | None:
    """The connector of an object; None without credentials. Raises PullRefused when they are incomplete."""
    assert declaration.pull is not None
    prefix = declaration.pull.credentials
    secrets = credentials(declaration.qualified_name, prefix, SECRETS, environment)
    if secrets is None:
        return None
    urls = {
        name: base_address(
            declaration.qualified_name, f"{prefix}_{name}", environment.get(f"{prefix}_{name}") or default
        )
        for name, default in (("ACCOUNTS_URL", "https://accounts.zoho.com"), ("API_URL", ""))
        if environment.get(f"{prefix}_{name}") or default
    }
    return ZohoConnector(declaration, secrets, urls["ACCOUNTS_URL"], urls.get("API_URL"), sleep)


class ZohoConnector:
    """Pulls one object. Records are asked for by time and not by place, so that what is modified or deleted while they
    are read cannot push a record to a page that was read already; see `_records`.
    """

    def __init__(
        self,
        declaration: SourceObject,
        secrets: Mapping[str, str],
        accounts_url: str,
        api_url: str | None,
        sleep: Callable[[float], None],
    ) -> None:
        assert declaration.pull is not None
        self._declaration = declaration
        self._options = declaration.pull.options
        self._secrets = secrets
        self._accounts_url = accounts_url
        self._api_url = api_url
        self._api = JsonApi(declaration.qualified_name, sleep)
        self._modules = [name.strip() for name in declaration.pull.source.split(",")]
        self._fields = _api_fields(declaration)

    def rows(self, since: Cursor | None) -> Iterator[list[Row]]:
        """Records modified at or after `since`, then deletions. Raises PullRefused."""
        if len(self._fields) > MAX_FIELDS:
            raise self._api.refusal(
                f"{len(self._fields)} fields are declared; Zoho gives {MAX_FIELDS} at most", _ADVICE["LIMIT_EXCEEDED"]
            )
        start = since if isinstance(since, datetime) else None
        titles: dict[str, None] = {}
        for module in self._modules:
            pages = self._users(start) if module == USERS else self._records(module, start)
            for records in pages:
                rows = [self._row(record, module) for record in records]
                for row in rows:
                    titles |= dict.fromkeys(row)
                yield rows
        if self._declaration.deletion_marker is not None:
            for module in self._modules:
                if module != USERS:
                    yield from self._deletions(module, start, titles)

    def _records(self, module: str, since: datetime | None) -> Iterator[list[Row]]:
        """The records of a module, oldest modification first.

        Each question is for what was modified since the last row, so no place in a list is relied on. Only where a
        whole page was modified within one second are further pages of the same question read (page_token); since
        records may move while these are read, such a question is asked again until it brings nothing new.
        """
        start, rounds = since, 0
        seen: dict[tuple[Any, Any], datetime | None] = {}
        while True:
            asked = yield from self._question(module, start, since, seen)
            if not asked.is_settled:
                rounds += 1
                if rounds == MAX_ROUNDS:
                    raise self._api.refusal(
                        f"{module}: records that were modified in one second change faster than they can be read",
                        "Wait for the next run, or pull at a quieter time.",
                    )
                continue
            if not asked.more or asked.newest is None:
                return
            start, rounds = asked.newest, 0
            # Only these can come again.
            seen = {name: time for name, time in seen.items() if time is None or time >= start - TIES}

    def _question(
        self,
        module: str,
        start: datetime | None,
        since: datetime | None,
        seen: dict[tuple[Any, Any], datetime | None],
    ) -> Generator[list[Row], None, _Asked]:
        """Records modified since `start` that are not in `seen`, up to the first page with a later time than `start`.

        Zoho does not say whether its limit is included, so a second more is asked for; what is before `since` is left out.
        """
        newest, more, pages, is_new = start, False, 0, False
        try:
            for records, announced in self._pages(module, start):
                more, pages = announced, pages + 1
                fresh = [record for record in records if _identity(record) not in seen]
                seen.update((_identity(record), _modified(record)) for record in fresh)
                is_new = is_new or any(start is None or (_modified(record) or start) <= start for record in fresh)
                yield [record for record in fresh if since is None or _is_since(record, since)]
                newest = max((time for record in records if (time := _modified(record))), default=start)
                if newest is not None and (start is None or newest > start):
                    break
        except _PageTokenExpired:
            return _Asked(start, more=True, is_settled=False)
        return _Asked(newest, more, is_settled=pages < 2 or not is_new)

    def _pages(self, module: str, start: datetime | None) -> Iterator[tuple[list[Row], bool]]:
        """Pages of one question, with whether more follow."""
        url = f"/crm/v8/{module}"
        parameters = {
            "fields": ",".join(self._fields),
            "sort_by": "Modified_Time",
            "sort_order": "asc",
            "per_page": str(PER_PAGE),
        }
        if "converted" in self._options:
            parameters["converted"] = self._options["converted"]
        chain = Chain(self._api, url)
        token: str | None = None
        while True:
            body = self._get(url, parameters | ({"page_token": token} if token else {}), start)
            records, info = self._list_in(body, "data", url)
            token = info.get("next_page_token")
            more = bool(info.get("more_records")) and bool(records)
            chain.check(records[0].get("id") if records else None, token if more else None)
            if more and not token:
                raise self._api.refusal(f"{url} announces more records but no next_page_token", "Ask the vendor.")
            yield records, more
            if not more:
                return

    def _deletions(self, module: str, since: datetime | None, titles: dict[str, None]) -> Iterator[list[Row]]:
        """Rows that say of a record that it was deleted: key, the time as marker and cursor, and nothing else.

        They have the titles that the records of this pull had, so that they hide no column that vanished.
        """
        declaration = self._declaration
        marker, cursor = declaration.deletion_marker, declaration.cursor
        assert marker is not None
        (key,) = declaration.key
        for deleted in self._by_place(f"/crm/v8/{module}/deleted", {"type": "all"}, "data", since):
            yield [
                dict.fromkeys(titles or declaration.columns)
                | {key: self._record_id(item.get("id")), marker: item.get("deleted_time") or "true"}
                | ({cursor: item.get("deleted_time")} if cursor else {})
                for item in deleted
                if since is None or (_time(item.get("deleted_time")) or since) >= since
            ]

    def _users(self, since: datetime | None) -> Iterator[list[Row]]:
        for users in self._by_place("/crm/v8/users", {"type": "AllUsers"}, "users", None):
            yield [user for user in users if since is None or _is_since(user, since)]

    def _by_place(self, url: str, parameters: dict[str, str], name: str, since: datetime | None) -> Iterator[list[Row]]:
        """A list that Zoho gives by page number only; a longer one is read again until it brings nothing new."""
        seen: set[tuple[Any, Any]] = set()
        for _ in range(MAX_ROUNDS):
            chain = Chain(self._api, url)
            page, more, is_new = 0, True, False
            while more:
                page += 1
                body = self._get(url, parameters | {"page": str(page), "per_page": str(PER_PAGE)}, since)
                items, info = self._list_in(body, name, url)
                more = bool(info.get("more_records")) and bool(items)
                chain.check(items[0].get("id") if items else None)
                fresh = [item for item in items if _identity(item) not in seen]
                seen |= {_identity(item) for item in fresh}
                is_new = is_new or bool(fresh)
                if fresh:
                    yield fresh
            if page == 1 or not is_new:
                return
        raise self._api.refusal(f"{url} changes faster than it can be read", "Pull at a quieter time.")

    def _get(self, path: str, parameters: dict[str, str], since: datetime | None) -> dict[str, Any] | None:
        """The body of an answer, None where there is nothing. Renews the access token once when it is not valid."""
        headers = {"If-Modified-Since": (since - TIES).isoformat(timespec="seconds")} if since else {}
        token = self._token()
        for renewed in (False, True):
            answer = self._api.send(
                "GET",
                f"{self._api_url or token.details['api_domain']}{path}",
                params=parameters,
                headers=headers | {"Authorization": f"Zoho-oauthtoken {token.value}"},
            )
            code = _error_code(answer)
            if answer.status == 401 and code != "OAUTH_SCOPE_MISMATCH" and not renewed:
                token = self._token(rejected=token.value)
                continue
            if answer.status >= 400:
                if code == "EXPIRED_VALUE" and "page_token" in parameters:
                    raise _PageTokenExpired
                raise self._api.refusal(
                    f"{path} answered {answer.status} ({code})",
                    _ADVICE.get(
                        code, "docs/sources.md says how Zoho CRM is connected; Zoho's documentation has the code."
                    ),
                )
            return answer.body
        raise AssertionError("the second answer was returned or refused")

    def _token(self, rejected: str | None = None) -> Token:
        secrets = (self._accounts_url, *(self._secrets[name] for name in SECRETS))
        return shared_token(secrets, self._fetch_token, rejected=rejected)

    def _fetch_token(self) -> Token:
        answer = self._api.send(
            "POST",
            f"{self._accounts_url}/oauth/v2/token",
            data={
                "grant_type": "refresh_token",
                "client_id": self._secrets["CLIENT_ID"],
                "client_secret": self._secrets["CLIENT_SECRET"],
                "refresh_token": self._secrets["REFRESH_TOKEN"],
            },
        )
        body = answer.body or {}
        if not body.get("access_token"):
            code = str(body.get("error", "no access token"))
            raise self._api.refusal(
                f"Zoho gave no access token (status {answer.status}, {_plain(code)})",
                "Ten tokens in ten minutes are the most: wait that long."
                if code == "Access Denied"
                else "Check the three secrets and that ACCOUNTS_URL is that of your data center; make a new refresh token if"
                " it was revoked.",
            )
        lifetime = float(body.get("expires_in", 3600))
        domain = base_address(
            self._declaration.qualified_name, "api_domain", str(body.get("api_domain") or "https://www.zohoapis.com")
        )
        return Token(str(body["access_token"]), time.monotonic() + lifetime, {"api_domain": domain})

    def _list_in(self, body: dict[str, Any] | None, name: str, url: str) -> tuple[list[Row], dict[str, Any]]:
        if body is None:
            return [], {}
        items, info = body.get(name), body.get("info")
        if not isinstance(items, list) or not isinstance(info, dict) or not all(isinstance(i, dict) for i in items):
            raise self._api.refusal(
                f"{url} answered without a list {name!r} and its page information",
                "The answer is not that of API v8; check API_URL, and whether the vendor changed the API.",
            )
        return items, info

    def _row(self, record: Row, module: str) -> Row:
        if any(column.field == MODULE for column in self._declaration.columns.values()):
            names = dict(pair.strip().split("=") for pair in self._options.get("called", "").split(",") if pair)
            record |= {MODULE: names.get(module, module)}
        row = by_title(record, self._declaration)
        for title, column in self._declaration.columns.items():
            if (column.field or title).split("|")[0].split(".")[-1] == "id" and row.get(title):
                row[title] = self._record_id(row[title])
            elif len(self._modules) > 1:
                row.setdefault(title, None)  # one of several modules need not have every field
        return row

    def _record_id(self, value: object) -> str:
        return f"zcrm_{value}" if self._options.get("record_ids") == "export" else str(value)


@dataclass(frozen=True)
class _Asked:
    """How a question ended: the newest time on its last page, whether more follow, and whether nothing can be missing."""

    newest: datetime | None
    more: bool
    is_settled: bool


class _PageTokenExpired(Exception):
    """A page_token lives for 24 hours, or until what it stands for has changed."""


def _api_fields(declaration: SourceObject) -> list[str]:
    """API names to ask for: of `Owner.name` it is Owner."""
    names = [
        alternative.split(".")[0]
        for title, column in declaration.columns.items()
        if title != declaration.deletion_marker
        for alternative in (column.field or title).split("|")
    ]
    return [name for name in dict.fromkeys(["id", "Modified_Time", *names]) if name != MODULE]


def _identity(record: Row) -> tuple[Any, Any]:
    return record.get("id"), record.get("Modified_Time") or record.get("deleted_time")


def _modified(record: Row) -> datetime | None:
    return _time(record.get("Modified_Time"))


def _is_since(record: Row, since: datetime) -> bool:
    return (_modified(record) or since) >= since


def _time(value: object) -> datetime | None:
    """A time in UTC, None where it is missing or cannot be read; the load then says what is wrong with it."""
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC)
    except ValueError:
        return None


def _error_code(answer: Answer) -> str:
    """Zoho's code of an error; deletions wrap it in a list."""
    body = answer.body or {}
    data = body.get("data")
    inner = data[0] if isinstance(data, list) and data and isinstance(data[0], dict) else body
    return _plain(str(inner.get("code", "no code")))


def _plain(code: str) -> str:
    """A code as it may stand in a message: a word of capitals, or an OAuth error; anything else stays out."""
    return code if len(code) <= 60 and code.replace("_", "").replace(" ", "").isalnum() else "unknown code"
