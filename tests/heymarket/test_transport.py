"""Sending: what is repeated, what is in doubt, and what no secret ever gets into."""

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace
from typing import Any

import aiohttp
import anyio
import anyio.lowlevel
import jwt
import pytest
from aioresponses import CallbackResult

from pipeline import wire as _wire
from pipeline.errors import AnswerLost, CredentialsRefused, RequestRefused, ServiceUnavailable
from pipeline.heymarket._policy import Request
from pipeline.heymarket._transport import ClientConfig, Delivery, Transport, _failures, open_transport, proxy_for
from pipeline.models._outcomes import Traffic
from tests.heymarket.raw_server import (
    CLOSED,
    GARBAGE,
    HANGING,
    RESET,
    TRUNCATED,
    Act,
    RawServer,
    free_port,
    raw_server,
    reply,
)
from tests.heymarket.responses import BASE_URL, ApiResponses, StreamlessResponse

SECRETS = {"secret_id": "the-id-1234567890", "secret_key": "the-key-1234567890"}

READ = Request("POST", "/v1/contacts", _wire.read_records, body={"limit": 2})
CREATE = Request("POST", "/v1/contact", _wire.read_write_answer, body={"phone": "14155550100"}, is_write=True)
UPDATE = Request(
    "PUT",
    "/v1/contact/7",
    _wire.read_write_answer,
    body={"phone": "14155550100"},
    query={"overwrite": "false"},
    is_write=True,
)
GOOD_READ = reply(200, b'[{"id": 1}]')


class FakeTime:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await anyio.lowlevel.checkpoint()


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


Opener = Callable[..., Any]


@pytest.fixture
async def opened(time: FakeTime) -> AsyncIterator[Opener]:
    """Open transports that end with the test."""
    async with AsyncExitStack() as stack:

        async def open_one(base_url: str = BASE_URL, **changes: Any) -> Transport:
            settings = {"requests_per_minute": 0, "timeout_seconds": 5.0, "max_attempts": 3, **SECRETS, **changes}
            wall = itertools.count(1_700_000_000)
            return await stack.enter_async_context(
                open_transport(
                    ClientConfig(base_url, **settings), sleep=time.sleep, clock=time.clock, wall=lambda: next(wall)
                )
            )

        yield open_one


@asynccontextmanager
async def served(opened: Opener, *acts: Act, **changes: Any) -> AsyncIterator[tuple[RawServer, Transport]]:
    async with raw_server(*acts) as server:
        yield server, await opened(server.base_url, **changes)


BROKEN: Mapping[str, Act] = {
    "closed": CLOSED,
    "reset": RESET,
    "truncated": TRUNCATED,
    "slow": HANGING,
    "garbage": GARBAGE,
    "cut json": reply(200, b'[{"id": 1'),
    "no json": reply(200, b"ok"),
    "empty body": reply(200, b""),
    "500": reply(500, b'"oops"'),
    "502": reply(502, b"<html>"),
    "503": reply(503),
    "504": reply(504),
    "408": reply(408),
}


def timeout_for(act: Act) -> float:
    """Short where the test waits for it, long where a busy machine must not meet it."""
    return 0.3 if act.then == "hang" else 10.0


broken = pytest.mark.parametrize("act", BROKEN.values(), ids=BROKEN.keys())


@broken
async def test_a_read_is_repeated(opened: Opener, time: FakeTime, act: Act) -> None:
    async with served(opened, act, GOOD_READ, timeout_seconds=timeout_for(act)) as (server, transport):
        answer = await transport.send(READ)

        assert [record.id for record in answer.value] == [1]
        assert len(server.seen) == 2
        assert transport.traffic == Traffic(requests=2, rate_limited=0, retries=1)
        assert len(time.slept) == 1


@broken
async def test_a_read_that_never_succeeds_ends_as_unavailable(opened: Opener, act: Act) -> None:
    async with served(opened, act, timeout_seconds=timeout_for(act)) as (server, transport):
        with pytest.raises(
            ServiceUnavailable, match=r"POST /v1/contacts failed in 3 attempts; the last time: "
        ) as caught:
            await transport.send(READ)

        assert len(server.seen) == 3
        assert caught.value.advice


