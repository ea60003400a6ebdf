"""Where a column goes: the forms that `[import.columns]` takes."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from pipeline.models import STANDARD_FIELDS
from pipeline.transforms import STEPS_SCHEMA, Step, read_steps, write_steps

PLAIN_TARGETS = ("phone", *STANDARD_FIELDS, "assignee", "status", "tags", "list", "id", "ignore")
"""Targets that are written as one word. Source: docs/mapping.md, section Columns."""

_FORMS = (
    'expected a target name, { custom = "Title" }, { custom = 123 }, { tags = ";" }, { list = 123 }, or'
    ' { to = "first", transform = [...] }; or a list of them'
)


@dataclass(frozen=True, slots=True)
class ColumnTarget:
    """Where a column goes, and by which transforms.

    `custom` is a numeric field ID or a title; `separator` splits a cell of tags; `list_id` is the list that a yes in
    the column adds to (None: the cell holds the ID); `channel` is the type of a further channel
    (phone, email, ...).
    """

    kind: str
    custom: int | str | None = None
    separator: str = ","
    channel: str = ""
    list_id: int | None = None
    steps: tuple[Step, ...] = ()

    def __str__(self) -> str:
        match self.kind:
            case "custom":
                return f"custom:{self.custom}"
            case "channel":
                return f"channel:{self.channel}"
            case "list" if self.list_id is not None:
                return f"list:{self.list_id}"
            case kind:
                return kind


def _read_targets(value: object) -> tuple[ColumnTarget, ...]:
    if isinstance(value, list | tuple):
        if not value:
            raise ValueError(_FORMS)
        return tuple(_read_target(item) for item in value)
    return (_read_target(value),)


def _read_target(value: object) -> ColumnTarget:
    match value:
        case ColumnTarget():
            return value
        case str():
            return ColumnTarget(_known(value))
        case {"transform": steps, **rest}:
            if "to" not in rest and len(rest) != 1:
                raise ValueError(_FORMS)
            target = _read_target(rest.pop("to") if set(rest) == {"to"} else rest)
            return ColumnTarget(
                target.kind, target.custom, target.separator, target.channel, target.list_id, read_steps(steps)
            )
        case {"to": str() as kind, **rest} if not rest:
            return ColumnTarget(_known(kind))
        case dict() if len(value) == 1:
            return _read_pair(value)
        case _:
            raise ValueError(_FORMS)


def _read_pair(value: dict[Any, Any]) -> ColumnTarget:
    match value:
        case {"custom": bool()} | {"list": bool()}:
            pass
        case {"custom": int() | str() as custom} if custom != "":
            return ColumnTarget("custom", custom=custom)
        case {"tags": str() as separator} if separator != "":
            return ColumnTarget("tags", separator=separator)
        case {"channel": str() as channel} if channel != "":
            return ColumnTarget("channel", channel=channel)
        case {"list": int() as number} if number > 0:
            return ColumnTarget("list", list_id=number)
    raise ValueError(_FORMS)


def _known(name: str) -> str:
    if name in PLAIN_TARGETS:
        return name
    close = difflib.get_close_matches(name, PLAIN_TARGETS, 1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"no such target.{hint} Known: {', '.join(PLAIN_TARGETS)}, {{ custom = ... }}, {{ tags = ... }}")


def _write_targets(targets: tuple[ColumnTarget, ...]) -> object:
    written = [_write_target(target) for target in targets]
    return written[0] if len(written) == 1 else written


def _write_target(target: ColumnTarget) -> object:
    pairs: Mapping[str, object] = {
        "custom": target.custom,
        "channel": target.channel,
        "tags": target.separator,
        "list": target.list_id,
    }
    plain = target.kind not in pairs or (target.kind == "list" and target.list_id is None)
    if target.steps:
        to = {"to": target.kind} if plain else {target.kind: pairs[target.kind]}
        return {**to, "transform": write_steps(target.steps)}
    return target.kind if plain else {target.kind: pairs[target.kind]}


def _table(required: str, **properties: object) -> dict[str, object]:
    return {
        "type": "object",
        "properties": {**properties, "transform": STEPS_SCHEMA},
        "required": [required],
        "additionalProperties": False,
    }


_ONE = {
    "oneOf": [
        {"enum": list(PLAIN_TARGETS)},
        _table("to", to={"enum": list(PLAIN_TARGETS)}),
        _table("custom", custom={"type": ["string", "integer"]}),
        _table("tags", tags={"type": "string", "minLength": 1}),
        _table("channel", channel={"type": "string", "minLength": 1}),
        _table("list", list={"type": "integer", "minimum": 1}),
    ]
}

Targets = Annotated[
    tuple[ColumnTarget, ...],
    BeforeValidator(_read_targets),
    PlainSerializer(_write_targets),
    WithJsonSchema({"anyOf": [_ONE, {"type": "array", "items": _ONE, "minItems": 1}]}),
]
"""What one header of `[import.columns]` is mapped to."""
