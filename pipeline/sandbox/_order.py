"""Sorted keys: a list of whole numbers that stays sorted while keys come and go, without ever being scanned."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from itertools import accumulate

CHUNK = 1000


class SortedKeys:
    """Distinct whole numbers in ascending order, kept in chunks of about a thousand.

    Adding and removing touch one chunk. Ranks come from running totals of the chunk lengths, which are summed again
    only after a change: a thousand lengths for a million keys.
    """

    def __init__(self, keys: Iterable[int] = ()) -> None:
        ordered = sorted(keys)
        self._chunks = [ordered[start : start + CHUNK] for start in range(0, len(ordered), CHUNK)]
        self._tops = [chunk[-1] for chunk in self._chunks]
        self._totals: list[int] | None = None
        self._size = len(ordered)

    def __len__(self) -> int:
        return self._size

    def add(self, key: int) -> None:
        """Add a key that is not there yet."""
        self._totals = None
        self._size += 1
        place = bisect_left(self._tops, key)
        if place == len(self._chunks):
            self._append(key)
            return
        insort(self._chunks[place], key)
        self._split(place)

    def remove(self, key: int) -> None:
        """Remove a key. Raises KeyError when it is not there."""
        place = bisect_left(self._tops, key)
        if place == len(self._chunks):
            raise KeyError(key)
        chunk = self._chunks[place]
        spot = bisect_left(chunk, key)
        if chunk[spot] != key:
            raise KeyError(key)
        del chunk[spot]
        self._totals = None
        self._size -= 1
        if chunk:
            self._tops[place] = chunk[-1]
        else:
            del self._chunks[place], self._tops[place]

    def rank(self, key: int) -> int:
        """Return how many keys are smaller than `key`."""
        place = bisect_left(self._tops, key)
        if place == len(self._chunks):
            return self._size
        before = self._running_totals()[place - 1] if place else 0
        return before + bisect_left(self._chunks[place], key)

    def between(self, start: int, stop: int) -> list[int]:
        """Return the keys of ranks `start` to `stop` (exclusive), ascending. Ranks out of bounds are cut off."""
        start, stop = max(start, 0), min(stop, self._size)
        if start >= stop:
            return []
        totals = self._running_totals()
        place = bisect_left(totals, start + 1)
        skipped = start - (totals[place - 1] if place else 0)
        found: list[int] = []
        while len(found) < stop - start:
            chunk = self._chunks[place]
            found.extend(chunk[skipped : skipped + stop - start - len(found)])
            skipped = 0
            place += 1
        return found

    def _append(self, key: int) -> None:
        if self._chunks and len(self._chunks[-1]) < CHUNK:
            self._chunks[-1].append(key)
            self._tops[-1] = key
        else:
            self._chunks.append([key])
            self._tops.append(key)

    def _split(self, place: int) -> None:
        chunk = self._chunks[place]
        if len(chunk) <= 2 * CHUNK:
            return
        self._chunks[place : place + 1] = [chunk[:CHUNK], chunk[CHUNK:]]
        self._tops[place : place + 1] = [chunk[CHUNK - 1], chunk[-1]]

    def _running_totals(self) -> list[int]:
        if self._totals is None:
            self._totals = list(accumulate(map(len, self._chunks)))
        return self._totals
