"""Sending one request: under the rate limit, with the repetitions that are safe, to an answer or one of our errors.

The rules of repetition: a read may be repeated after anything that time can heal. A write is repeated only when it is
proved not to have been carried out (no connection came about, 401, 429); whatever else goes wrong leaves it in doubt,
and AnswerLost says so at once. Source: docs/api.md, section Errors.
"""

import enum
import errno
import functools
import logging
import os
import time
import urllib.request
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import urlsplit

import anyio

from pipeline import __version__, jsontext
from pipeline.errors import AnswerLost
from pipeline.heymarket import _policy as policy
from pipeline.heymarket._auth import Signer
from pipeline.heymarket._policy import Action, Request, Response, Result, action_for
from pipeline.heymarket._repetition import Repeat, http_date, repeat, retry_after_seconds
from pipeline.libraries import aiohttp
from pipeline.limiter import (
    FIRST_PAUSE_SECONDS,
    AdaptiveConcurrency,
    BudgetStore,
    Clock,
    Permit,
    Place,
    RateLimiter,
    RedisStore,
    Share,
    Sleep,
    SqliteStore,
)
from pipeline.models import Traffic
from pipeline.wire import UnusableAnswer, error_detail, shorten

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


class Delivery(enum.Enum):
    """What a failure of the network proves."""

    NOT_SENT = "no connection came about: nothing was carried out, it can be repeated"
    IMPOSSIBLE = "no connection can come about with these settings: nothing was carried out, repeating does not help"
    IN_DOUBT = "the request may have arrived"


class ConnectionDropped(Exception):
    """The connection ended between the request and its answer."""


DROPPED = "the connection was closed before the answer came"


@functools.cache
def _failures() -> tuple[tuple[type[BaseException], Delivery, str], ...]:
    """Return the errors of aiohttp and what they prove; the first row that fits counts."""
    return (
        (aiohttp.ClientConnectorCertificateError, Delivery.IMPOSSIBLE, "the TLS certificate of {host} is not trusted"),
        (aiohttp.InvalidURL, Delivery.IMPOSSIBLE, "{host} is no usable address"),
        # A server that is being restarted can break off a handshake, so this one can heal.
        (aiohttp.ClientSSLError, Delivery.NOT_SENT, "no TLS connection to {host} came about"),
        (aiohttp.ClientConnectorDNSError, Delivery.NOT_SENT, "the host name {host} could not be resolved"),
        (aiohttp.ClientProxyConnectionError, Delivery.NOT_SENT, "the proxy could not be reached ({reason})"),
        (aiohttp.ClientHttpProxyError, Delivery.NOT_SENT, "the proxy would not connect to {host}"),
        (aiohttp.ClientConnectorError, Delivery.NOT_SENT, "no connection to {host} came about ({reason})"),
        (aiohttp.ConnectionTimeoutError, Delivery.NOT_SENT, "no connection to {host} came about in time"),
        (TimeoutError, Delivery.IN_DOUBT, "no answer came within {timeout:g} s"),
        (ConnectionDropped, Delivery.IN_DOUBT, DROPPED),
        (aiohttp.ClientOSError, Delivery.IN_DOUBT, DROPPED),
        (aiohttp.ServerDisconnectedError, Delivery.IN_DOUBT, DROPPED),
        (aiohttp.ClientPayloadError, Delivery.IN_DOUBT, "the answer broke off"),
        (aiohttp.ClientResponseError, Delivery.IN_DOUBT, "the answer was not HTTP"),
        (aiohttp.ClientError, Delivery.IN_DOUBT, "the connection failed"),
    )


@dataclass(frozen=True, slots=True)
class _NetworkFailure:
    """What went wrong on the wire. It keeps no aiohttp error: some of those hold the request's headers."""

    delivery: Delivery
    sentence: str


@dataclass(slots=True)
class _Attempts(Generic[T]):
    """The attempts at one request so far. `limited_for` counts the seconds that 429s have held it up."""

    request: Request[T]
    failures: int = 0
    limited_for: float = 0.0
    renewed: bool = False


