"""The stores of the shared budget: real files, a real Redis server where there is one, real processes."""

import contextlib
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import anyio
import pytest

from pipeline.limiter._redis import RedisStore
from pipeline.limiter._stores import BudgetStore, SqliteStore, StoreUnusable
from tests.limiter.counting import QUOTED, count, unusable


async def test_a_value_is_kept_and_the_clock_goes_forward(store: BudgetStore) -> None:
    assert [await store.change(count) for _ in range(3)] == [1, 2, 3]
    moments = [await store.change(lambda content, now: (content, now)) for _ in range(2)]
    assert time.time() - 60 < moments[0] <= moments[1] < time.time() + 60


async def test_a_turn_that_fails_changes_nothing(store: BudgetStore) -> None:
    def fail(_content: bytes, _now: float) -> tuple[bytes, int]:
        raise ZeroDivisionError

    await store.change(count)
    with pytest.raises(ZeroDivisionError):
        await store.change(fail)
    assert await store.change(count) == 2


async def test_it_can_be_used_again_after_it_was_closed(store: BudgetStore) -> None:
    await store.change(count)
    await store.aclose()
    assert await store.change(count) == 2


COUNTER = """
import sys, anyio
from pathlib import Path
from pipeline.limiter._redis import RedisStore
from pipeline.limiter._stores import SqliteStore

def count(content, now):
    number = int(content or b"0") + 1
    return str(number).encode(), number

async def main():
    kind, place, account = sys.argv[1:4]
    store = SqliteStore(Path(place)) if kind == "sqlite" else RedisStore(place, account)
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(100):
        await store.change(count)
    await store.aclose()

anyio.run(main)
"""


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("redis", marks=pytest.mark.service)])
def test_no_change_of_several_processes_is_lost(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path = tmp_path / "a.sqlite"
    url = f"redis://:{QUOTED}@127.0.0.1:{request.getfixturevalue('redis_port')}/0" if kind == "redis" else ""
    arguments = [sys.executable, "-c", COUNTER, kind, url or str(path), "counted"]
    with contextlib.ExitStack() as stack:
        processes = [
            stack.enter_context(subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
            for _ in range(3)
        ]
        for process in processes:
            assert process.stdout
            assert process.stdout.readline() == b"ready\n"
        for process in processes:
            process.communicate(b"go\n", timeout=30)
            assert process.returncode == 0

    async def count_once() -> int:
        store: BudgetStore = RedisStore(url, "counted") if url else SqliteStore(path)
        counted = await store.change(count)
        await store.aclose()
        return counted

    assert anyio.run(count_once) == 301


# SQLite


async def test_the_file_is_private(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "state" / "limits" / "a.sqlite")
    await store.change(count)

    assert stat.S_IMODE((tmp_path / "state" / "limits").stat().st_mode) == 0o700
    for file in (tmp_path / "state" / "limits").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    await store.aclose()


def test_nothing_is_made_before_it_is_used(tmp_path: Path) -> None:
    anyio.run(SqliteStore(tmp_path / "state" / "a.sqlite").aclose)

    assert list(tmp_path.iterdir()) == []


async def test_a_damaged_file_is_unusable(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").write_bytes(b"this is no database" * 1000)

    assert await unusable(SqliteStore(tmp_path / "a.sqlite")) == (
        f"{tmp_path / 'a.sqlite'} cannot be used (file is not a database)"
    )


async def test_a_folder_that_cannot_be_made_is_unusable(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file stands in the way")

    assert "cannot be used" in await unusable(SqliteStore(tmp_path / "state" / "a.sqlite"))


async def test_a_full_disk_is_unusable(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "a.sqlite")
    await store.change(count)
    assert store._database
    store._database.execute("PRAGMA max_page_count = 2")

    with pytest.raises(StoreUnusable, match="full"):
        await store.change(lambda _content, _now: (b"x" * 100_000, None))
    assert await store.change(count) == 2
    await store.aclose()


async def test_a_file_that_another_holds_for_long_is_unusable_and_then_usable_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.limiter._stores.BUSY_SECONDS", 0.05)
    store = SqliteStore(tmp_path / "a.sqlite")
    await store.change(count)
    with contextlib.closing(sqlite3.connect(tmp_path / "a.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnusable, match="locked"):
            await store.change(count)
        other.execute("ROLLBACK")
    assert await store.change(count) == 2
    await store.aclose()
