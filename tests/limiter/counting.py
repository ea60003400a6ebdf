"""Counting in a store."""

import pytest

from pipeline.limiter._stores import BudgetStore, StoreUnusable

PASSWORD = "pa:ss@word"


QUOTED = "pa%3Ass%40word"


def count(content: bytes, _now: float) -> tuple[bytes, int]:
    number = int(content or b"0") + 1
    return str(number).encode(), number


async def unusable(store: BudgetStore) -> str:
    with pytest.raises(StoreUnusable) as caught:
        await store.change(count)
    await store.aclose()
    return str(caught.value)
