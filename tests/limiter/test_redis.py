"""A budget shared through a Redis server: no password in a message, no change lost."""

import pytest
import redis

from pipeline.limiter._redis import RedisStore
from tests.heymarket.raw_server import free_port
from tests.limiter.counting import PASSWORD, QUOTED, count, unusable


@pytest.mark.service
async def test_no_message_tells_the_password_or_the_address_as_given(
    redis_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    gone = free_port()
    said = [
        await unusable(RedisStore(url, "a"))
        for url in (
            f"redis://me:s3cret-word@127.0.0.1:{gone}/0",
            f"redis://:s3cret-word@127.0.0.1:{redis_port}/0",
            f"redis://:s3cret-word@127.0.0.1:{redis_port}/no-number?socket_timeout=s3cret-word",
        )
    ]

    assert said == [
        f"the Redis server at 127.0.0.1:{gone} cannot be used (ConnectionError)",
        f"the Redis server at 127.0.0.1:{redis_port} cannot be used (AuthenticationError)",
        f"the Redis server at 127.0.0.1:{redis_port} cannot be used (its address is no usable one)",
    ]
    assert "s3cret" not in caplog.text
    assert "s3cret" not in repr(vars(RedisStore(f"redis://127.0.0.1:{redis_port}", "a")))


@pytest.mark.service
async def test_a_value_changed_meanwhile_is_read_again(redis_port: int) -> None:
    store = RedisStore(f"redis://:{QUOTED}@127.0.0.1:{redis_port}/0", "contended")
    await store.change(count)
    seen: list[bytes] = []

    def slow(content: bytes, now: float) -> tuple[bytes, int]:
        if not seen:
            # Somebody else is quicker, once.
            with redis.Redis(port=redis_port, password=PASSWORD) as other:
                other.incr("hmpipe:budget:contended")
        seen.append(content)
        return count(content, now)

    assert await store.change(slow) == 3
    assert seen == [b"1", b"2"]
    await store.aclose()
