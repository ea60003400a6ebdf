"""One `send`: a request goes out under the rate limit, and comes back as an answer or as one of our errors.

The rules of repetition: a read may be repeated after anything that time can heal. A write is repeated only when it is
proved not to have been carried out (no connection came about, 401, 429); whatever else goes wrong leaves it in doubt,
and AnswerLost says so at once. Source: docs/api.md, section Errors.
"""

import enum
import errno
import logging
import os
import time
import urllib.request
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

import aiohttp
import anyio

from pipeline import __version__, jsontext
from pipeline.errors import AnswerLost, CredentialsRefused
from pipeline.heymarket import _policy as policy
from pipeline.heymarket._auth import Signer
from pipeline.heymarket._policy import Action, Answer, Reply, Request, action_for
from pipeline.heymarket._repetition import Repeat, http_date, repeat, retry_after_seconds
from pipeline.limiter import (
    FIRST_PAUSE_SECONDS,
    Clock,
    Flights,
    Pacer,
    Place,
    RedisStore,
    Share,
    Sleep,
    Slot,
    SqliteStore,
    Store,
)
from pipeline.models import Traffic
from pipeline.wire import Unusable, error_detail, shorten

T = TypeVar("T")

log = logging.getLogger("pipeline.heymarket")

LONGEST_CONNECT_SECONDS = 10.0
SPARE_CONNECTIONS = 2
LONGEST_ERROR_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """What a client needs to know. `timeout_seconds` bounds one request; `requests_per_minute` 0 means no limit.

    `place` is where the limit is shared with the other processes of the account; None: it is this client's own.
    """

    base_url: str
    secret_id: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    requests_per_minute: int = 450
    concurrency: int = 8
    timeout_seconds: float = 30.0
    max_attempts: int = 6
    place: Place | None = None


class Trouble(enum.Enum):
    """What a failure of the network proves."""

    NEVER_LEFT = "no connection came about: nothing was carried out, it can be repeated"
    HOPELESS = "no connection will ever come about like this: nothing was carried out, repeating is no use"
    IN_DOUBT = "the request may have arrived"


class ConnectionDropped(aiohttp.ClientError):
    """The connection ended between the request and its answer."""


DROPPED = "the connection was closed before the answer came"

FAILURES: tuple[tuple[type[BaseException], Trouble, str], ...] = (
    (aiohttp.ClientConnectorCertificateError, Trouble.HOPELESS, "the TLS certificate of {host} is not trusted"),
    (aiohttp.InvalidURL, Trouble.HOPELESS, "{host} is no usable address"),
    # A server that is being restarted can break off a handshake, so this one can heal.
    (aiohttp.ClientSSLError, Trouble.NEVER_LEFT, "no TLS connection to {host} came about"),
    (aiohttp.ClientConnectorDNSError, Trouble.NEVER_LEFT, "the host name {host} could not be resolved"),
    (aiohttp.ClientProxyConnectionError, Trouble.NEVER_LEFT, "the proxy could not be reached ({reason})"),
    (aiohttp.ClientHttpProxyError, Trouble.NEVER_LEFT, "the proxy would not connect to {host}"),
    (aiohttp.ClientConnectorError, Trouble.NEVER_LEFT, "no connection to {host} came about ({reason})"),
    (aiohttp.ConnectionTimeoutError, Trouble.NEVER_LEFT, "no connection to {host} came about in time"),
    (TimeoutError, Trouble.IN_DOUBT, "no answer came within {timeout:g} s"),
    (ConnectionDropped, Trouble.IN_DOUBT, DROPPED),
    (aiohttp.ClientOSError, Trouble.IN_DOUBT, DROPPED),
    (aiohttp.ServerDisconnectedError, Trouble.IN_DOUBT, DROPPED),
    (aiohttp.ClientPayloadError, Trouble.IN_DOUBT, "the answer broke off"),
    (aiohttp.ClientResponseError, Trouble.IN_DOUBT, "the answer was not HTTP"),
    (aiohttp.ClientError, Trouble.IN_DOUBT, "the connection failed"),
)
"""The errors of aiohttp and what they prove; the first row that fits counts."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """What went wrong on the wire. It keeps no aiohttp error: some of those hold the request's headers."""

    trouble: Trouble
    sentence: str


@dataclass(slots=True)
class _Course:
    """The course of one request over its attempts. `limited_for` counts seconds."""

    failures: int = 0
    limited_for: float = 0.0
    renewed: bool = False


