"""The three ways to count requests a minute, and the 429 they lead to."""

from email.utils import parsedate_to_datetime

import pytest

from pipeline.sandbox import Sandbox, Traits
from pipeline.sandbox._limits import Limits, make_limiter
from tests.sandbox.client import Api, served


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: float = 1_800_000_030.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def admitted(kind: str, moments: list[float], most: int = 3) -> list[float]:
    limiter = make_limiter(kind, most)
    return [moment for moment in moments if limiter.wait(moment) == 0]


def test_a_rolling_minute_never_holds_more_than_the_limit() -> None:
    assert admitted("rolling", [0, 30, 59, 59.5, 60, 61, 90]) == [0, 30, 59, 60, 90]


def test_a_fixed_minute_begins_anew_with_the_clock() -> None:
    assert admitted("fixed", [50, 55, 59, 59.5, 60, 61, 62, 63]) == [50, 55, 59, 60, 61, 62]


def test_a_bucket_refills_evenly() -> None:
    assert admitted("bucket", [0, 0, 0, 0, 19, 20, 21, 40]) == [0, 0, 0, 20, 40]


@pytest.mark.parametrize("kind", ["rolling", "fixed", "bucket"])
def test_the_wait_that_is_told_is_enough(kind: str) -> None:
    limiter = make_limiter(kind, 2)
    now = 120.5
    assert [limiter.wait(now), limiter.wait(now)] == [0, 0]
    wait = limiter.wait(now)
    assert 0 < wait <= 60
    assert limiter.wait(now + wait + 1e-6) == 0


def test_zero_is_no_limit() -> None:
    limits = Limits(0)
    assert all(limits.wait("caller", "rolling", 1.0) == 0 for _ in range(1000))


async def statuses(api: Api, count: int, key: str = "sandbox-api-key") -> list[int]:
    headers = {"Authorization": f"Bearer {key}"}
    return [(await api.call("GET", "/v1/team", headers=headers)).status for _ in range(count)]


async def test_the_server_answers_429_above_the_limit_and_recovers() -> None:
    clock = Clock()
    sandbox = Sandbox(requests_per_minute=2, clock=clock)
    async with served(sandbox) as api:
        assert await statuses(api, 3) == [200, 200, 429]
        assert "Retry-After" not in (await api.call("GET", "/v1/team")).headers
        clock.now += 60.1
        assert await statuses(api, 1) == [200]
        sandbox.requests_per_minute = 0
        assert await statuses(api, 5) == [200] * 5
    assert sandbox.requests_per_minute == 0


@pytest.mark.parametrize(("kind", "passed"), [("rolling", 0), ("fixed", 2), ("bucket", 1)])
async def test_the_trait_limit_window_decides_how_it_is_counted(kind: str, passed: int) -> None:
    clock = Clock()
    async with served(Sandbox(traits=Traits(limit_window=kind), requests_per_minute=2, clock=clock)) as api:
        await statuses(api, 2)
        clock.now += 30.5
        assert (await statuses(api, 3)).count(200) == passed


async def test_the_limit_is_for_each_key_or_for_the_team() -> None:
    for scope, last in (("key", 200), ("team", 429)):
        traits = Traits(limit_scope=scope)
        async with served(Sandbox(traits=traits, requests_per_minute=1, api_keys={"a", "b"}, clock=Clock())) as api:
            assert await statuses(api, 1, "a") == [200]
            assert await statuses(api, 1, "b") == [last]


async def test_retry_after_is_told_as_the_trait_says() -> None:
    clock = Clock()
    sandbox = Sandbox(traits=Traits(retry_after="seconds"), requests_per_minute=1, clock=clock)
    async with served(sandbox) as api:
        await statuses(api, 1)
        clock.now += 10
        assert (await api.call("GET", "/v1/team")).headers["Retry-After"] == "51"
        sandbox.traits = Traits(retry_after="date")
        told = (await api.call("GET", "/v1/team")).headers["Retry-After"]
        assert parsedate_to_datetime(told).timestamp() == clock.now + 51
