"""Say what is wrong with a setting: file, line, key, and what was expected there."""

import contextlib
import difflib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pipeline.errors import SettingsError
from pipeline.settings._model import Settings
from pipeline.showing import quoted

SECRET_KEYS = frozenset({"limits.shared"})
"""Keys whose value may hold a password: it is never repeated."""


def explain(error: ValidationError, file: Path, text: str, origins: Mapping[str, str]) -> SettingsError:
    """Return the error with every problem named; `origins` says which keys came from elsewhere than the file."""
    problems = [_explain_one(detail, file, text, origins) for detail in error.errors()]
    more = f" ({len(problems)} problems:) " if len(problems) > 1 else " "
    return SettingsError(f"The settings cannot be used.{more}{' '.join(problems)}")


def _explain_one(detail: ErrorDetails, file: Path, text: str, origins: Mapping[str, str]) -> str:
    location = [str(part) for part in detail["loc"]]
    key = ".".join(location)
    place = origins.get(key) or f"{file}{line_of(text, location)}"
    if detail["type"] == "extra_forbidden":
        return f"{place}: there is no setting {quoted(key)}.{_suggestion(location)}"
    value = "" if isinstance(detail["input"], dict) or key in SECRET_KEYS else f" = {quoted(detail['input'])}"
    return f"{place}: {key}{value}: {_expectation(detail)}."


def _expectation(detail: ErrorDetails) -> str:
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] in ("enum", "literal_error"):
        return f"expected one of: {detail.get('ctx', {}).get('expected', '')}".replace("'", "").replace(" or ", ", ")
    return message.replace("Input should be", "expected").rstrip(".")


def _suggestion(location: Sequence[str]) -> str:
    known = _known_keys(location[:-1])
    close = difflib.get_close_matches(location[-1], known, 1, cutoff=0.5)
    return f" Did you mean {quoted(close[0])}?" if close else f" Known here: {', '.join(known)}."


def _known_keys(sections: Sequence[str]) -> list[str]:
    model: type[BaseModel] = Settings
    for section in sections:
        found = next((entry for name, entry in model.model_fields.items() if section in (name, entry.alias)), None)
        if found is None or not isinstance(found.annotation, type) or not issubclass(found.annotation, BaseModel):
            return []
        model = found.annotation
    return [entry.alias or name for name, entry in model.model_fields.items()]


def line_of(text: str, location: Sequence[str]) -> str:
    """Return ", line N" of a key in TOML text, or of what it stands in where it has no line of its own, or ""."""
    section: list[str] = []
    best = ""
    for number, line in enumerate(text.splitlines(), start=1):
        is_header = line.lstrip().startswith("[")
        path = _dotted_keys(line) if is_header else [*section, *_dotted_keys(f"{line.partition('=')[0]}= 0")]
        if path == list(location):
            return f", line {number}"
        if is_header:
            section = path
        elif path != section and path == list(location[: len(path)]):
            best = f", line {number}"
    return best


def _dotted_keys(line: str) -> list[str]:
    """Return the keys that a line of TOML names, outermost first; none where it is no whole line."""
    keys: list[str] = []
    with contextlib.suppress(tomllib.TOMLDecodeError):
        value: object = tomllib.loads(line)
        while isinstance(value, dict) and value:
            key, value = next(iter(value.items()))
            keys.append(key)
    return keys
