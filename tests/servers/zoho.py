"""Zoho CRM as its API v8 documents it: OAuth, lists of records, deletions, users, and the errors of each.

Lists are given by place, also behind a page_token: the documentation does not promise more, so a client must not rely on
more. Belongs here: Zoho's protocol. Does not belong here: what is wrong with an answer (http.py).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tests.servers.http import ApiServer, Asked, Reply

Record = dict[str, Any]

SECRETS = {
    "GOLDEN_ZOHO_CLIENT_ID": "1000.CLIENTIDCLIENTID",
    "GOLDEN_ZOHO_CLIENT_SECRET": "secret-of-the-client",
    "GOLDEN_ZOHO_REFRESH_TOKEN": "1000.refresh.token",
}
SORTABLE = ("id", "Created_Time", "Modified_Time")


def error(status: int, code: str, message: str, **details: Any) -> Reply:
    return Reply(status, {"code": code, "message": message, "status": "error", "details": details})


class ZohoServer(ApiServer):
    """`modules` holds the records by module and id; `deleted` what was removed from them; `users` the users."""

    def __init__(self, modules: dict[str, Iterable[Record]]) -> None:
        super().__init__()
        self.modules = {name: {record["id"]: record for record in records} for name, records in modules.items()}
        self.deleted: dict[str, list[Record]] = {name: [] for name in modules}
        self.users: list[Record] = []
        self.tokens: list[str] = []
        """Access tokens in the order in which they were given; only the last is valid."""
        self.is_throttled = False
        self.requests_per_token: int | None = None
        """After so many requests an access token is no longer valid."""
        self.missing_scope = False
        self.is_limit_included = True
        """Whether what was modified in the very second of If-Modified-Since is given; the documentation leaves it open."""
        self.repeats_for_ever = False
        """Every page announces another one, and is the first one."""
        self.pages_for_ever = False
        """Every page announces another one, with new records."""
        self.expired_page_tokens = 0
        """So many page tokens are answered as expired."""
        self._used = 0
        self._page_tokens: dict[str, tuple[dict[str, str], int]] = {}
        self._numbers = itertools.count(1)

    @property
    def environment(self) -> dict[str, str]:
        return SECRETS | {"GOLDEN_ZOHO_ACCOUNTS_URL": self.url}

    def change(self, module: str, key: str, at: str, **values: Any) -> None:
        """A user edits a record."""
        self.modules[module][key] = self.modules[module][key] | values | {"Modified_Time": at}

    def delete(self, module: str, key: str, at: str, kind: str = "recycle") -> None:
        """A user deletes a record."""
        record = self.modules[module].pop(key)
        by = {"name": "Patricia Boyle", "id": "410888000000086001"}
        self.deleted[module].insert(
            0,
            {"deleted_by": by, "created_by": by, "id": key, "display_name": record.get("Last_Name"), "type": kind}
            | {"deleted_time": at},
        )

    def is_list(self, asked: Asked) -> bool:
        return asked.path.startswith("/crm/v8/")

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/oauth/v2/token":
            return self._give_token(asked)
        if not asked.path.startswith("/crm/v8/") or asked.method != "GET":
            return error(404, "INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one")
        refused = self._check_token(asked)
        if refused is not None:
            return refused
        name, _, rest = asked.path.removeprefix("/crm/v8/").partition("/")
        if name == "users" and not rest:
            return self._by_place(asked, "users", self.users, "Modified_Time")
        if name not in self.modules or rest not in ("", "deleted"):
            return error(400, "INVALID_MODULE", "the module name given seems to be invalid", resource_path_index=0)
        if rest == "deleted":
            if asked.parameters.get("type", "all") not in ("all", "recycle", "permanent"):
                return Reply(400, {"data": [error(400, "PATTERN_NOT_MATCHED", "check the values").body]})
            return self._by_place(asked, "data", self.deleted[name], "deleted_time")
        return self._records(asked, name)

    def _give_token(self, asked: Asked) -> Reply:
        if asked.method != "POST" or asked.body.get("grant_type") != "refresh_token":
            return Reply(400, {"error": "unsupported_grant_type"})
        if self.is_throttled:
            sentence = "You have made too many requests continuously. Please try again after some time."
            return Reply(400, {"error": "Access Denied", "error_description": sentence, "status": "failure"})
        given = (asked.body.get("client_id"), asked.body.get("client_secret"), asked.body.get("refresh_token"))
        if given[:2] != (SECRETS["GOLDEN_ZOHO_CLIENT_ID"], SECRETS["GOLDEN_ZOHO_CLIENT_SECRET"]):
            return Reply(200, {"error": "invalid_client"})
        if given[2] != SECRETS["GOLDEN_ZOHO_REFRESH_TOKEN"]:
            return Reply(200, {"error": "invalid_code"})
        self.tokens.append(f"1000.access.token.{len(self.tokens) + 1}")
        self._used = 0
        return Reply(
            200,
            {"access_token": self.tokens[-1], "api_domain": self.url, "token_type": "Bearer", "expires_in": 3600},
        )

    def _check_token(self, asked: Asked) -> Reply | None:
        self._used += 1
        if self.requests_per_token is not None and self._used > self.requests_per_token:
            self.tokens.append("expired")
        valid = self.tokens and asked.headers.get("Authorization") == f"Zoho-oauthtoken {self.tokens[-1]}"
        if not valid:
            return error(401, "INVALID_TOKEN", "invalid oauth token")
        return error(401, "OAUTH_SCOPE_MISMATCH", "Unauthorized") if self.missing_scope else None

    def _records(self, asked: Asked, module: str) -> Reply:
        given = asked.parameters
        wrong = self._wrong_parameters(given)
        if wrong is not None:
            return wrong
        since = asked.headers.get("If-Modified-Since")
        start, limit = 0, int(given.get("per_page", "200"))
        bound = {name: value for name, value in given.items() if name not in ("page", "page_token")}
        bound |= {"module": module, "since": since or ""}
        if "page_token" in given:
            if self.expired_page_tokens:
                self.expired_page_tokens -= 1
                return error(400, "EXPIRED_VALUE", "Page token expired", api_name="page_token")
            known = self._page_tokens.get(given["page_token"])
            if known is None or known[0] != bound:
                return error(400, "TOKEN_BOUND_DATA_MISMATCH", "The page_token given seems to be invalid")
            start = known[1]
        else:
            start = (int(given.get("page", "1")) - 1) * limit
        by, order = given.get("sort_by", "id"), given.get("sort_order", "desc")
        records = sorted(self.modules[module].values(), key=lambda record: _key(record, by), reverse=order == "desc")
        if since is not None:
            records = [record for record in records if self._is_since(record["Modified_Time"], since)]
            if not records:
                return Reply(304)
        if self.repeats_for_ever:
            start = 0
        page = records[start : start + limit]
        if self.pages_for_ever:
            page = [records[0] | {"id": str(10**18 + next(self._numbers))}]
        if not page:
            return Reply(204)
        more = start + limit < len(records) or self.repeats_for_ever or self.pages_for_ever
        if more and start + limit >= 100_000 and not self.pages_for_ever:
            return error(400, "PAGINATION_LIMIT_EXCEEDED", "You can only get upto 100000 records")
        token = f"page-token-{next(self._numbers)}" if more else None
        if token is not None:
            self._page_tokens[token] = (bound, start + limit)
        fields = [name for name in given["fields"].split(",") if name]
        return Reply(
            200,
            {
                "data": [_shown(record, fields) for record in page],
                "info": {
                    "call": False,
                    "per_page": limit,
                    "count": len(page),
                    "page": start // limit + 1,
                    "sort_by": by,
                    "sort_order": order,
                    "more_records": more,
                    "next_page_token": token,
                    "previous_page_token": None,
                    "page_token_expiry": None,
                },
            },
        )

    def _is_since(self, time: str, limit: str) -> bool:
        moment, start = datetime.fromisoformat(time), datetime.fromisoformat(limit)
        return moment > start or (self.is_limit_included and moment == start)

    def _wrong_parameters(self, given: dict[str, str]) -> Reply | None:
        if not given.get("fields"):
            return error(400, "REQUIRED_PARAM_MISSING", "required param is missing", param_name="fields")
        if len(given["fields"].split(",")) > 50:
            return error(400, "LIMIT_EXCEEDED", "limit exceeded", limit=50, param_name="fields")
        if not 1 <= int(given.get("per_page", "200")) <= 200:
            return error(400, "INVALID_DATA", "invalid data", param_name="per_page")
        if given.get("sort_by", "id") not in SORTABLE or given.get("sort_order", "desc") not in ("asc", "desc"):
            return error(400, "INVALID_DATA", "invalid data", param_name="sort_by", supported_values=SORTABLE)
        if given.get("converted", "false") not in ("true", "false", "both"):
            return error(400, "INVALID_DATA", "invalid data", param_name="converted")
        if "page" in given and "page_token" in given:
            return error(400, "AMBIGUITY_DURING_PROCESSING", "page and page_token", ambiguity_due_to=[])
        if int(given.get("page", "1")) * int(given.get("per_page", "200")) > 2000:
            return error(
                400,
                "DISCRETE_PAGINATION_LIMIT_EXCEEDED",
                "You can only get the first 2000 records without using page_token param",
                limit=2000,
            )
        return None

    def _by_place(self, asked: Asked, name: str, items: list[Record], time_field: str) -> Reply:
        since = asked.headers.get("If-Modified-Since")
        if since is not None:
            items = [item for item in items if self._is_since(item[time_field], since)]
            if not items:
                return Reply(304)
        limit, page = int(asked.parameters.get("per_page", "200")), int(asked.parameters.get("page", "1"))
        if not 1 <= limit <= 200:
            return error(400, "INVALID_DATA", "invalid data", param_name="per_page")
        shown = items[(page - 1) * limit : page * limit]
        if not shown:
            return Reply(204)
        info = {"per_page": limit, "count": len(shown), "page": page, "more_records": page * limit < len(items)}
        return Reply(200, {name: shown, "info": info})


def _key(record: Record, by: str) -> tuple[Any, str]:
    value = record[by]
    return (value if by == "id" else datetime.fromisoformat(value), record["id"])


def _shown(record: Record, fields: list[str]) -> Record:
    """The fields that were asked for and exist; the id always; what no field name can ask for is in `+`."""
    return {"id": record["id"]} | {name: record[name] for name in fields if name in record} | record.get("+", {})