@broken
@pytest.mark.parametrize("write", [CREATE, UPDATE], ids=["create", "update"])
async def test_a_write_is_in_doubt_and_sent_only_once(
    opened: Opener, time: FakeTime, act: Act, write: Request[Any]
) -> None:
    async with served(opened, act, reply(200, b'{"id": 1}'), timeout_seconds=timeout_for(act)) as (server, transport):
        with pytest.raises(AnswerLost, match="may or may not have taken effect"):
            await transport.send(write)

        await asyncio.sleep(0.02)
        assert len(server.seen) == 1
        assert time.slept == []


@pytest.mark.parametrize("drop", [CLOSED, RESET], ids=["closed", "reset"])
async def test_a_put_on_a_kept_connection_that_drops_arrives_exactly_once(opened: Opener, drop: Act) -> None:
    async with served(opened, GOOD_READ, drop, reply(200, b'{"id": 7}')) as (server, transport):
        await transport.send(READ)
        with pytest.raises(AnswerLost):
            await transport.send(UPDATE)

        await asyncio.sleep(0.05)
        assert server.count("PUT") == 1
        assert transport.traffic.requests == len(server.seen) == 2


async def test_aiohttp_by_itself_would_send_it_twice() -> None:
    # Why `_send_once` exists. When this fails, aiohttp has changed and the middleware may go.
    async with raw_server(CLOSED, reply(200, b"{}")) as server, aiohttp.ClientSession() as session:
        async with session.put(server.base_url, data=b"{}") as response:
            assert response.status == 200

        assert server.count("PUT") == 2


async def test_the_repeats_of_a_get_are_ours_alone(opened: Opener) -> None:
    request = Request("GET", "/v1/team", _wire.read_team)
    async with served(opened, CLOSED, max_attempts=2) as (server, transport):
        with pytest.raises(ServiceUnavailable):
            await transport.send(request)

        assert len(server.seen) == transport.traffic.requests == 2


# Never arrived


@pytest.mark.parametrize("write", [CREATE, UPDATE], ids=["create", "update"])
async def test_a_refused_connection_is_tried_again_even_for_a_write(opened: Opener, write: Request[Any]) -> None:
    transport = await opened(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(ServiceUnavailable, match=r"failed in 3 attempts.*refused.*Nothing was written") as caught:
        await transport.send(write)

    assert "base_url" in caught.value.advice
    assert "127.0.0.1" in str(caught.value)
    assert transport.traffic == Traffic(retries=2)


async def test_a_write_goes_through_once_the_service_is_back() -> None:
    port = free_port()
    config = ClientConfig(f"http://127.0.0.1:{port}", api_key="key-of-the-team", requests_per_minute=0)
    async with AsyncExitStack() as stack:
        servers: list[RawServer] = []

        async def come_back(_seconds: float) -> None:
            servers.append(await stack.enter_async_context(raw_server(reply(200, b'{"id": 7}'), port=port)))

        transport = await stack.enter_async_context(open_transport(config, sleep=come_back))
        assert (await transport.send(CREATE)).value.id == 7
        assert len(servers[0].seen) == 1


async def test_a_server_that_speaks_no_tls_is_told_apart(opened: Opener) -> None:
    async def speak_plainly(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    listener = await asyncio.start_server(speak_plainly, "127.0.0.1", 0)
    async with listener:
        transport = await opened(f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}")
        with pytest.raises(ServiceUnavailable, match=r"no TLS connection to 127\.0\.0\.1"):
            await transport.send(CREATE)

    assert transport.traffic == Traffic(retries=2)


KEY: Any = SimpleNamespace(host="api.heymarket.test", port=443, ssl=True, is_ssl=True)
REFUSED = OSError(111, "Connect call failed")

NETWORK_ERRORS: list[tuple[Exception, Delivery, str]] = [
    (
        aiohttp.ClientConnectorCertificateError(KEY, Exception("x")),
        Delivery.IMPOSSIBLE,
        "certificate of api.heymarket.test",
    ),
    (aiohttp.ClientConnectorSSLError(KEY, OSError(1, "x")), Delivery.NOT_SENT, "no TLS connection"),
    (aiohttp.InvalidURL("http://"), Delivery.IMPOSSIBLE, "no usable address"),
    (aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "x")), Delivery.NOT_SENT, "could not be resolved"),
    (aiohttp.ClientProxyConnectionError(KEY, REFUSED), Delivery.NOT_SENT, "proxy could not be reached"),
    (aiohttp.ClientHttpProxyError(KEY, (), status=407), Delivery.NOT_SENT, "the proxy would not connect"),
    (aiohttp.ClientConnectorError(KEY, REFUSED), Delivery.NOT_SENT, "connection refused"),
    (aiohttp.ConnectionTimeoutError("x"), Delivery.NOT_SENT, "came about in time"),
    (aiohttp.SocketTimeoutError("x"), Delivery.IN_DOUBT, "no answer came within 5 s"),
    (TimeoutError(), Delivery.IN_DOUBT, "no answer came within 5 s"),
    (aiohttp.ClientPayloadError("x"), Delivery.IN_DOUBT, "broke off"),
    (aiohttp.ClientResponseError(KEY, (), status=400), Delivery.IN_DOUBT, "was not HTTP"),
    (aiohttp.ClientConnectionError("x"), Delivery.IN_DOUBT, "the connection failed"),
]


