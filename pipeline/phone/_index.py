"""Which rows share a phone, for any number of rows: the pairs lie in files on disk until they are asked for."""

import tempfile
from collections.abc import Iterator, Mapping
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]
"""E.164 digits as numbers; 0 for none."""

_PARTS = 64
"""Files. All pairs of one phone lie in one of them, and only one is in memory at a time when they are compared."""

_PAIR = np.dtype([("phone", np.uint64), ("place", np.uint64)])
_HELD = 250_000
"""Pairs (16 bytes each) that are held in memory before they are put into the files."""


class PhoneIndex:
    """Collects phones with the places they stand at, and tells which places share one.

    `held` is how many of them may be in memory before they go to disk. Raises OSError when the disk is full.
    """

    def __init__(self, held: int = _HELD) -> None:
        self._most_held = held
        self._held: list[NDArray[Any]] = []
        self._count = 0
        self._files: list[IO[bytes]] = []

    def close(self) -> None:
        """Remove the files. The index cannot be used afterwards."""
        for file in self._files:
            file.close()

    def add(self, phones: Numbers, first: int, *, step: int = 1, marks: Mapping[int, int] | None = None) -> None:
        """Add phones (E.164 digits as numbers; 0 is left out) that stand at `first` and every `step` behind it.

        `marks` are added to the places of some of them. Places must rise from call to call.
        """
        pairs = np.empty(len(phones), dtype=_PAIR)
        pairs["phone"] = phones
        pairs["place"] = np.arange(first, first + step * len(phones), step, dtype=np.uint64)
        for index, mark in (marks or {}).items():
            pairs["place"][index] += mark
        pairs = pairs[pairs["phone"] > 0]
        self._held.append(pairs)
        self._count += len(pairs)
        if self._count > self._most_held:
            self._spill()

    def groups(self) -> Iterator[list[int]]:
        """Yield the places of every phone that stands at more than one, in rising order."""
        if not self._files:
            yield from _groups(self._take_held())
            return
        self._spill()
        for file in self._files:
            file.seek(0)
            yield from _groups(np.frombuffer(file.read(), dtype=_PAIR))

    def _take_held(self) -> NDArray[Any]:
        pairs = np.concatenate(self._held) if self._held else np.empty(0, dtype=_PAIR)
        self._held, self._count = [], 0
        return pairs

    def _spill(self) -> None:
        if not self._files:
            # They have no name, so they are gone with the process whatever happens to it.
            self._files = [tempfile.TemporaryFile() for _ in range(_PARTS)]  # noqa: SIM115 - closed by close()
        pairs = self._take_held()
        part = (pairs["phone"] % _PARTS).astype(np.int64)
        order = np.argsort(part, kind="stable")
        ends = np.cumsum(np.bincount(part, minlength=_PARTS))
        for file, piece in zip(self._files, np.split(pairs[order], ends[:-1]), strict=True):
            file.write(piece.tobytes())


def _groups(pairs: NDArray[Any]) -> Iterator[list[int]]:
    order = np.argsort(pairs["phone"], kind="stable")
    phones = pairs["phone"][order]
    places = pairs["place"][order]
    starts = np.flatnonzero(np.concatenate(([True], phones[1:] != phones[:-1]))) if len(phones) else np.empty(0, int)
    sizes = np.diff(np.concatenate((starts, [len(phones)])))
    for start, size in zip(starts[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
        yield places[start : start + size].tolist()
