"""Pairs of a phone and a place as arrays: parted for files, and grouped by phone."""

from array import array
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from pipeline.libraries import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Pairs: TypeAlias = "NDArray[Any]"
_PAIR = [("phone", "<u8"), ("place", "<u8")]


def paired(phones: "array[int]", places: "array[int]") -> Pairs:
    """Return the pairs whose phone is not 0."""
    pairs = np.empty(len(phones), dtype=_PAIR)
    pairs["phone"] = np.frombuffer(phones, dtype=np.uint64)
    pairs["place"] = np.frombuffer(places, dtype=np.uint64)
    return pairs[pairs["phone"] > 0]


def read(content: bytes) -> Pairs:
    """Return the pairs that were written to a file."""
    return np.frombuffer(content, dtype=_PAIR)


def parted(pairs: Pairs, parts: int) -> Iterator[bytes]:
    """Yield the bytes of so many parts; all pairs of one phone are in one of them, in their order."""
    part = (pairs["phone"] % parts).astype(np.int64)
    order = np.argsort(part, kind="stable")
    ends = np.cumsum(np.bincount(part, minlength=parts))
    return (piece.tobytes() for piece in np.split(pairs[order], ends[:-1]))


def groups(pairs: Pairs) -> Iterator[list[int]]:
    """Yield the places of every phone that stands at more than one, in rising order."""
    order = np.argsort(pairs["phone"], kind="stable")
    phones = pairs["phone"][order]
    places = pairs["place"][order]
    starts = np.flatnonzero(np.concatenate(([True], phones[1:] != phones[:-1]))) if len(phones) else np.empty(0, int)
    sizes = np.diff(np.concatenate((starts, [len(phones)])))
    for start, size in zip(starts[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
        yield places[start : start + size].tolist()