@pytest.mark.parametrize(("error", "trouble", "words"), NETWORK_ERRORS, ids=lambda value: type(value).__name__)
async def test_every_error_of_the_network_is_translated(
    opened: Opener, error: Exception, trouble: Delivery, words: str
) -> None:
    transport = await opened()
    expected = {
        Delivery.IMPOSSIBLE: (ServiceUnavailable, Traffic()),
        Delivery.NOT_SENT: (ServiceUnavailable, Traffic(retries=2)),
        Delivery.IN_DOUBT: (AnswerLost, Traffic(requests=1)),
    }
    with ApiResponses() as api:
        api.answer("POST", "/v1/contact", exception=error, repeat=True)
        with pytest.raises(expected[trouble][0], match=words):
            await transport.send(CREATE)

    assert transport.traffic == expected[trouble][1]


def test_the_last_row_of_the_failures_catches_every_aiohttp_error() -> None:
    assert _failures()[-1][0] is aiohttp.ClientError
    assert _failures()[-1][1] is Delivery.IN_DOUBT


# Statuses


@pytest.mark.parametrize("status", [400, 404, 409, 413, 415, 422])
@pytest.mark.parametrize("request_", [READ, CREATE, UPDATE], ids=["read", "create", "update"])
async def test_a_refused_request_is_not_repeated(opened: Opener, status: int, request_: Request[Any]) -> None:
    act = reply(status, b'{"error": "bad_data"}', X_Request_Id="req-77")
    async with served(opened, act) as (server, transport):
        with pytest.raises(RequestRefused, match=r"bad_data.*req-77") as caught:
            await transport.send(request_)

        assert (caught.value.status, caught.value.detail, caught.value.request_id) == (status, "bad_data", "req-77")
        assert len(server.seen) == 1


async def test_what_the_server_cannot_do_is_a_refusal_for_a_read_and_a_doubt_for_a_write(opened: Opener) -> None:
    async with served(opened, reply(501)) as (_, transport):
        with pytest.raises(RequestRefused):
            await transport.send(READ)
        with pytest.raises(AnswerLost):
            await transport.send(CREATE)


@pytest.mark.parametrize("request_", [READ, UPDATE], ids=["read", "update"])
async def test_a_redirect_is_not_followed(opened: Opener, request_: Request[Any]) -> None:
    async with served(opened, reply(307, Location="/elsewhere")) as (server, transport):
        with pytest.raises(ServiceUnavailable, match=r"307 Temporary Redirect.*not followed.*base_url"):
            await transport.send(request_)

        assert len(server.seen) == 1


async def test_a_wait_told_beside_a_503_is_kept(opened: Opener, time: FakeTime) -> None:
    async with served(opened, reply(503, Retry_After="9"), GOOD_READ) as (_, transport):
        await transport.send(READ)

    assert time.slept == [9.0]


# Credentials


@pytest.mark.parametrize("request_", [READ, CREATE], ids=["read", "create"])
async def test_a_401_is_answered_by_one_fresh_token(opened: Opener, time: FakeTime, request_: Request[Any]) -> None:
    async with served(opened, reply(401), reply(200, b'[{"id": 1}]')) as (server, transport):
        await transport.send(request_)

        tokens = [request.headers["authorization"] for request in server.seen]
        assert len(set(tokens)) == 2
        assert transport.traffic == Traffic(requests=2, retries=1)
        assert sum(time.slept) == 0


async def test_a_second_401_ends_it(opened: Opener) -> None:
    async with served(opened, reply(401, b'"bad token"', X_Request_Id="req-1")) as (server, transport):
        with pytest.raises(CredentialsRefused, match=r"401 Unauthorized \(\"bad token\"\) \(request id req-1\)"):
            await transport.send(CREATE)

        assert len(server.seen) == 2


