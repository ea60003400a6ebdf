"""Which rows share a phone, for any number of rows: the pairs lie in files on disk until they are asked for."""

import tempfile
from array import array
from collections.abc import Iterator, Mapping
from typing import IO

from pipeline.phone import _pairs

_PARTS = 64
"""Files. All pairs of one phone lie in one of them, and only one is in memory at a time when they are compared."""

_HELD = 250_000
"""Pairs (16 bytes each) that are held in memory before they are put into the files."""

_FEW = 10_000
"""Pairs that are compared in the time that it takes to load numpy."""


class PhoneIndex:
    """Collects phones with the places they stand at, and tells which places share one.

    `held` is how many of them may be in memory before they go to disk. Raises OSError when the disk is full.
    """

    def __init__(self, held: int = _HELD) -> None:
        self._most_held = held
        self._phones = array("Q")
        self._places = array("Q")
        self._files: list[IO[bytes]] = []

    def close(self) -> None:
        """Remove the files. The index cannot be used afterwards."""
        for file in self._files:
            file.close()

    def add(self, phones: "array[int]", first: int, *, step: int = 1, marks: Mapping[int, int] | None = None) -> None:
        """Add phones (E.164 digits as numbers; 0 is left out) that stand at `first` and every `step` behind it.

        `marks` are added to the places of some of them. Places must rise from call to call.
        """
        places = array("Q", range(first, first + step * len(phones), step))
        for index, mark in (marks or {}).items():
            places[index] += mark
        self._phones.extend(phones)
        self._places.extend(places)
        if len(self._phones) > self._most_held:
            self._spill()

    def groups(self) -> Iterator[list[int]]:
        """Yield the places of every phone that stands at more than one, in rising order."""
        if not self._files and len(self._phones) <= _FEW:
            yield from self._few_groups()
            return
        if not self._files:
            yield from _pairs.groups(_pairs.paired(self._phones, self._places))
            return
        self._spill()
        for file in self._files:
            file.seek(0)
            yield from _pairs.groups(_pairs.read(file.read()))

    def _few_groups(self) -> Iterator[list[int]]:
        found: dict[int, list[int]] = {}
        for phone, place in zip(self._phones, self._places, strict=True):
            if phone:
                found.setdefault(phone, []).append(place)
        yield from (places for places in found.values() if len(places) > 1)

    def _spill(self) -> None:
        if not self._files:
            # They have no name, so they are gone with the process whatever happens to it.
            self._files = [tempfile.TemporaryFile() for _ in range(_PARTS)]  # noqa: SIM115 - closed by close()
        for file, part in zip(
            self._files, _pairs.parted(_pairs.paired(self._phones, self._places), _PARTS), strict=True
        ):
            file.write(part)
        self._phones, self._places = array("Q"), array("Q")
