"""What every answer has in common: request ids, error bodies, counters."""

import asyncio
import io
from urllib.parse import urlsplit

import pytest

from pipeline.sandbox import Sandbox, Traits
from pipeline.sandbox._app import LARGEST_BODY
from tests.sandbox.client import ANA, KEY_HEADER, served


async def test_every_answer_has_its_own_request_id() -> None:
    async with served(Sandbox()) as api:
        answers = [
            await api.call("GET", "/v1/team"),
            await api.call("GET", "/v1/team", headers={}),
            await api.call("GET", "/v1/nowhere"),
            await api.call("PATCH", "/v1/contact/5"),
            await api.call("POST", "/v1/contact", b"{"),
        ]
    assert [answer.status for answer in answers] == [200, 401, 404, 405, 400]
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == 5


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        ("object", {"error": "not_found", "message": "no such contact"}),
        ("string", "not_found: no such contact"),
        ("text", "not_found: no such contact"),
    ],
)
async def test_error_bodies_have_the_shape_of_the_trait(shape: str, body: object) -> None:
    async with served(Sandbox(traits=Traits(error_shape=shape))) as api:
        answer = await api.call("GET", "/v1/contact/5")
    assert answer.body == body
    assert answer.headers["Content-Type"].startswith("text/plain" if shape == "text" else "application/json")


async def test_requests_are_recorded_and_counted() -> None:
    sandbox = Sandbox()
    async with served(sandbox) as api:
        await api.call("GET", "/v1/contact/5")
        await api.call("GET", "/v1/contact/6")
        await api.call("GET", "/v1/nowhere")
        await api.call("POST", "/v1/contact", {"phone": ANA})
        await api.call("GET", "/_sandbox/state")
    assert [tuple(exchange) for exchange in sandbox.requests] == [
        ("GET", "/v1/contact/5", 404),
        ("GET", "/v1/contact/6", 404),
        ("GET", "/v1/nowhere", 404),
        ("POST", "/v1/contact", 200),
    ]
    counters = sandbox.counters()
    assert counters["requests"] == 4
    assert counters["statuses"] == {"404": 3, "200": 1}
    assert counters["endpoints"] == {"GET /v1/contact/{id}": 2, "GET /v1/nowhere": 1, "POST /v1/contact": 1}
    assert counters["writes"] == 1


async def test_a_body_beyond_all_bounds_is_413_without_effect() -> None:
    sandbox = Sandbox()
    async with served(sandbox) as api:
        body = io.BytesIO(b" " * (LARGEST_BODY + 1))
        async with api.session.post(f"{api.url}/v1/contact", data=body, headers=KEY_HEADER) as answer:
            assert answer.status == 413
    assert sandbox.writes == []


async def test_a_request_that_ends_early_has_no_effect() -> None:
    sandbox = Sandbox()
    async with served(sandbox) as api:
        address = urlsplit(api.url)
        _, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(b"POST /v1/contact HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{")
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.close()
        await writer.wait_closed()
        await asyncio.sleep(0.05)
    assert sandbox.writes == []
    assert [exchange.status for exchange in sandbox.requests] == [400]
