"""JSON over HTTP: one request that waits and asks again where that helps, and is refused with a message where it does not.

Belongs here: what is the same for every HTTP API: timeouts, throttling, what a broken answer looks like, tokens, pages
that never end. Does not belong here: what one vendor asks and answers (zoho.py, fxiaoke.py).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dagster_project.ingest.errors import PullRefused

if TYPE_CHECKING:
    from requests import Response, Session
    from tenacity import RetryCallState

ATTEMPTS = 6
"""How often one request is sent before the pull is refused."""
TIMEOUT_SECONDS = (10, 60)
"""To connect, and between two bytes of an answer."""
MAX_WAIT_SECONDS = 900
"""Of one pull in all: pauses a server asked for, pauses before asking again, and time lost in failed requests."""
MAX_PAGES = 20_000
"""Of one pull; at 100 rows a page, two million rows."""
_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Answer:
    """A whole answer: its status, and its JSON object (None where an answer has no body: 204, 304)."""

    status: int
    body: dict[str, Any] | None


class _Passing(Exception):
    """An answer that may be another one in a moment. `pause` is how long the server asks to wait, in seconds."""

    def __init__(self, what: str, pause: float | None = None) -> None:
        super().__init__(what)
        self.pause = pause


class JsonApi:
    """Requests of one pull. `subject` is the object that is pulled, for messages; `sleep` is replaced in tests.

    No message holds what was sent or what a server says: only addresses without parameters, statuses and advice.
    """

    def __init__(self, subject: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._subject = subject
        self._sleep = sleep
        self._waited = 0.0
        self._pages = 0
        self._session: Session | None = None

    def send(
        self,
        method: str,
        url: str,
        passing: Callable[[Answer], str | None] = lambda _: None,
        **request: Any,  # noqa: ANN401 - handed to requests
    ) -> Answer:
        """Send a request until it is answered. `passing` says of an answer why it may be another one in a moment.

        Asked again: no connection, no answer in time, a broken or unreadable body, 429 and 5xx; after the pause that
        Retry-After asks for (seconds or date), else after 1, 2, 4, ... seconds. Raises PullRefused.
        """
        from tenacity import Retrying, retry_if_exception_type

        retrying = Retrying(
            retry=retry_if_exception_type(_Passing),
            wait=_pause,
            stop=self._is_enough,
            sleep=self._pause_for,
            reraise=True,
        )
        try:
            return retrying(self._send_once, method, url, passing, request)
        except _Passing as last:
            problem, pause = str(last), last.pause
        if pause is not None and self._waited + pause > MAX_WAIT_SECONDS:
            problem += f" and asks to wait {pause:,.0f} s, longer than one pull waits in all ({MAX_WAIT_SECONDS} s)"
        else:
            problem += f", at the last of several attempts ({self._waited:,.0f} s were spent waiting in all)"
        raise self.refusal(
            f"{method} {_address(url)} {problem}",
            "Wait for the next run, which asks for the same again; when it stays so, see the status page of the vendor"
            " and the quota of the account.",
        )

    def pause(self, seconds: float) -> None:
        """Leave a gap between two requests, as the vendor's limit of requests per second asks."""
        self._sleep(seconds)

    def count_page(self, url: str) -> None:
        """Count a page of the pull. Raises PullRefused when there are more than any real source has."""
        self._pages += 1
        if self._pages > MAX_PAGES:
            raise self.refusal(
                f"{_address(url)} does not come to an end: {MAX_PAGES:,} pages were read",
                "When the source really has so many rows, deliver the first load as files; else ask the vendor.",
            )

    def refusal(self, problem: str, advice: str) -> PullRefused:
        """The error to raise, naming the object."""
        return PullRefused(self._subject, problem, advice)

    def _send_once(
        self, method: str, url: str, passing: Callable[[Answer], str | None], request: Mapping[str, Any]
    ) -> Answer:
        started = time.monotonic()
        try:
            answer = self._answer(method, url, request)
        except _Passing:
            self._waited += time.monotonic() - started
            raise
        reason = passing(answer)
        if reason is not None:
            raise _Passing(reason)
        return answer

    def _answer(self, method: str, url: str, request: Mapping[str, Any]) -> Answer:
        import requests

        address = _address(url)
        if self._session is None:
            self._session = requests.Session()
        failure: str | None = None
        response: Response | None = None
        try:
            response = self._session.request(method, url, timeout=TIMEOUT_SECONDS, allow_redirects=False, **request)
        except requests.exceptions.SSLError:
            raise self.refusal(
                f"{address} has a certificate that is not trusted",
                "Check the address; behind a company proxy, let REQUESTS_CA_BUNDLE name its certificate.",
            ) from None
        except requests.exceptions.Timeout:
            failure = "did not answer in time"
        except (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError):
            failure = "could not be reached, or broke off in the middle of an answer"
        except requests.exceptions.ContentDecodingError:
            failure = "sent an answer that cannot be unpacked"
        except requests.exceptions.RequestException as error:
            raise self.refusal(
                f"{address} cannot be asked ({type(error).__name__})", "Correct the address in the environment."
            ) from None
        if response is None:
            raise _Passing(str(failure))
        return self._read(address, response)

    def _read(self, address: str, response: Response) -> Answer:
        status = response.status_code
        if status == 429 or status >= 500:
            raise _Passing(f"answered {status}", _retry_after(response))
        if status in (204, 304):
            return Answer(status, None)
        if status in (301, 302, 303, 307, 308):
            raise self.refusal(
                f"{address} redirects elsewhere (status {status})",
                "It is not the address of the API: correct it in the environment.",
            )
        text = response.content.lstrip()[:200].lower()
        if "html" in response.headers.get("Content-Type", "") or text.startswith((b"<!doctype", b"<html")):
            raise self.refusal(
                f"{address} answered {status} with a web page (HTML) in place of JSON",
                "Usually the address is that of the website and not of the API, or a proxy or login page stands between.",
            )
        try:
            # Decimals keep the digits they were sent with.
            body = json.loads(response.content.decode("utf-8-sig"), parse_float=Decimal)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise _Passing(f"answered {status} with something that is not a JSON object")
        return Answer(status, body)

    def _is_enough(self, state: RetryCallState) -> bool:
        return state.attempt_number >= ATTEMPTS or self._waited + state.upcoming_sleep > MAX_WAIT_SECONDS

    def _pause_for(self, seconds: float) -> None:
        self._waited += seconds
        self._sleep(seconds)


