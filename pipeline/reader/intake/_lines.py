"""A line of text for every row, kept in a file until it is known which rows count."""

import itertools
import tempfile
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

_LOSSLESS = "surrogatepass"
"""How what is no character is written down and read."""

_BLOCK = 1024 * 1024
"""Bytes that are read at once."""


class StagedLines:
    """Lines by the number of their row, in a file without a name: it is gone with the process whatever happens to it.

    Every method may raise OSError, as files do.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._numbers = array("Q")
        self._starts = array("Q")
        self._sizes = array("Q")
        self._end = 0

    def close(self) -> None:
        """Remove the file."""
        self._file.close()

    def add(self, numbers: Iterable[int], lines: Sequence[str]) -> None:
        """Add the lines of further rows, whose numbers rise from call to call."""
        together = "".join(lines)
        content = together.encode(errors=_LOSSLESS)
        if len(content) == len(together):
            sizes = array("Q", map(len, lines))
        else:
            sizes = array("Q", (len(line.encode(errors=_LOSSLESS)) for line in lines))
        self._numbers.extend(numbers)
        self._starts.extend(itertools.islice(itertools.accumulate(sizes, initial=self._end), len(sizes)))
        self._sizes.extend(sizes)
        self._end += sum(sizes)
        self._file.write(content)

    def find(self, number: int) -> str:
        """Return the line of a row. Raises KeyError for a row that has none."""
        place = self._place(number)
        self._file.seek(self._starts[place])
        return self._file.read(self._sizes[place]).decode(errors=_LOSSLESS)

    def replace(self, number: int, line: str) -> None:
        """Put another line in the place of a row's; an empty one takes it out. Raises KeyError."""
        place = self._place(number)
        content = line.encode(errors=_LOSSLESS)
        self._starts[place], self._sizes[place] = self._end, len(content)
        self._file.seek(self._end)
        self._file.write(content)
        self._end += len(content)

    def blocks(self) -> Iterator[bytes]:
        """Yield all lines in the order of their rows, many at a time."""
        first = size = 0
        for start, more in zip(self._starts, self._sizes, strict=True):
            if start != first + size or size > _BLOCK:
                yield self._read(first, size)
                first, size = start, 0
            size += more
        yield self._read(first, size)

    def _read(self, start: int, size: int) -> bytes:
        self._file.seek(start)
        return self._file.read(size)

    def _place(self, number: int) -> int:
        place = bisect_left(self._numbers, number)
        if place == len(self._numbers) or self._numbers[place] != number:
            raise KeyError(number)
        return place