async def test_an_api_key_that_is_refused_is_not_tried_again(opened: Opener) -> None:
    async with served(opened, reply(401), secret_id="", secret_key="", api_key="key-of-the-team") as (
        server,
        transport,
    ):
        with pytest.raises(CredentialsRefused):
            await transport.send(READ)

        assert [request.headers["authorization"] for request in server.seen] == ["Bearer key-of-the-team"]


async def test_a_403_ends_it_at_once(opened: Opener) -> None:
    async with served(opened, reply(403)) as (server, transport):
        with pytest.raises(CredentialsRefused, match="may not do this"):
            await transport.send(CREATE)

        assert len(server.seen) == 1


async def test_a_wrong_clock_is_set_right_by_the_401(opened: Opener) -> None:
    act = reply(401, Date="Tue, 14 Nov 2023 23:13:20 GMT")
    async with served(opened, act, GOOD_READ) as (server, transport):
        await transport.send(READ)

        token = server.seen[1].headers["authorization"].removeprefix("Bearer ")
        issued = jwt.decode(token, options={"verify_signature": False})["iat"]
        assert abs(issued - 1_700_003_600) < 5


# Too many requests


@pytest.mark.parametrize(("advice", "pause"), [({"Retry_After": "7"}, 7.0), ({}, 1.0)], ids=["told", "untold"])
async def test_a_429_holds_every_caller(opened: Opener, time: FakeTime, advice: dict[str, str], pause: float) -> None:
    transport = await opened()
    moments: list[float] = []
    answers = iter([429, 429, 200, 200, 200])

    async def answer(*_: object, **__: object) -> Any:
        moments.append(time.now)
        status = next(answers)
        headers = {name.replace("_", "-"): value for name, value in advice.items()} if status == 429 else {}
        await anyio.lowlevel.checkpoint()
        return CallbackResult("POST", status=status, body=b"[]", headers=headers, response_class=StreamlessResponse)

    with ApiResponses() as api:
        api.answer("POST", "/v1/contacts", callback=answer, repeat=True)
        async with anyio.create_task_group() as group:
            group.start_soon(transport.send, READ)
            group.start_soon(transport.send, READ)
        await transport.send(READ)

    assert moments == [0.0, 0.0, pause, pause, pause]
    assert transport.traffic == Traffic(requests=5, rate_limited=2, retries=2)


@pytest.mark.parametrize("request_", [READ, CREATE], ids=["read", "create"])
async def test_429s_do_not_burn_the_attempts(opened: Opener, time: FakeTime, request_: Request[Any]) -> None:
    async with served(opened, *[reply(429)] * 10, reply(200, b'[{"id": 1}]'), max_attempts=2) as (_, transport):
        await transport.send(request_)

        assert transport.traffic == Traffic(requests=11, rate_limited=10, retries=10)
        assert [wait for wait in time.slept if wait] == pytest.approx([1, 2, 4, 8, 15, 15, 15, 15, 15, 15])


@pytest.mark.parametrize("advice", [{}, {"Retry_After": "0"}, {"Retry_After": "100"}], ids=["none", "zero", "long"])
async def test_endless_429s_end_the_request_at_last(opened: Opener, time: FakeTime, advice: dict[str, str]) -> None:
    async with served(opened, reply(429, b"[]", **advice)) as (server, transport):
        with pytest.raises(ServiceUnavailable, match=r"keeps answering 429.*Nothing was written.*requests_per_minute"):
            await transport.send(CREATE)

        assert 500 <= time.now <= 700
        assert len(server.seen) <= 60


async def test_a_very_long_told_pause_is_not_waited_for(opened: Opener, time: FakeTime) -> None:
    async with served(opened, reply(429, Retry_After="86400")) as (server, transport):
        with pytest.raises(ServiceUnavailable, match="wait 86400 s"):
            await transport.send(READ)

        assert len(server.seen) == 1
        assert time.now == 0
        # Somebody who comes later looks again after the usual patience, not after a day.
        with pytest.raises(ServiceUnavailable):
            await transport.send(READ)
        assert time.now == pytest.approx(600)


# What is sent, and what is kept quiet


