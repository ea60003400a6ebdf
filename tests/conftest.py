"""Fixtures that many tests share: a sandbox on a loopback port, and a client of it."""

import os
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from hypothesis import settings

from pipeline.heymarket import ClientConfig, HeymarketClient, open_client
from pipeline.sandbox import SECRET_ID, SECRET_KEY, Fault, Sandbox, Traits
from tests.exports import fill

# A busy machine is no fault of the code: how long one example takes says nothing here.
settings.register_profile("pipeline", deadline=None)
settings.load_profile("pipeline")


def examples(count: int) -> int:
    """How many examples a slow law is tried on: so many by `make test-all`, and a quarter by `make test`."""
    return count if os.environ.get("EVERY_TEST") else count // 4


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let nothing be skipped where everything that the tests need is there."""
    return fail_if_skipped((yield))


def fail_if_skipped(report: pytest.TestReport) -> pytest.TestReport:
    """Make a failure of a skipped test in CI."""
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"CI skips nothing. {report.longrepr}"
    return report


@dataclass
class World:
    """A running sandbox and the client of it."""

    sandbox: Sandbox
    client: HeymarketClient
    url: str


async def no_sleep(_: float) -> None:
    """Let others run, without the wait."""
    await anyio.lowlevel.checkpoint()


@asynccontextmanager
async def open_world(sandbox: Sandbox, *, timeout_seconds: float = 5.0) -> AsyncIterator[World]:
    """Serve a sandbox and open a client whose pauses take no time."""
    async with sandbox.serve() as url:
        config = ClientConfig(
            url,
            secret_id=SECRET_ID,
            secret_key=SECRET_KEY,
            requests_per_minute=0,
            timeout_seconds=timeout_seconds,
            max_attempts=4,
        )
        async with open_client(config, sleep=no_sleep) as client:
            yield World(sandbox, client, url)


@pytest.fixture
def worlds() -> Callable[[Sandbox], AbstractAsyncContextManager[World]]:
    """Open a world around any sandbox."""
    return open_world


class Server:
    """A sandbox served from a thread, for commands in processes of their own."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.url = ""
        self._ready = threading.Event()
        self._done = threading.Event()
        self._thread = threading.Thread(target=lambda: anyio.run(self._serve), daemon=True)

    async def _serve(self) -> None:
        async with self.sandbox.serve() as url:
            self.url = url
            self._ready.set()
            await anyio.to_thread.run_sync(self._done.wait)

    def has_answered(self, requests: int) -> Callable[[], bool]:
        """Say whether so many requests have come, whenever it is asked."""
        return lambda: len(self.sandbox.requests) >= requests

    def has_written(self, writes: int) -> Callable[[], bool]:
        """Say whether so many writes have come, whenever it is asked."""
        return lambda: len(self.sandbox.writes) >= writes

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join(10)


Serve = Callable[..., Server]


@pytest.fixture
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what outlives a run in a folder of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a moment, and not five seconds, for a database that another has."""
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, timeout=0.05))


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start servers of sandboxes with given traits and faults; they end with the test."""
    with ExitStack() as stack:

        def start(*faults: str, fields: Sequence[str] = ("Plan",), **traits: Any) -> Server:
            sandbox = Sandbox(
                traits=Traits(**traits),
                faults=[Fault.parse(fault) for fault in faults],
                requests_per_minute=0,
                fields=fields,
            )
            return stack.enter_context(Server(sandbox))

        yield start


@pytest.fixture
def server(serve: Serve) -> Server:
    """A server of contacts that a spreadsheet would change, and twenty others."""
    running = serve(opt_out_readable=True)
    fill(running.sandbox)
    return running