@dataclass
class Chain:
    """The pages of one question, read one after the other; a page that was there before means that they never end."""

    api: JsonApi
    url: str
    _seen: set[object] = field(default_factory=set)

    def check(self, *marks: object) -> None:
        """Note what names this page (first id, token of the next). Raises PullRefused for a page seen before."""
        self.api.count_page(self.url)
        for mark in marks:
            if mark is not None and mark in self._seen:
                raise self.api.refusal(
                    f"{_address(self.url)} sends the same page again and would never come to an end",
                    "Ask the vendor; the next run asks for the same again.",
                )
            self._seen.add(mark)


@dataclass(frozen=True)
class Token:
    """An access token; `value` is a secret. `until` is a time of time.monotonic()."""

    value: str = field(repr=False)
    until: float
    details: Mapping[str, str] = field(repr=False)


_tokens: dict[bytes, Token] = {}


def shared_token(secrets: tuple[str, ...], fetch: Callable[[], Token], *, rejected: str | None = None) -> Token:
    """The access token for these secrets, fetched when there is none, it ends within a minute, or it is `rejected`.

    All pulls of a process share it, because vendors throttle the making of tokens.
    """
    name = hashlib.sha256("\n".join(secrets).encode()).digest()
    token = _tokens.get(name)
    if token is None or token.until - 60 < time.monotonic() or token.value == rejected:
        token = _tokens[name] = fetch()
    return token


def credentials(
    subject: str, prefix: str, names: tuple[str, ...], environment: Mapping[str, str]
) -> dict[str, str] | None:
    """The values of `<prefix>_<name>`; None when none of them is set. Raises PullRefused when only some are."""
    found = {name: environment[f"{prefix}_{name}"] for name in names if environment.get(f"{prefix}_{name}")}
    missing = [f"{prefix}_{name}" for name in names if name not in found]
    if not found:
        return None
    if missing:
        raise PullRefused(subject, f"{', '.join(missing)} is not set, though other variables of it are", "Set all.")
    return found


def base_address(subject: str, variable: str, value: str) -> str:
    """An address without its last slash. Raises PullRefused for one over which secrets must not be sent."""
    parts = urlsplit(value)
    if parts.scheme != "https" and parts.hostname not in _LOCAL:
        raise PullRefused(subject, f"{variable} is not an https:// address", "Correct it; secrets are sent to it.")
    return value.rstrip("/")


def _address(url: str) -> str:
    """Host and path; parameters stay out of messages."""
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path}"


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.pause if isinstance(error, _Passing) else None
    return asked if asked is not None else float(2 ** (state.attempt_number - 1))


def _retry_after(response: Response) -> float | None:
    """What the server asks to wait, in seconds; None where it does not say, or says something unreadable."""
    from urllib3.exceptions import InvalidHeader
    from urllib3.util.retry import Retry

    header = response.headers.get("Retry-After")
    if not header:
        return None
    try:
        return Retry().parse_retry_after(header)
    except InvalidHeader:
        return None