async def test_a_request_is_sent_as_the_service_expects_it(opened: Opener) -> None:
    async with served(opened, reply(200, b'{"id": 7}')) as (server, transport):
        await transport.send(UPDATE)

        (arrived,) = server.seen
        assert arrived.line == "PUT /v1/contact/7?overwrite=false HTTP/1.1"
        assert arrived.body == b'{"phone":"14155550100"}'
        assert arrived.headers["content-type"] == "application/json"
        assert arrived.headers["accept"] == "application/json"
        assert arrived.headers["user-agent"].startswith("heymarket-pipeline/")
        assert arrived.headers["authorization"].startswith("Bearer ey")


async def test_a_request_without_a_body_has_no_content_type(opened: Opener) -> None:
    async with served(opened, reply(200, b'{"id": 7}')) as (server, transport):
        await transport.send(Request("GET", "/v1/team", _wire.read_team))

        assert "content-type" not in server.seen[0].headers


async def test_a_base_url_may_have_a_path_and_a_slash(opened: Opener) -> None:
    async with raw_server(GOOD_READ) as server:
        transport = await opened(f"{server.base_url}/mirror/")
        await transport.send(READ)

        assert server.seen[0].line.startswith("POST /mirror/v1/contacts ")


async def test_each_request_leaves_one_line_with_its_request_id(
    opened: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "pipeline.heymarket")
    async with served(opened, reply(200, b'{"id": 7}', X_Request_Id="req-5")) as (_, transport):
        await transport.send(UPDATE)

    (record,) = [record for record in caplog.records if record.name == "pipeline.heymarket"]
    assert record.levelno == logging.DEBUG
    assert "PUT /v1/contact/7: 200" in record.getMessage()
    assert "request id req-5" in record.getMessage()


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500, 307])
async def test_no_secret_and_no_phone_gets_into_a_log_or_an_error(
    opened: Opener, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    caplog.set_level(logging.DEBUG)

    # The server that echoes everything it was sent, in the body and in the request id.
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        token = head.decode().partition("Bearer ")[2].partition("\r\n")[0]
        said = f"token {token} id {SECRETS['secret_id']} key {SECRETS['secret_key']} phone 14155550100"
        lines = f"HTTP/1.1 {status} X\r\nX-Request-Id: {token}\r\nRetry-After: 86400\r\nContent-Length: {len(said)}"
        writer.write(f"{lines}\r\nConnection: close\r\n\r\n{said}".encode())
        writer.close()

    listener = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with listener:
        transport = await opened(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}", max_attempts=1)
        with pytest.raises((RequestRefused, CredentialsRefused, ServiceUnavailable)) as caught:
            await transport.send(READ)

    shown = caplog.text + str(caught.value) + repr(caught.value) + repr(transport) + repr(vars(caught.value))
    for secret in (*SECRETS.values(), "eyJ", "14155550100"):
        assert secret not in shown


async def test_no_secret_hangs_on_to_an_error(opened: Opener) -> None:
    # aiohttp's ClientResponseError holds the headers of the request, the token among them.
    async with served(opened, GARBAGE, max_attempts=1) as (_, transport):
        with pytest.raises(ServiceUnavailable) as caught:
            await transport.send(READ)

    error: BaseException | None = caught.value
    while error is not None:
        assert "Bearer" not in repr(error) + str(error)
        assert not isinstance(error, aiohttp.ClientError)
        error = error.__context__ or error.__cause__


def test_a_configuration_shows_no_secret() -> None:
    shown = repr(ClientConfig(BASE_URL, SECRETS["secret_id"], SECRETS["secret_key"], "key-of-the-team"))

    assert BASE_URL in shown
    assert not any(secret in shown for secret in (*SECRETS.values(), "key-of-the-team"))


@pytest.mark.parametrize(
    ("base_url", "proxy"),
    [
        ("https://api.heymarket.com", "http://proxy.test:3128"),
        ("https://internal.test", None),
        ("http://api.heymarket.com", None),
        ("https://127.0.0.1:8443", None),
        ("https://localhost", None),
        ("https://[::1]:8443", None),
    ],
)
def test_a_proxy_is_used_for_https_and_never_for_loopback(
    monkeypatch: pytest.MonkeyPatch, base_url: str, proxy: str | None
) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://proxy.test:3128")
    monkeypatch.setenv("http_proxy", "http://proxy.test:3128")
    monkeypatch.setenv("no_proxy", "internal.test")

    assert proxy_for(base_url) == proxy
