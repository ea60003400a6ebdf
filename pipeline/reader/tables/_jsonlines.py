"""JSON lines: one object a line. Numbers stay as they are written, and what is nested stays JSON."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from pipeline.reader.tables._objectfile import FoundObject


def is_json_lines(head: str) -> bool:
    """Whether the first lines of a text are JSON objects, each for itself."""
    lines = [line for line in head[:100_000].lstrip("\ufeff").splitlines() if line.strip()]
    is_cut = len(head) > 100_000
    shown = lines[: -1 if is_cut and len(lines) > 1 else None][:2]
    return bool(shown) and all(_object(line) is not None for line in shown)


def read_json_lines(lines: Iterable[str]) -> Iterator[FoundObject]:
    """Yield the object of each line that is not blank."""
    for number, line in enumerate(lines, start=1):
        if not line.strip(" \t\ufeff"):
            continue
        found = _object(line.lstrip("\ufeff"))
        if found is None:
            yield FoundObject(number, number, {}, "the line is no JSON object; each line has to be one: { ... }")
        else:
            yield FoundObject(number, number, {str(name): _cell(name, value, line) for name, value in found.items()})


def _object(line: str) -> dict[str, Any] | None:
    if not line.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(line, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _cell(name: str, value: object, line: str) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    # Read once more: here its numbers are no texts.
    return json.dumps(json.loads(line.lstrip("\ufeff"))[name], ensure_ascii=False)
