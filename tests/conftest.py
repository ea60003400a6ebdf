"""Fixtures that many tests share: a sandbox on a loopback port, and a client of it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import anyio.lowlevel
import pytest
from hypothesis import settings

from pipeline.heymarket import ClientConfig, HeymarketClient, open_client
from pipeline.sandbox import SECRET_ID, SECRET_KEY, Sandbox

# A busy machine is no fault of the code: how long one example takes says nothing here.
settings.register_profile("pipeline", deadline=None)
settings.load_profile("pipeline")


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
