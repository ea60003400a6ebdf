"""One object of a file: its names and what they say."""

from pipeline.values import Struct


class FoundObject(Struct, frozen=True):
    """An object, with the physical lines (from 1) on which it begins and ends. `fault` says why it is none, or ""."""

    start: int
    end: int
    cells: dict[str, str]
    fault: str = ""
