"""Where a column goes: the forms that `[import.columns]` takes."""

import difflib
from collections.abc import Mapping
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from pipeline.showing import quoted
from pipeline.transforms import Step, described_enum, read_steps, transform_definitions, write_steps
from pipeline.values import Struct, replace

PLAIN_TARGETS: Mapping[str, str] = {
    "phone": "The phone by which the contact is known; of several columns the first valid one wins.",
    "first": "The first name.",
    "last": "The last name.",
    "display_name": "The name that is shown, where it is not the first and the last name.",
    "email": "An e-mail address; its form is checked.",
    "avatar": "The web address of a picture.",
    "assignee_id": "The number of the team member who owns the contact; -1 is nobody.",
    "is_opted_out": "Whether the contact must not be texted: yes, y, true, t, 1 or no, n, false, f, 0.",
    "assignee": "The name or the e-mail address of the team member who owns the contact.",
    "status": "unsubscribed is opted out; subscribed is not; blocked, unblocked; active is neither.",
    "tags": "Names or numbers of tags, divided by commas.",
    "list": "The number of a list that the contact is added to; needs --allow-lists.",
    "id": "Heymarket's own number of the contact; a row whose phone belongs to another contact is rejected.",
    "uuid": "Heymarket's UUID of the contact. A row without a phone is about the contact with its ID or UUID.",
    "ignore": "Nowhere: the column is known, and not wanted.",
}
"""Targets that are written as one word, each with what the cells of its columns are."""

_FORMS = (
    'expected a target name, { custom = "Title" }, { custom = 123 }, { tags = ";" }, { list = 123 }, or'
    ' { to = "first", transform = [...] }, { to = "is_opted_out", map = { "Opted Out" = "yes" } }; or a list of them'
)


class ColumnTarget(Struct, frozen=True):
    """Where a column goes, and by which transforms.

    `custom` is a numeric field ID or a title; `separator` splits a cell of tags; `list_id` is the list that a yes in
    the column adds to (None: the cell holds the ID); `channel` is the type of a further channel (phone, email, ...).
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
        case {"map": cells, **rest}:
            # The values are what the file says, so they are read before anything else is done to the cell.
            target = _read_target(rest)
            return replace(target, steps=(*read_steps({"map": cells}), *target.steps))
        case {"transform": steps, **rest}:
            return replace(_read_table(rest), steps=read_steps(steps))
        case Mapping():
            return _read_table(value)
        case _:
            raise ValueError(_FORMS)


def _read_table(table: Mapping[object, object]) -> ColumnTarget:
    """Read a table without its transform: its only key says where the column goes."""
    match table if len(table) == 1 else {}:
        case {"to": str() as name}:
            return ColumnTarget(_known(name))
        case {"to": Mapping() as inner} if "to" not in inner:
            return _read_table(inner)
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
    hint = f" Did you mean {quoted(close[0])}?" if close else ""
    raise ValueError(f"no such target.{hint} Known: {', '.join(PLAIN_TARGETS)}, {{ custom = ... }}, {{ tags = ... }}")


def _write_targets(targets: tuple[ColumnTarget, ...]) -> object:
    written = [_write_target(target) for target in targets]
    return written[0] if len(written) == 1 else written


def _write_target(target: ColumnTarget) -> object:
    values = {"custom": target.custom, "tags": target.separator, "channel": target.channel, "list": target.list_id}
    value = values.get(target.kind)
    table = {"to": target.kind} if value is None else {target.kind: value}
    if target.steps:
        return {**table, "transform": write_steps(target.steps)}
    return target.kind if value is None else table


_PAIRS: Mapping[str, Mapping[str, object]] = {
    "custom": {
        "description": "A custom field, by its title or its number; the cell is its text.",
        "type": ["string", "integer"],
        "minLength": 1,
        "examples": ["Plan", 123],
    },
    "tags": {
        "description": "Names or numbers of tags, divided by this separator.",
        "type": "string",
        "minLength": 1,
        "examples": [";"],
    },
    "channel": {
        "description": "A further way of this type (phone, email, ...) to reach the contact, beside its phone.",
        "type": "string",
        "minLength": 1,
        "examples": ["phone", "email"],
    },
    "list": {
        "description": "The number of a list that a yes in the cell adds the contact to; needs --allow-lists.",
        "type": "integer",
        "minimum": 1,
        "examples": [501],
    },
}


def _of_keys(count: int, further: str) -> dict[str, object]:
    """Return the JSON Schema of a table with so many keys, or one more where that is one of them."""
    return {
        "minProperties": count,
        "maxProperties": count + 1,
        "if": {"required": [further]},
        "then": {"minProperties": count + 1},
        "else": {"maxProperties": count},
    }


def target_definitions() -> dict[str, object]:
    """Return the JSON Schemas of what a column is mapped to, by the names of their definitions."""
    name, target = {"$ref": "#/$defs/target_name"}, {"$ref": "#/$defs/target"}
    pairs = {key: {"$ref": f"#/$defs/target_{key}"} for key in _PAIRS}
    only_one = {"minProperties": 1, "maxProperties": 1}
    to = {
        "description": "Where the column goes: the name of a target, for a transform beside it.",
        "anyOf": [name, {"type": "object", "properties": pairs, "additionalProperties": False, **only_one}],
        "examples": ["first"],
    }
    table = {
        "type": "object",
        "description": "A target with a value, or with a transform.",
        "properties": {
            "to": to,
            **pairs,
            "map": {
                "description": 'What each cell becomes before anything else is done to it. A key of "" says what a'
                " blank cell becomes; a cell that is not named rejects the row (value_unmapped).",
                "type": "object",
                "additionalProperties": {"type": "string"},
                "minProperties": 1,
                "examples": [{"Opted Out": "yes", "Active": "no"}],
            },
            "transform": {"$ref": "#/$defs/transform", "default": []},
        },
        "additionalProperties": False,
        "if": {"required": ["transform"]},
        "then": _of_keys(2, "map"),
        "else": _of_keys(1, "map"),
    }
    return {
        "targets": {
            "description": "Where the column goes: one target, or a list of them.",
            "anyOf": [target, {"type": "array", "items": target, "minItems": 1}],
            "examples": ["phone", ["phone", {"channel": "phone"}]],
        },
        "target": {"anyOf": [name, table]},
        "target_name": {"description": "A target by its name.", **described_enum(PLAIN_TARGETS)},
        **{f"target_{key}": schema for key, schema in _PAIRS.items()},
        **transform_definitions(),
    }


Targets = Annotated[
    tuple[ColumnTarget, ...],
    PlainValidator(_read_targets),
    PlainSerializer(_write_targets),
    # A place for the definition "targets": pydantic refers to no definitions but its own.
    WithJsonSchema({}),
]
"""What one header of `[import.columns]` is mapped to."""
