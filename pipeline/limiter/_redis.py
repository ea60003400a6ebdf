"""The shared budget in a Redis server, for processes on several machines; redis-py is an optional extra."""

import asyncio
import contextlib
import random
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pipeline.libraries import LibraryMissing, load_optional
from pipeline.limiter._stores import StoreUnusable, Turn

T = TypeVar("T")

ANSWER_SECONDS = 1.0
"""How long the server may take to answer or to be reached."""

KEPT_SECONDS = 3600
"""An unused budget expires after this; its last minute is long over by then."""

MOST_TRIES = 50

READ = "return {redis.call('GET', KEYS[1]) or '', redis.call('TIME')}"

REPLACE = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
    return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""
"""Stores a value only if the one it was made from is still there."""


class _TooBusy(Exception):
    """Another process changed the value first, every time."""


class RedisStore:
    """A value in a Redis server. Its clock is the server's, so the machines' own do not matter."""

    def __init__(self, url: str, account: str) -> None:
        self._key = f"hmpipe:budget:{account}"
        parts = urlsplit(url)
        # Never the URL itself: it may hold a password.
        self._name = f"the Redis server at {parts.hostname}:{parts.port or 6379}"
        self._url = url
        self._client: Any = None
        self._client_errors: type[Exception] = OSError

    async def change(self, turn: Turn[T]) -> T:
        """See BudgetStore."""
        if self._client is None:
            self._client = self._connect()
        reason = "it is too busy"
        try:
            return await self._change(turn)
        except _TooBusy:
            pass
        except (self._client_errors, OSError, TimeoutError) as error:
            # Only the kind of the error: its text can quote what was sent, and the first thing sent is the password.
            reason = type(error).__name__
        raise StoreUnusable(f"{self._name} cannot be used ({reason})")

    def _connect(self) -> Any:
        try:
            redis = load_optional("redis.asyncio")
            self._client_errors = redis.RedisError
            return redis.Redis.from_url(self._url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS)
        except LibraryMissing as missing:
            reason = f"its package is not installed. {missing}"
        except ValueError:
            reason = "its address is no usable one"
        raise StoreUnusable(f"{self._name} cannot be used ({reason})")

    async def _change(self, turn: Turn[T]) -> T:
        for _ in range(MOST_TRIES):
            content, (seconds, microseconds) = await self._client.eval(READ, 1, self._key)
            new, result = turn(content, int(seconds) + int(microseconds) / 1e6)
            if await self._client.eval(REPLACE, 1, self._key, content, new, KEPT_SECONDS):
                return result
            # Another process changed it first; a random wait keeps the two from colliding again.
            await asyncio.sleep(random.uniform(0, 0.01))  # noqa: S311
        raise _TooBusy

    async def aclose(self) -> None:
        """See BudgetStore."""
        if self._client is not None:
            with contextlib.suppress(Exception):
                await self._client.aclose()
            self._client = None