class Transport:
    """Sends requests over one session. Use `open_transport`; safe for any number of concurrent callers."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        config: ClientConfig,
        signer: Signer,
        pacer: Pacer,
        flights: Flights,
        sleep: Sleep,
        wall: Clock,
    ) -> None:
        self._session = session
        self._config = config
        self._signer = signer
        self._pacer = pacer
        self._flights = flights
        self._sleep = sleep
        self._wall = wall
        self._base = config.base_url.rstrip("/")
        self._host = urlsplit(self._base).netloc.rpartition("@")[2] or self._base
        self._requests = 0
        self._rate_limited = 0
        self._retries = 0
        self._waited = 0.0

    @property
    def traffic(self) -> Traffic:
        """What was sent so far; what found no connection is a retry, but no request on the wire."""
        return Traffic(self._requests, self._rate_limited, self._retries, self._waited)

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
        async with self._flights.seat:
            slot = await self._pacer.acquire()
            token = self._signer.bearer()
            self._requests += 1
            try:
                reply = await self._exchange(request, token)
            finally:
                self._pacer.answered(slot)
            # How it went decides how many may be in flight.
            action = Action.FALTER if isinstance(reply, _Failure) else action_for(reply.status)
            if action is Action.ACCEPT:
                self._flights.answered(request.kind, slot.started)
            elif action is Action.FALTER:
                self._flights.failed(slot.started)
        if isinstance(reply, _Failure):
            raise self._after_failure(request, course, reply)
        if action is Action.SLOW_DOWN:
            raise self._after_limit(request, course, reply, slot)
        self._pacer.accepted(slot)
        if action is Action.ACCEPT:
            return self._accept(request, course, reply)
        raise self._judge(request, course, reply, token)

    async def _exchange(self, request: Request[T], token: str) -> Reply | _Failure:
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
                params=request.query or None,
                data=data,
                headers=headers,
                allow_redirects=False,
                middlewares=() if request.method == "POST" else (_send_once,),
            ) as response:
                reply = self._reply(response.status, response.headers, await response.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            failure = self._translate(error)
            log.debug("%s: %s, %.0f ms", request.name, failure.sentence, 1000 * (time.monotonic() - began))
            return failure
        elapsed = time.monotonic() - began
        self._waited += elapsed
        log.debug("%s: %d, %.0f ms, request id %s", request.name, reply.status, 1000 * elapsed, reply.request_id or "-")
        return reply

    def _reply(self, status: int, headers: Mapping[str, str], body: bytes) -> Reply:
        request_id = shorten(self._signer.conceal(headers.get("X-Request-Id", "")), 80)
        if action_for(status) is Action.ACCEPT:
            return Reply(status, headers, body, request_id=request_id)
        said = self._signer.conceal(body[:LONGEST_ERROR_BYTES].decode("utf-8", "replace"))
        return Reply(status, headers, body, error_detail(said.encode()), request_id)

    def _translate(self, error: BaseException) -> _Failure:
        trouble, sentence = next((trouble, text) for kind, trouble, text in FAILURES if isinstance(error, kind))
        number = getattr(error, "errno", None)
        reason = os.strerror(number) if isinstance(number, int) and number in errno.errorcode else "no reason given"
        text = sentence.format(host=self._host, reason=reason.lower(), timeout=self._config.timeout_seconds)
        return _Failure(trouble, text)

    def _after_failure(self, request: Request[T], course: _Course, failure: _Failure) -> Exception:
        if request.is_write and failure.trouble is Trouble.IN_DOUBT:
            return policy.lost(request, failure.sentence)
        if failure.trouble is not Trouble.IN_DOUBT:
            # It was never on the wire.
            self._requests -= 1
        course.failures += 1
        error = policy.unavailable(request, failure.sentence, advice=policy.NETWORK_ADVICE, failures=course.failures)
        return error if failure.trouble is Trouble.HOPELESS else Repeat(error, failures=course.failures)

    def _judge(self, request: Request[T], course: _Course, reply: Reply, token: str) -> Exception:
        """Return what the status table makes of an answer that is none: what `send` raises, or Repeat."""
        match action_for(reply.status):
            case Action.LEAVE:
                what = f"{self._host} answered {reply.sentence}, a redirect, which is not followed"
                return policy.unavailable(request, what, advice=policy.BASE_URL_ADVICE, request_id=reply.request_id)
            case Action.RENEW:
                return self._after_unauthorized(request, course, reply, token)
            case Action.FORBID:
                return policy.credentials_refused(request, reply, self._signer.skew)
            case Action.LACK if not request.is_write:
                return policy.refused(request, reply)
            case Action.FALTER | Action.LACK:
                what = f"the service answered {reply.sentence}"
                return self._after_falter(request, course, reply, what)
            case _:
                return policy.refused(request, reply)

    def _accept(self, request: Request[T], course: _Course, reply: Reply) -> Answer[T]:
        try:
            return Answer(reply.status, request.read(reply.body), reply.request_id)
        except Unusable as error:
            what = f"{error} (status {reply.status})"
        raise self._after_falter(request, course, reply, what)

    def _after_falter(self, request: Request[T], course: _Course, reply: Reply, what: str) -> AnswerLost | Repeat:
        if request.is_write:
            return policy.lost(request, what, reply.request_id)
        course.failures += 1
        error = policy.unavailable(
            request, what, advice=policy.LATER_ADVICE, failures=course.failures, request_id=reply.request_id
        )
        return Repeat(error, failures=course.failures, wait=self._told_wait(reply))

    def _after_limit(self, request: Request[T], course: _Course, reply: Reply, slot: Slot) -> Repeat:
        self._rate_limited += 1
        told = self._told_wait(reply) or 0.0
        pause = max(self._pacer.throttled(slot, told), told, FIRST_PAUSE_SECONDS)
        course.limited_for += pause
        log.debug("%s: everybody pauses for %.1f s after a 429", request.name, pause)
        error = policy.unavailable(
            request,
            f"the service keeps answering {reply.sentence}",
            advice=f"Lower `requests_per_minute` under [limits], or wait {pause:.0f} s and run the same command again.",
            request_id=reply.request_id,
        )
        # The pause is the pacer's, which holds all callers: this one has nothing more to wait for on its own.
        return Repeat(error, limited_for=course.limited_for, wait=0.0)

    def _after_unauthorized(
        self, request: Request[T], course: _Course, reply: Reply, token: str
    ) -> CredentialsRefused | Repeat:
        if not course.renewed and self._signer.can_renew:
            course.renewed = True
            self._signer.renew(token, http_date(reply.headers.get("Date", "")))
            return Repeat(policy.credentials_refused(request, reply, self._signer.skew), wait=0.0)
        return policy.credentials_refused(request, reply, self._signer.skew)

    def _told_wait(self, reply: Reply) -> float | None:
        return retry_after_seconds(reply.headers.get("Retry-After", ""), self._wall())


async def _send_once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending a request a second time by itself.

    aiohttp (3.14, `ClientSession._request`) repeats GET, PUT and DELETE (never POST) once when the connection drops
    before the answer, without a switch to turn that off: a PUT would be written twice, and both past the rate limiter.
    It does so for ClientOSError and ServerDisconnectedError only. This middleware sits inside that loop and gives the
    drop another name, which ends the loop. Errors of a connection that never came about are not repeated there.
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
    pacer = _make_pacer(config, sleep=sleep, clock=clock, wall=wall)
    flights = Flights(config.concurrency, per_minute=config.requests_per_minute, clock=clock)
    # A connection that does not come about must fail before the whole request does, for that proves it never left.
    connect = min(LONGEST_CONNECT_SECONDS, config.timeout_seconds / 2)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=config.concurrency + SPARE_CONNECTIONS),
        timeout=aiohttp.ClientTimeout(total=config.timeout_seconds, connect=connect),
        headers={"User-Agent": f"heymarket-pipeline/{__version__}", "Accept": "application/json"},
        cookie_jar=aiohttp.DummyCookieJar(),
        proxy=proxy_for(config.base_url),
    ) as session:
        try:
            yield Transport(session, config, signer, pacer, flights, sleep, wall)
        finally:
            await pacer.leave()


def _make_pacer(config: ClientConfig, *, sleep: Sleep, clock: Clock, wall: Clock) -> Pacer:
    if config.place is None or not config.requests_per_minute:
        return Pacer(config.requests_per_minute, clock=clock, sleep=sleep)
    store: Store
    if config.place.server:
        store = RedisStore(config.place.server, config.place.account)
    else:
        store = SqliteStore(config.place.folder / f"{config.place.account}.sqlite", clock=wall)
    share = Share(store, config.requests_per_minute, timeout=config.timeout_seconds, clock=clock)
    return Pacer(config.requests_per_minute, clock=clock, sleep=sleep, share=share)
