"""One object of a file: its names and what they say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FoundObject:
    """An object, with the physical lines (from 1) on which it begins and ends. `fault` says why it is none, or ""."""

    start: int
    end: int
    cells: dict[str, str]
    fault: str = ""
