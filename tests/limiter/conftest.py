"""Fixtures that the tests of this folder share."""

import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from pipeline.limiter._redis import RedisStore
from pipeline.limiter._stores import BudgetStore, SqliteStore
from tests.heymarket.raw_server import free_port
from tests.limiter.counting import PASSWORD, QUOTED


@pytest.fixture(scope="module")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run a Redis server with a password."""
    command = shutil.which("redis-server")
    if command is None:
        pytest.skip("there is no redis-server on the PATH")
    port = free_port()
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", PASSWORD]
    folder = tmp_path_factory.mktemp("redis")
    with subprocess.Popen([command, *arguments, "--dir", str(folder)], stdout=subprocess.PIPE) as server:
        assert server.stdout
        for line in server.stdout:
            if b"eady to accept" in line:
                break
        yield port
        server.terminate()


@pytest.fixture(params=["sqlite", pytest.param("redis", marks=pytest.mark.service)])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BudgetStore]:
    made: BudgetStore
    if request.param == "sqlite":
        made = SqliteStore(tmp_path / "state" / "account.sqlite")
    else:
        port = request.getfixturevalue("redis_port")
        made = RedisStore(f"redis://:{QUOTED}@127.0.0.1:{port}/0", request.node.name)
    yield made
    await made.aclose()
