"""The order of the server's stamps, which are opaque texts."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby, pairwise


@lru_cache(maxsize=4096)
def stamp_order(stamp: str) -> tuple[bool, datetime, str]:
    """Return a key that orders the server's stamps in time; texts that are no time stamp come first, by their text.

    It is used to compare only: the cursor that is sent back is always the server's own text.
    Source: docs/api.md, section List cursor.
    """
    try:
        moment = datetime.fromisoformat(stamp)
        return (True, moment if moment.tzinfo else moment.replace(tzinfo=UTC), "")
    except ValueError:
        return (False, datetime.min.replace(tzinfo=UTC), stamp)


def order_of(stamps: Iterable[str]) -> int | None:
    """Return 1 for ascending stamps, -1 for descending ones, 0 when all are equal, None when they are unsorted."""
    moments = [stamp_order(stamp) for stamp, _ in groupby(stamps)]
    rises = any(one < other for one, other in pairwise(moments))
    falls = any(one > other for one, other in pairwise(moments))
    return None if rises and falls else rises - falls


def compare(stamp: str, other: str) -> int:
    """Return 1, 0 or -1: whether `stamp` is later than, at the same time as, or earlier than `other`."""
    left, right = stamp_order(stamp), stamp_order(other)
    return (left > right) - (left < right)


def earliest(stamps: Iterable[str]) -> str:
    """Return the earliest of the stamps, "" where there is none; empty ones do not count."""
    return min({stamp for stamp in stamps if stamp}, key=stamp_order, default="")


def latest(stamps: Iterable[str]) -> str:
    """Return the latest of the stamps, "" where there is none; empty ones do not count."""
    return max({stamp for stamp in stamps if stamp}, key=stamp_order, default="")
