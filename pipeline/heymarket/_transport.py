"""One `send`: a request goes out under the rate limit, and comes back as an answer or as one of our errors.

The rules of repetition: a read may be repeated after anything that time can heal. A write is repeated only when it is
proved not to have been carried out (no connection came about, 401, 429); whatever else goes wrong leaves it in doubt,
and AnswerLost says so at once. Source: design, "Rules that make it trustworthy".
"""

import asyncio
import enum
import errno
import logging
import os
import time
import urllib.request
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Generic, TypeVar
from urllib.parse import urlsplit

import aiohttp
import anyio

from pipeline import __version__, jsontext
from pipeline.errors import AnswerLost, CredentialsRefused, PipelineError, RequestRefused, ServiceUnavailable
from pipeline.heymarket import _wire
from pipeline.heymarket._auth import TOLERATED_SKEW_SECONDS, Signer
from pipeline.heymarket._pacing import (
    Clock,
    Pacer,
    Repeat,
    Sleep,
    Slot,
    http_date,
    repeat,
    retry_after_seconds,
)
from pipeline.models import Json, Traffic

T = TypeVar("T")

log = logging.getLogger("pipeline.heymarket")

LONGEST_CONNECT_SECONDS = 10.0
SPARE_CONNECTIONS = 2

NETWORK_ADVICE = "Check the network and `base_url` under [account], then run the same command again."
LATER_ADVICE = "Wait a while, then run the same command again."
BASE_URL_ADVICE = "Check `base_url` under [account]: the API itself does not do this."
KEY_ADVICE = "Check HEYMARKET_SECRET_ID and HEYMARKET_SECRET_KEY (or HEYMARKET_API_KEY) for this account."


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """What a client needs to know. `timeout_seconds` bounds one request; `requests_per_minute` 0 means no limit."""

    base_url: str
    secret_id: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    requests_per_minute: int = 450
    concurrency: int = 8
    timeout_seconds: float = 30.0
    max_attempts: int = 6


@dataclass(frozen=True, slots=True)
class Request(Generic[T]):
    """One call of the API. `read` makes a value of the answer's body or raises Unusable.

    `is_write` marks a call that must not be repeated unless it is proved not to have been carried out.
    """

    method: str
    path: str
    read: _wire.Reader[T]
    body: Json = None
    query: Mapping[str, str] = field(default_factory=dict)
    is_write: bool = False

    @property
    def name(self) -> str:
        """How messages and logs call it: no query, no body (they hold personal data)."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A usable answer."""

    status: int
    value: T
    request_id: str = ""


class Action(enum.Enum):
    """What to do about a status."""

    ACCEPT = "use the body"
    MOVED = "stop: this is not the API"
    RENEW_TOKEN = "mint a fresh token and repeat once"  # noqa: S105 - a sentence, not a secret
    FORBID = "stop: these credentials may not do this"
    SLOW_DOWN = "pause everybody, then repeat"
    REFUSE = "the request itself is at fault"
    FALTER = "repeat a read; a write is in doubt"
    LACK = "a read is refused, for the server cannot do it; a write is in doubt"


STATUS_ACTIONS: Mapping[int, Action] = {
    401: Action.RENEW_TOKEN,
    403: Action.FORBID,
    # The server, or a proxy before it, gave up waiting for the request: that is about time, not about the request.
    408: Action.FALTER,
    429: Action.SLOW_DOWN,
    501: Action.LACK,
    505: Action.LACK,
}
"""The statuses that differ from their class. Source: shared API facts, "Authentication, limits, errors"."""

CLASS_ACTIONS: Mapping[int, Action] = {
    2: Action.ACCEPT,
    3: Action.MOVED,
    4: Action.REFUSE,
    5: Action.FALTER,
}


