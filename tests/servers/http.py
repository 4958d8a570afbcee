"""What the test servers of HTTP APIs share: a server in a thread, and faults that it shows on demand.

Belongs here: threads, sockets, broken answers. Does not belong here: what one vendor answers (zoho.py, fxiaoke.py).
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Fault:
    """One wrong answer. `body` is sent as it is; `cut` closes the connection before the announced end of the body."""

    status: int = 500
    body: str = '{"code": "INTERNAL_ERROR", "message": "Internal Server Error", "status": "error", "details": {}}'
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json;charset=UTF-8"
    cut: bool = False
    silence: float = 0.0
    """Seconds without any answer."""


HTML = Fault(200, "<!DOCTYPE html><html><title>Sign in</title></html>", content_type="text/html")
BROKEN_JSON = Fault(200, '{"data": [{"id": "1", "Last_Name": "Ha')
CUT_OFF = Fault(200, '{"data": [{"id": "1"}], "info": {"more_records": false}}', cut=True)


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    parameters: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Reply:
    """One answer in JSON, or without a body."""

    status: int
    body: Any = None


class ApiServer:
    """A server of one vendor's API. Used as a context manager; its port is free for the next test afterwards.

    `faults[path]` are shown one after the other to requests of that path, before it is answered rightly again.
    `before[number]` is called before the request of that number (from 1) to a list of records is answered: the place
    to change the data while a client reads. `hold` stops that request until `release` is called.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.faults: dict[str, deque[Fault]] = {}
        self.before: dict[int, Callable[[], object]] = {}
        self.hold: int | None = None
        self.held = threading.Event()
        self._released = threading.Event()
        self._lists = 0
        self._lock = threading.RLock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()

    def fail(self, path: str, *faults: Fault) -> None:
        """Show these faults to the next requests of a path."""
        self.faults.setdefault(path, deque()).extend(faults)

    def release(self) -> None:
        """Let a held request go on."""
        self.hold = None
        self._released.set()

    def answer(self, asked: Asked) -> Reply:
        """What the vendor answers."""
        raise NotImplementedError

    def is_list(self, asked: Asked) -> bool:
        """Whether a request is for a list of records."""
        raise NotImplementedError

    def _reply(self, asked: Asked) -> Reply | Fault:
        with self._lock:
            self.asked.append(asked)
            waiting = self.faults.get(asked.path)
            if waiting:
                return waiting.popleft()
            number = 0
            if self.is_list(asked):
                self._lists += 1
                number = self._lists
                self.before.get(number, lambda: None)()
        if number and number == self.hold:
            self.held.set()
            self._released.wait(60)
        with self._lock:
            return self.answer(asked)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._do()

            def do_POST(self) -> None:
                self._do()

            def _do(self) -> None:
                reply = api._reply(_read(self))
                if isinstance(reply, Fault):
                    time.sleep(reply.silence)
                    self._send(reply.status, reply.body, reply.content_type, reply.headers, cut=reply.cut)
                else:
                    text = "" if reply.body is None else json.dumps(reply.body, ensure_ascii=False)
                    self._send(reply.status, text, "application/json;charset=UTF-8", {})

            def _send(
                self, status: int, text: str, content_type: str, headers: Mapping[str, str], *, cut: bool = False
            ) -> None:
                data = text.encode("utf-8")
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status not in (204, 304):
                    self.send_header("Content-Type", content_type)
                    self.send_header("Content-Length", str(len(data) + (100 if cut else 0)))
                if cut:
                    self.close_connection = True
                self.end_headers()
                try:
                    self.wfile.write(data)
                except (BrokenPipeError, ConnectionResetError):  # the client was killed, or did not wait
                    self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the base class has it
                """Quiet."""

        return Handler


def _read(handler: BaseHTTPRequestHandler) -> Asked:
    from urllib.parse import parse_qsl, urlsplit

    parts = urlsplit(handler.path)
    data = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    kind = handler.headers.get("Content-Type", "")
    body = json.loads(data) if "json" in kind else dict(parse_qsl(data.decode("utf-8")))
    return Asked(
        handler.command, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), dict(handler.headers), body
    )
