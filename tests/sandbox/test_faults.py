"""Faults: how they are written, when they fire, and what a client sees of each."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from pipeline.sandbox import Fault, Sandbox
from pipeline.sandbox._faults import FaultPlan
from tests.sandbox.client import ANA, Answer, Api, served

Create = Callable[[Api], Awaitable[Answer]]


async def create(api: Api) -> Answer:
    return await api.call("POST", "/v1/contact", {"phone": ANA})


def test_a_fault_is_read_from_a_text() -> None:
    assert Fault.parse("drop_after:POST /v1/contact:count=2") == Fault("drop_after", "POST /v1/contact", count=2)
    assert Fault.parse("slow:rate=0.5,seconds=2:when=after") == Fault("slow", rate=0.5, seconds=2.0, when="after")
    assert Fault.parse("html_502") == Fault("html_502")
    assert Fault.parse("rate_limited::retry_after=3") == Fault("rate_limited", retry_after=3.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("explode", "no fault 'explode'"),
        ("slow:*:seconds", "name=value"),
        ("slow:*:second=1", "no 'second'"),
        ("slow:*:seconds=long", "is a number"),
        ("slow:*:seconds=-1", "negative"),
        ("slow:*:rate=2", "between 0 and 1"),
        ("slow:*:when=never", "before or after"),
    ],
)
def test_a_wrong_fault_is_refused_with_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Fault.parse(text)


def test_a_fault_without_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a kind"):
        Fault.from_mapping({"rate": 1})


@pytest.mark.parametrize(
    ("pattern", "method", "path", "fits"),
    [
        ("*", "GET", "/v1/team", True),
        ("POST /v1/contact", "POST", "/v1/contact", True),
        ("POST /v1/contact", "POST", "/v1/contacts", False),
        ("POST /v1/contact", "PUT", "/v1/contact", False),
        ("PUT /v1/contact/*", "PUT", "/v1/contact/1101", True),
        ("/v1/contacts*", "POST", "/v1/contacts/count", True),
    ],
)
def test_an_endpoint_pattern_fits_method_and_path(pattern: str, method: str, path: str, *, fits: bool) -> None:
    assert Fault("slow", pattern).fits(method, path) is fits


def fired(fault: Fault, times: int, seed: int = 1) -> list[bool]:
    plan = FaultPlan([fault], seed)
    return [bool(plan.pick("GET", "/", early=fault.is_early)) for _ in range(times)]


def test_after_spares_the_first_and_count_ends_it() -> None:
    assert fired(Fault("html_502", after=2, count=2), 6) == [False, False, True, True, False, False]


def test_a_rate_is_met_about_and_repeats_with_the_same_seed() -> None:
    happened = fired(Fault("html_502", rate=0.25), 2000)
    assert 400 < sum(happened) < 600
    assert happened == fired(Fault("html_502", rate=0.25), 2000)
    assert happened != fired(Fault("html_502", rate=0.25), 2000, seed=2)


def test_the_first_that_fires_wins_and_slowness_adds_to_it() -> None:
    plan = FaultPlan([Fault("slow"), Fault("html_502", "PUT *"), Fault("drop_before"), Fault("rate_limited")], 1)
    assert [fault.kind for fault in plan.pick("GET", "/", early=True)] == ["slow", "drop_before"]
    assert plan.happened == (1, 0, 1, 0)


@pytest.mark.parametrize(
    ("text", "status", "effect"),
    [
        ("error_before", 500, False),
        ("error_before:status=503", 503, False),
        ("error_after", 500, True),
        ("rate_limited", 429, False),
        ("html_502", 502, False),
        ("wrong_json", 200, True),
    ],
)
async def test_an_answered_fault_has_its_status_and_effect(text: str, status: int, *, effect: bool) -> None:
    sandbox = Sandbox(faults=[Fault.parse(text)])
    async with served(sandbox) as api:
        answer = await create(api)
    assert answer.status == status
    assert answer.headers["X-Request-Id"] == "sandbox-00000001"
    assert bool(sandbox.contacts()) is effect
    assert sandbox.requests == [("POST", "/v1/contact", status)]


async def test_bodies_of_faults_are_what_their_names_say() -> None:
    sandbox = Sandbox()
    async with served(sandbox) as api:
        sandbox.faults = [Fault("html_502")]
        page = await create(api)
        assert page.headers["Content-Type"].startswith("text/html")
        assert "<html>" in page.body
        sandbox.faults = [Fault("rate_limited", retry_after=7)]
        assert (await create(api)).headers["Retry-After"] == "7"
        sandbox.faults = [Fault("rate_limited")]
        assert "Retry-After" not in (await create(api)).headers
        sandbox.faults = [Fault("wrong_json")]
        assert isinstance((await create(api)).body, str)


@pytest.mark.parametrize(
    ("kind", "error", "effect"),
    [
        ("drop_before", aiohttp.ClientConnectionError, False),
        ("drop_after", aiohttp.ClientConnectionError, True),
        ("truncated", aiohttp.ClientPayloadError, True),
    ],
)
async def test_a_cut_connection_is_seen_as_one(kind: str, error: type[Exception], *, effect: bool) -> None:
    sandbox = Sandbox(faults=[Fault(kind, count=1)])
    async with served(sandbox) as api:
        with pytest.raises(error):
            await create(api)
        assert bool(sandbox.contacts()) is effect
        assert (await api.call("GET", "/v1/team")).status == 200
    assert sandbox.fault_counts == (1,)
    assert sandbox.requests[0].status == (200 if kind == "truncated" else 0)


async def test_late_faults_leave_refusals_alone() -> None:
    sandbox = Sandbox(faults=[Fault("drop_after", count=1)])
    async with served(sandbox) as api:
        assert (await api.call("GET", "/v1/contact/1")).status == 404
        with pytest.raises(aiohttp.ClientConnectionError):
            await api.call("POST", "/v1/tags")


async def test_refuse_stops_listening_for_a_while_without_effect() -> None:
    sandbox = Sandbox(faults=[Fault("refuse", "POST /v1/contact", count=1, seconds=0.3)])
    async with served(sandbox) as api:
        assert (await api.call("GET", "/v1/team")).status == 200
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await create(api)
        with pytest.raises(aiohttp.ClientConnectorError):
            await create(api)
        assert sandbox.contacts() == []
        await asyncio.sleep(0.5)
        assert (await create(api)).status == 200


async def test_refuse_cuts_the_connections_that_are_idle() -> None:
    sandbox = Sandbox(faults=[Fault("refuse", "POST /v1/contact", count=1, seconds=0.1)])
    async with served(sandbox) as api, asyncio.timeout(10):
        await asyncio.gather(*(api.call("GET", "/v1/team") for _ in range(4)))
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await create(api)
        await asyncio.sleep(0.3)
        # A connection left open would swallow what is sent on it now.
        assert (await create(api)).status == 200


async def test_two_refusals_at_once_and_an_early_end_are_survived() -> None:
    sandbox = Sandbox(faults=[Fault("slow", seconds=0.1), Fault("refuse", seconds=30)])
    async with served(sandbox) as api:
        outcomes = await asyncio.gather(create(api), create(api), return_exceptions=True)
        assert all(isinstance(outcome, aiohttp.ClientConnectionError) for outcome in outcomes)


@pytest.mark.parametrize(("when", "effect"), [("before", False), ("after", True)])
async def test_a_slow_answer_waits_before_or_after_its_effect(when: str, *, effect: bool) -> None:
    sandbox = Sandbox(faults=[Fault("slow", seconds=0.3, when=when)])
    async with served(sandbox) as api:
        begun = time.monotonic()
        task = asyncio.create_task(create(api))
        await asyncio.sleep(0.15)
        assert bool(sandbox.contacts()) is effect
        assert (await task).status == 200
        assert time.monotonic() - begun >= 0.29
    assert len(sandbox.contacts()) == 1


async def test_a_slow_write_takes_effect_after_the_client_has_gone() -> None:
    sandbox = Sandbox(faults=[Fault("slow", seconds=0.2)])
    async with served(sandbox) as api:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(create(api), 0.05)
        assert sandbox.contacts() == []
        await asyncio.sleep(0.3)
        assert len(sandbox.contacts()) == 1