def action_for(status: int) -> Action:
    """Return what to do about `status`; an unheard-of class counts as a failing server."""
    return STATUS_ACTIONS.get(status) or CLASS_ACTIONS.get(status // 100, Action.FALTER)


class Trouble(enum.Enum):
    """What a failure of the network proves."""

    NEVER_LEFT = "no connection came about: nothing was carried out, it can be repeated"
    HOPELESS = "no connection will ever come about like this: nothing was carried out, repeating is no use"
    IN_DOUBT = "the request may have arrived"


class ConnectionDropped(aiohttp.ClientError):
    """The connection ended between the request and its answer."""


FAILURES: tuple[tuple[type[BaseException], Trouble, str], ...] = (
    (aiohttp.ClientConnectorCertificateError, Trouble.HOPELESS, "the TLS certificate of {host} is not trusted"),
    (aiohttp.ClientSSLError, Trouble.HOPELESS, "no TLS connection to {host} came about"),
    (aiohttp.InvalidURL, Trouble.HOPELESS, "{host} is no usable address"),
    (aiohttp.ClientConnectorDNSError, Trouble.NEVER_LEFT, "the host name {host} could not be resolved"),
    (aiohttp.ClientProxyConnectionError, Trouble.NEVER_LEFT, "the proxy could not be reached ({reason})"),
    (aiohttp.ClientHttpProxyError, Trouble.NEVER_LEFT, "the proxy would not connect to {host}"),
    (aiohttp.ClientConnectorError, Trouble.NEVER_LEFT, "no connection to {host} came about ({reason})"),
    (aiohttp.ConnectionTimeoutError, Trouble.NEVER_LEFT, "no connection to {host} came about in time"),
    (TimeoutError, Trouble.IN_DOUBT, "no answer came within {timeout:g} s"),
    (ConnectionDropped, Trouble.IN_DOUBT, "the connection was closed before the answer came"),
    (aiohttp.ClientPayloadError, Trouble.IN_DOUBT, "the answer broke off"),
    (aiohttp.ClientResponseError, Trouble.IN_DOUBT, "the answer was not HTTP"),
    (aiohttp.ClientError, Trouble.IN_DOUBT, "the connection failed"),
)
"""The errors of aiohttp and what they prove; the first row that fits counts."""


@dataclass(frozen=True, slots=True)
class _Reply:
    """What came over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def request_id(self) -> str:
        return _wire.shorten(self.headers.get("X-Request-Id", ""), 80)


@dataclass(frozen=True, slots=True)
class _Failure:
    """What went wrong on the wire. It keeps no aiohttp error: some of those hold the request's headers."""

    trouble: Trouble
    sentence: str


@dataclass(slots=True)
class _Course:
    """The course of one request over its attempts."""

    failures: int = 0
    limited_for: float = 0.0
    renewed: bool = False


class Transport:
    """Sends requests over one session. Use `open_transport`; safe for any number of concurrent callers."""

    def __init__(
        self, session: aiohttp.ClientSession, config: ClientConfig, signer: Signer, pacer: Pacer, sleep: Sleep
    ) -> None:
        self._session = session
        self._config = config
        self._signer = signer
        self._pacer = pacer
        self._sleep = sleep
        self._base = config.base_url.rstrip("/")
        self._host = urlsplit(self._base).netloc.rpartition("@")[2] or self._base
        self._requests = 0
        self._rate_limited = 0
        self._retries = 0

    @property
    def traffic(self) -> Traffic:
        """What was sent so far."""
        return Traffic(self._requests, self._rate_limited, self._retries)

    async def send(self, request: Request[T]) -> Answer[T]:
        """Send `request`, repeat it where that is safe, and return the answer.

        Raises RequestRefused (4xx), CredentialsRefused (401 after a fresh token, 403), ServiceUnavailable (nothing was
        carried out, or a read failed in every attempt) and, for a write only, AnswerLost (in doubt).
        """
        course = _Course()

        async def attempt() -> Answer[T]:
            return await self._attempt(request, course)

        return await repeat(
            attempt, max_attempts=self._config.max_attempts, sleep=self._sleep, on_repeat=self._count_retry
        )

    def _count_retry(self) -> None:
        self._retries += 1

    async def _attempt(self, request: Request[T], course: _Course) -> Answer[T]:
        slot = await self._pacer.acquire()
        token = self._signer.bearer()
        self._requests += 1
        try:
            reply = await self._exchange(request, token)
        finally:
            self._pacer.answered(slot)
        if isinstance(reply, _Failure):
            raise self._after_failure(request, course, reply)
        return self._judge(request, course, reply, slot, token)

    async def _exchange(self, request: Request[T], token: str) -> _Reply | _Failure:
        """Send once and read the whole answer. An aiohttp error becomes a value here and goes no further."""
        headers = {"Authorization": f"Bearer {token}"}
        data = None
        if request.body is not None:
            headers["Content-Type"] = "application/json"
            data = jsontext.encode(request.body)
        began = time.monotonic()
        try:
            async with self._session.request(
                request.method,
                self._base + request.path,
                params=dict(request.query) or None,
                data=data,
                headers=headers,
                allow_redirects=False,
            ) as response:
                reply = _Reply(response.status, response.headers, await response.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            failure = self._translate(error)
            log.debug("%s: %s, %.0f ms", request.name, failure.sentence, 1000 * (time.monotonic() - began))
            return failure
        elapsed = 1000 * (time.monotonic() - began)
        log.debug("%s: %d, %.0f ms, request id %s", request.name, reply.status, elapsed, reply.request_id or "-")
        return reply

    def _translate(self, error: BaseException) -> _Failure:
        trouble, sentence = next((trouble, text) for kind, trouble, text in FAILURES if isinstance(error, kind))
        number = getattr(error, "errno", None)
        known = isinstance(number, int) and number in errno.errorcode
        reason = os.strerror(number) if known else "no further reason given"
        text = sentence.format(host=self._host, reason=reason.lower(), timeout=self._config.timeout_seconds)
        return _Failure(trouble, text)

    def _after_failure(self, request: Request[T], course: _Course, failure: _Failure) -> Exception:
        if request.is_write and failure.trouble is Trouble.IN_DOUBT:
            return _lost(request, failure.sentence)
        course.failures += 1
        error = _unavailable(request, course, failure.sentence, NETWORK_ADVICE)
        return error if failure.trouble is Trouble.HOPELESS else Repeat(error, failures=course.failures)

    def _judge(self, request: Request[T], course: _Course, reply: _Reply, slot: Slot, token: str) -> Answer[T]:
        """Do what the table says about the status. Raises what `send` raises, or Repeat."""
        action = action_for(reply.status)
        if action is Action.SLOW_DOWN:
            raise self._after_limit(request, course, reply, slot)
        self._pacer.accepted(slot)
        match action:
            case Action.ACCEPT:
                return self._accept(request, course, reply)
            case Action.MOVED:
                sentence = f"{self._host} answered {_status(reply)}, a redirect, which is not followed"
                raise _unavailable(request, course, sentence, BASE_URL_ADVICE, reply.request_id)
            case Action.RENEW_TOKEN:
                raise self._after_unauthorized(request, course, reply, token)
            case Action.FORBID:
                raise self._credentials_refused(request, reply)
            case Action.REFUSE:
                raise self._refused(request, reply)
            case Action.FALTER:
                raise self._after_falter(request, course, reply)
            case Action.LACK:
                sentence = f"the service answered {_status(reply)}"
                raise _lost(request, sentence, reply.request_id) if request.is_write else self._refused(request, reply)

    def _accept(self, request: Request[T], course: _Course, reply: _Reply) -> Answer[T]:
        try:
            value = request.read(reply.body)
        except _wire.Unusable as error:
            sentence = f"{error} (status {reply.status})"
        else:
            return Answer(reply.status, value, reply.request_id)
        if request.is_write:
            raise _lost(request, sentence, reply.request_id)
        course.failures += 1
        final = _unavailable(request, course, sentence, LATER_ADVICE, reply.request_id)
        raise Repeat(final, failures=course.failures)

    def _after_limit(self, request: Request[T], course: _Course, reply: _Reply, slot: Slot) -> Repeat:
        self._rate_limited += 1
        told = retry_after_seconds(reply.headers.get("Retry-After", ""), time.time())
        pause = self._pacer.throttled(slot, told)
        course.limited_for += max(pause, 1.0)
        sentence = f"the service keeps answering 429, too many requests (last told pause: {pause:.0f} s)"
        advice = (
            f"Lower `requests_per_minute` under [limits], or run the same command again after {pause:.0f} s or more."
        )
        log.debug("%s: everybody pauses for %.1f s after a 429", request.name, pause)
        # The pause itself is the pacer's: it holds all callers, so this one has nothing to wait for on its own.
        error = _unavailable(request, course, sentence, advice, reply.request_id)
        return Repeat(error, limited_for=course.limited_for, wait=0.0)

    def _after_unauthorized(
        self, request: Request[T], course: _Course, reply: _Reply, token: str
    ) -> PipelineError | Repeat:
        final = self._credentials_refused(request, reply)
        if course.renewed or not self._signer.can_renew:
            return final
        course.renewed = True
        self._signer.renew(token, http_date(reply.headers.get("Date", "")))
        return Repeat(final, wait=0.0)

    def _credentials_refused(self, request: Request[T], reply: _Reply) -> CredentialsRefused:
        what = "may not do this" if reply.status == 403 else "were not accepted"
        advice = KEY_ADVICE
        if abs(self._signer.skew) > TOLERATED_SKEW_SECONDS:
            advice += f" This machine's clock differs from the service's by {abs(self._signer.skew):.0f} s: set it."
        return CredentialsRefused(
            f"The credentials {what}: {request.name} was answered {_status(reply)}{self._said(reply)}"
            f"{_tagged(reply.request_id)}. The request was not carried out.",
            advice=advice,
        )

    def _refused(self, request: Request[T], reply: _Reply) -> RequestRefused:
        detail = self._detail(reply)
        return RequestRefused(
            f"{request.name} was refused with {_status(reply)}{self._said(reply)}{_tagged(reply.request_id)}.",
            status=reply.status,
            detail=detail,
            request_id=reply.request_id,
        )

    def _after_falter(self, request: Request[T], course: _Course, reply: _Reply) -> AnswerLost | Repeat:
        sentence = f"the service answered {_status(reply)}{self._said(reply)}"
        if request.is_write:
            return _lost(request, sentence, reply.request_id)
        course.failures += 1
        error = _unavailable(request, course, sentence, LATER_ADVICE, reply.request_id)
        told = retry_after_seconds(reply.headers.get("Retry-After", ""), time.time())
        return Repeat(error, failures=course.failures, wait=told)

    def _detail(self, reply: _Reply) -> str:
        return _wire.error_detail(self._signer.conceal(reply.body.decode("utf-8", "replace")).encode())

    def _said(self, reply: _Reply) -> str:
        detail = self._detail(reply)
        return f' ("{detail}")' if detail else ""


def _status(reply: _Reply) -> str:
    try:
        return f"{reply.status} {HTTPStatus(reply.status).phrase}"
    except ValueError:
        return str(reply.status)


def _tagged(request_id: str) -> str:
    return f" (request id {request_id})" if request_id else ""


def _lost(request: Request[T], sentence: str, request_id: str = "") -> AnswerLost:
    return AnswerLost(
        f"{request.name} went out and no usable answer came back: {sentence}{_tagged(request_id)}. "
        "It may or may not have taken effect."
    )


def _unavailable(
    request: Request[T], course: _Course, sentence: str, advice: str, request_id: str = ""
) -> ServiceUnavailable:
    times = f" (attempt {course.failures})" if course.failures > 1 else ""
    unwritten = " Nothing was written by it." if request.is_write else ""
    return ServiceUnavailable(
        f"{request.name} failed{times}: {sentence}{_tagged(request_id)}.{unwritten}", advice=advice
    )


async def _send_once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending a request a second time by itself.

    aiohttp (3.14, `ClientSession._request`) repeats GET, PUT and DELETE once when the connection drops before the
    answer, without a switch to turn that off: a PUT would be written twice, and both past the rate limiter. It does so
    for ClientOSError and ServerDisconnectedError only. This middleware sits inside that loop and gives the drop another
    name, so the loop ends; the errors of a connection that never came about are not repeated there and pass as they are.
    """
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise ConnectionDropped(str(error)) from error


def proxy_for(base_url: str) -> str | None:
    """Return the proxy that the environment (HTTPS_PROXY, NO_PROXY) names for `base_url`: for https only.

    aiohttp's own `trust_env` is left off: it also reads ~/.netrc, whose entries clash with the bearer token.
    """
    parts = urlsplit(base_url)
    if (
        parts.scheme != "https"
        or _is_loopback(parts.hostname or "")
        or urllib.request.proxy_bypass(parts.hostname or "")
    ):
        return None
    return urllib.request.getproxies().get("https")


def _is_loopback(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")


@asynccontextmanager
async def open_transport(
    config: ClientConfig, *, sleep: Sleep = anyio.sleep, clock: Clock = time.monotonic, wall: Clock = time.time
) -> AsyncIterator[Transport]:
    """Open the one session of a client and close it in the end. TLS certificates are verified; no cookies are kept."""
    signer = Signer(secret_id=config.secret_id, secret_key=config.secret_key, api_key=config.api_key, wall=wall)
    pacer = Pacer(config.requests_per_minute, clock=clock, sleep=sleep)
    # A connection that does not come about must fail before the whole request does, for that proves it never left.
    connect = min(LONGEST_CONNECT_SECONDS, config.timeout_seconds / 2)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=config.concurrency + SPARE_CONNECTIONS),
        timeout=aiohttp.ClientTimeout(total=config.timeout_seconds, connect=connect),
        headers={"User-Agent": f"heymarket-pipeline/{__version__}", "Accept": "application/json"},
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=(_send_once,),
        proxy=proxy_for(config.base_url),
    ) as session:
        yield Transport(session, config, signer, pacer, sleep)
        # TLS connections need one turn of the loop to close; without it a warning about them can follow.
        await asyncio.sleep(0)
