"""纷享销客 Fxiaoke as its OpenAPI documents it: corporate access token, description of objects, queries, return codes.

Errors come with status 200. Belongs here: Fxiaoke's protocol. Does not belong here: what is wrong with an answer (http.py).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from tests.servers.http import ApiServer, Asked, Reply

Record = dict[str, Any]

SECRETS = {
    "GOLDEN_FXIAOKE_APP_ID": "FSAID_1320000",
    "GOLDEN_FXIAOKE_APP_SECRET": "secret-of-the-application",
    "GOLDEN_FXIAOKE_PERMANENT_CODE": "PERMANENTCODE0001",
    "GOLDEN_FXIAOKE_USER_ID": "FSUID_ADMIN0001",
}
CORP_ID = "FSCID_COMPANY0001"
QUERIES = ("/cgi/crm/v2/data/query", "/cgi/crm/custom/v2/data/query")
COMPARED = {
    "EQ": lambda value, wanted: _text(value) == wanted[0],
    "N": lambda value, wanted: _text(value) != wanted[0],
    "GT": lambda value, wanted: value is not None and value > _wanted(value, wanted[0]),
    "GTE": lambda value, wanted: value is not None and value >= _wanted(value, wanted[0]),
    "LT": lambda value, wanted: value is not None and value < _wanted(value, wanted[0]),
    "LTE": lambda value, wanted: value is not None and value <= _wanted(value, wanted[0]),
    "IN": lambda value, wanted: _text(value) in wanted,
}


def refused(code: int, message: str) -> Reply:
    return Reply(200, {"errorCode": code, "errorMessage": message, "errorDescription": message, "traceId": "E-O.1"})


class FxiaokeServer(ApiServer):
    """`objects` holds the records by API name and `_id`; `fields` the descriptions of their fields.

    Invalidated records (作废) are found only by a query for them, as in the recycle bin of the application.
    """

    def __init__(self, objects: dict[str, Iterable[Record]], fields: dict[str, dict[str, Record]]) -> None:
        super().__init__()
        self.objects = {name: {record["_id"]: record for record in records} for name, records in objects.items()}
        self.fields = fields
        self.tokens: list[str] = []
        self.queries_per_token: int | None = None
        self.codes: list[int] = []
        """Errors for the next queries, before they are answered rightly."""
        self.ignores_filters = False
        self.pages_for_ever = False
        """There is always one record more."""
        self._used = 0

    @property
    def environment(self) -> dict[str, str]:
        return SECRETS | {"GOLDEN_FXIAOKE_API_URL": self.url}

    def invalidate(self, name: str, key: str, at: int) -> None:
        """A user invalidates a record (作废)."""
        changed = {"life_status": "invalid", "is_deleted": True, "last_modified_time": at}
        self.objects[name][key] = self.objects[name][key] | changed

    def is_list(self, asked: Asked) -> bool:
        return asked.path in QUERIES

    def answer(self, asked: Asked) -> Reply:
        if asked.method != "POST" or not isinstance(asked.body, dict):
            return refused(12004, "POST的数据包为空")
        try:
            trace = uuid.UUID(asked.parameters.get("thirdTraceId", ""))
        except ValueError:
            return refused(32000, "thirdTraceId")
        if trace.version != 4:
            return refused(32000, "thirdTraceId")
        if asked.path == "/cgi/corpAccessToken/get/V2":
            return self._give_token(asked.body)
        wrong = self._check_token(asked.body)
        if wrong is not None:
            return wrong
        data = asked.body.get("data", {})
        if asked.path == "/cgi/crm/v2/object/describe":
            if data.get("apiName") not in self.fields or "includeDetail" not in asked.body:
                return refused(32000, "参数错误")
            describe = {"api_name": data["apiName"], "fields": self.fields[data["apiName"]]}
            return Reply(200, {"errorCode": 0, "errorMessage": "OK", "data": {"describe": describe}})
        if asked.path in QUERIES:
            if self.codes:
                return refused(self.codes.pop(0), "refused")
            return self._query(asked.path, data, include_null=asked.body.get("includeNull", False))
        return Reply(404, {"errorCode": 404, "errorMessage": "no such interface"})

    def _give_token(self, body: Record) -> Reply:
        given = [body.get(name) for name in ("appId", "appSecret", "permanentCode")]
        if given != [SECRETS[f"GOLDEN_FXIAOKE_{name}"] for name in ("APP_ID", "APP_SECRET", "PERMANENT_CODE")]:
            return refused(10006, "the parameter appSecret is missing or illegal")
        self.tokens.append(f"CORPACCESSTOKEN{len(self.tokens) + 1:04d}")
        self._used = 0
        return Reply(
            200,
            {
                "errorCode": 0,
                "errorMessage": "success",
                "corpAccessToken": self.tokens[-1],
                "corpId": CORP_ID,
                "expiresIn": 7200,
            },
        )

    def _check_token(self, body: Record) -> Reply | None:
        if not body.get("corpAccessToken"):
            return refused(20017, "corpAccessToken为必填项，不能为空")
        self._used += 1
        if self.queries_per_token is not None and self._used > self.queries_per_token:
            self.tokens.append("expired")
        if not self.tokens or body["corpAccessToken"] != self.tokens[-1] or body.get("corpId") != CORP_ID:
            return refused(20016, "the cropId,cropAccessToken or authorization is error")
        if body.get("currentOpenUserId") != SECRETS["GOLDEN_FXIAOKE_USER_ID"]:
            return refused(20012, "openUserId未找到")
        return None

    def _query(self, path: str, data: Record, *, include_null: bool) -> Reply:
        name, query = data.get("dataObjectApiName", ""), data.get("search_query_info", {})
        if name not in self.objects or name.endswith("__c") != ("/custom/" in path):
            return refused(32000, f"找不到对象 {name}")
        if not {"limit", "offset", "filters", "orders"} <= query.keys():
            return refused(32000, "参数错误")
        limit, offset = query["limit"], query["offset"]
        if not isinstance(limit, int) or not 1 <= limit <= 100:
            return refused(32000, "limit 不能超过100")
        if offset % limit:
            return refused(32000, "offset 必须为limit的整数倍")
        if offset > 10_000:
            return refused(10013, "offset out of range 10000")
        found = list(self.objects[name].values())
        wanted = [condition["field_name"] for condition in query["filters"]]
        if not {"life_status", "is_deleted"} & set(wanted):
            found = [record for record in found if record.get("life_status") != "invalid"]
        for condition in query["filters"]:
            if condition["operator"] not in COMPARED or not isinstance(condition["field_values"], list):
                return refused(32000, "operator")
            if condition["field_name"] not in {"_id", *self.fields[name]}:
                return refused(32000, f"字段不存在 {condition['field_name']}")
            if self.ignores_filters:
                continue
            compare, values = COMPARED[condition["operator"]], condition["field_values"]
            found = [record for record in found if compare(record.get(condition["field_name"]), values)]
        for order in reversed(query["orders"]):
            found.sort(key=lambda record: record[order["fieldName"]], reverse=not order["isAsc"])
        projection = query.get("fieldProjection") or list(self.fields[name])
        unknown = [field for field in projection if field not in {"_id", *self.fields[name]}]
        if unknown:
            return refused(32000, f"字段不存在 {unknown[0]}")
        page = [_shown(record, projection, include_null) for record in found[offset : offset + limit]]
        if self.pages_for_ever:
            self._used += 1
            page = [{"_id": f"f{self._used:031x}"}]
        body = {"dataList": page, "offset": offset, "limit": limit, "total": 0}
        return Reply(200, {"errorCode": 0, "errorMessage": "OK", "errorDescription": "success", "data": body})


def _shown(record: Record, projection: list[str], include_null: bool) -> Record:
    """The fields that were asked for, what Fxiaoke derives from them (`owner__r`), and what is in `+`."""
    shown = {
        name: value
        for name, value in record.items()
        if name == "_id" or name in projection or name.partition("__")[0] in projection
    }
    shown |= {name: None for name in projection if name not in record} | record.get("+", {})
    return {name: value for name, value in shown.items() if value is not None or include_null}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _wanted(value: Any, text: str) -> Any:
    return int(text) if isinstance(value, int) else text