class Transport:
    """Sends requests over one session. Use `open_transport`; safe for any number of concurrent callers."""

    def __init__(
        self,
        session: "aiohttp.ClientSession",
        config: ClientConfig,
        signer: Signer,
        limiter: RateLimiter,
        concurrency: AdaptiveConcurrency,
        sleep: Sleep,
        wall: Clock,
    ) -> None:
        self._session = session
        self._config = config
        self._signer = signer
        self._limiter = limiter
        self._concurrency = concurrency
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

    async def send(self, request: Request[T]) -> Result[T]:
        """Send `request`, repeat it where that is safe, and return the answer.

        Raises RequestRefused (4xx), CredentialsRefused (401 after a fresh token; 403, unless the call is optional),
        ServiceUnavailable (nothing was carried out, or a read failed in every attempt) and, for a write only,
        AnswerLost (in doubt).
        """
        attempts = _Attempts(request)

        async def attempt() -> Result[T]:
            return await self._attempt(attempts)

        return await repeat(
            attempt, max_attempts=self._config.max_attempts, sleep=self._sleep, on_repeat=self._count_retry
        )

    def _count_retry(self) -> None:
        self._retries += 1

    async def _attempt(self, attempts: _Attempts[T]) -> Result[T]:
        request = attempts.request
        async with self._concurrency.slot:
            permit = await self._limiter.acquire()
            token = self._signer.bearer()
            self._requests += 1
            try:
                response = await self._exchange(request, token)
            finally:
                self._limiter.answered(permit)
            action = Action.RETRY if isinstance(response, _NetworkFailure) else action_for(response.status)
            # How it went decides how many may be in flight.
            if action is Action.ACCEPT:
                self._concurrency.answered(request.kind, permit.started)
            elif action is Action.RETRY:
                self._concurrency.failed(permit.started)
        if isinstance(response, _NetworkFailure):
            raise self._after_network_failure(attempts, response)
        if action is Action.SLOW_DOWN:
            raise self._after_limit(attempts, response, permit)
        self._limiter.accepted(permit)
        if action is not Action.ACCEPT:
            raise self._judge(attempts, response, token)
        try:
            return Result(request.read(response.body), response.request_id)
        except UnusableAnswer as error:
            what = f"{error} (status {response.status})"
        raise self._after_failed_answer(attempts, response, what)

    async def _exchange(self, request: Request[T], token: str) -> Response | _NetworkFailure:
        """Send once and read the whole response. An aiohttp error becomes a value here and goes no further."""
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
            ) as answer:
                response = self._response(answer.status, answer.headers, await answer.read())
        except (aiohttp.ClientError, ConnectionDropped, TimeoutError) as error:
            failure = self._translate(error)
            log.debug("%s: %s, %.0f ms", request.name, failure.sentence, 1000 * (time.monotonic() - began))
            return failure
        elapsed = time.monotonic() - began
        self._waited += elapsed
        log.debug(
            "%s: %d, %.0f ms, request id %s", request.name, response.status, 1000 * elapsed, response.request_id or "-"
        )
        return response

    def _response(self, status: int, headers: Mapping[str, str], body: bytes) -> Response:
        request_id = shorten(self._signer.conceal(headers.get("X-Request-Id", "")), 80)
        if action_for(status) is Action.ACCEPT:
            return Response(status, headers, body, request_id=request_id)
        said = self._signer.conceal(body[:LONGEST_ERROR_BYTES].decode("utf-8", "replace"))
        return Response(status, headers, body, error_detail(said.encode()), request_id)

    def _translate(self, error: BaseException) -> _NetworkFailure:
        delivery, sentence = next((delivery, text) for kind, delivery, text in _failures() if isinstance(error, kind))
        number = getattr(error, "errno", None)
        reason = os.strerror(number) if isinstance(number, int) and number in errno.errorcode else "no reason given"
        text = sentence.format(host=self._host, reason=reason.lower(), timeout=self._config.timeout_seconds)
        return _NetworkFailure(delivery, text)

    def _after_network_failure(self, attempts: _Attempts[T], failure: _NetworkFailure) -> Exception:
        request = attempts.request
        if request.is_write and failure.delivery is Delivery.IN_DOUBT:
            return policy.lost(request, failure.sentence)
        if failure.delivery is not Delivery.IN_DOUBT:
            # It was never on the wire.
            self._requests -= 1
        attempts.failures += 1
        error = policy.unavailable(request, failure.sentence, advice=policy.NETWORK_ADVICE, failures=attempts.failures)
        return error if failure.delivery is Delivery.IMPOSSIBLE else Repeat(error, failures=attempts.failures)

    def _judge(self, attempts: _Attempts[T], response: Response, token: str) -> Exception:
        """Return what the status table says of a response that cannot be used: the error to raise, or Repeat."""
        request, action = attempts.request, action_for(response.status)
        if action is Action.UNSUPPORTED:
            action = Action.RETRY if request.is_write else Action.REFUSE
        if action is Action.FORBID and request.is_optional:
            action = Action.REFUSE
        match action:
            case Action.STOP:
                what = f"{self._host} answered {response.sentence}, a redirect, which is not followed"
                return policy.unavailable(request, what, advice=policy.BASE_URL_ADVICE, request_id=response.request_id)
            case Action.RENEW if self._signer.can_renew and not attempts.renewed:
                attempts.renewed = True
                self._signer.renew(token, http_date(response.headers.get("Date", "")))
                return Repeat(policy.credentials_refused(request, response, self._signer.skew), wait=0.0)
            case Action.RENEW | Action.FORBID:
                return policy.credentials_refused(request, response, self._signer.skew)
            case Action.RETRY:
                return self._after_failed_answer(attempts, response, f"the service answered {response.sentence}")
            case _:
                return policy.refused(request, response)

    def _after_failed_answer(self, attempts: _Attempts[T], response: Response, what: str) -> AnswerLost | Repeat:
        if attempts.request.is_write:
            return policy.lost(attempts.request, what, response.request_id)
        attempts.failures += 1
        error = policy.unavailable(
            attempts.request,
            what,
            advice=policy.LATER_ADVICE,
            failures=attempts.failures,
            request_id=response.request_id,
        )
        return Repeat(error, failures=attempts.failures, wait=self._told_wait(response))

    def _after_limit(self, attempts: _Attempts[T], response: Response, permit: Permit) -> Repeat:
        self._rate_limited += 1
        told = self._told_wait(response) or 0.0
        pause = max(self._limiter.throttled(permit, told), told, FIRST_PAUSE_SECONDS)
        attempts.limited_for += pause
        log.debug("%s: all requests pause for %.1f s after a 429", attempts.request.name, pause)
        error = policy.unavailable(
            attempts.request,
            f"the service keeps answering {response.sentence}",
            advice=f"Lower `requests_per_minute` under [limits], or wait {pause:.0f} s and run the same command again.",
            request_id=response.request_id,
        )
        # The rate limiter holds all requests during the pause; this one has nothing more to wait for.
        return Repeat(error, limited_for=attempts.limited_for, wait=0.0)

    def _told_wait(self, response: Response) -> float | None:
        return retry_after_seconds(response.headers.get("Retry-After", ""), self._wall())


async def _send_once(
    request: "aiohttp.ClientRequest", handler: "aiohttp.ClientHandlerType"
) -> "aiohttp.ClientResponse":
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
    limiter = _make_limiter(config, sleep=sleep, clock=clock, wall=wall)
    concurrency = AdaptiveConcurrency(config.concurrency, per_minute=config.requests_per_minute, clock=clock)
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
            yield Transport(session, config, signer, limiter, concurrency, sleep, wall)
        finally:
            await limiter.leave()


def _make_limiter(config: ClientConfig, *, sleep: Sleep, clock: Clock, wall: Clock) -> RateLimiter:
    if config.place is None or not config.requests_per_minute:
        return RateLimiter(config.requests_per_minute, clock=clock, sleep=sleep)
    store: BudgetStore
    if config.place.server:
        store = RedisStore(config.place.server, config.place.account)
    else:
        store = SqliteStore(config.place.folder / f"{config.place.account}.sqlite", clock=wall)
    share = Share(store, config.requests_per_minute, timeout=config.timeout_seconds, clock=clock)
    return RateLimiter(config.requests_per_minute, clock=clock, sleep=sleep, share=share)
