"""Where a column goes: the forms that `[import.columns]` takes."""

import difflib
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from pipeline.models import STANDARD_FIELDS

PLAIN_TARGETS = ("phone", *STANDARD_FIELDS, "tags", "ignore")
"""Targets that are written as one word. Source: contract, section 6."""


@dataclass(frozen=True, slots=True)
class ColumnTarget:
    """Where a column goes.

    `custom` is a numeric field ID or a title; `separator` splits a cell of tags; `channel` is the type of a further
    channel, which this version reads and reports but does not write.
    """

    kind: str
    custom: int | str | None = None
    separator: str = ","
    channel: str = ""

    def __str__(self) -> str:
        match self.kind:
            case "custom":
                return f"custom:{self.custom}"
            case "channel":
                return f"channel:{self.channel}"
            case kind:
                return kind


def _read_target(value: object) -> ColumnTarget:
    match value:
        case ColumnTarget():
            return value
        case str() if value in PLAIN_TARGETS:
            return ColumnTarget(value)
        case {"custom": bool()}:
            pass
        case {"custom": int() | str() as custom, **rest} if not rest and custom != "":
            return ColumnTarget("custom", custom=custom)
        case {"tags": str() as separator, **rest} if not rest and separator != "":
            return ColumnTarget("tags", separator=separator)
        case {"channel": str() as channel, **rest} if not rest and channel != "":
            return ColumnTarget("channel", channel=channel)
        case str():
            close = difflib.get_close_matches(value, PLAIN_TARGETS, 1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise ValueError(
                f"no such target.{hint} Known: {', '.join(PLAIN_TARGETS)}, {{ custom = ... }}, {{ tags = ... }}"
            )
        case _:
            pass
    raise ValueError('expected a target name, { custom = "Title" }, { custom = 123 } or { tags = ";" }')


def _write_target(target: ColumnTarget) -> object:
    if target.kind == "custom":
        return {"custom": target.custom}
    if target.kind == "channel":
        return {"channel": target.channel}
    return {"tags": target.separator} if target.kind == "tags" else target.kind


Target = Annotated[
    ColumnTarget,
    BeforeValidator(_read_target),
    PlainSerializer(_write_target),
    WithJsonSchema(
        {
            "oneOf": [
                {"enum": list(PLAIN_TARGETS)},
                {
                    "type": "object",
                    "properties": {"custom": {"type": ["string", "integer"]}},
                    "required": ["custom"],
                    "additionalProperties": False,
                },
                {
                    "type": "object",
                    "properties": {"tags": {"type": "string", "minLength": 1}},
                    "required": ["tags"],
                    "additionalProperties": False,
                },
                {
                    "type": "object",
                    "properties": {"channel": {"type": "string", "minLength": 1}},
                    "required": ["channel"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
