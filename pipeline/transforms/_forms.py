"""The forms of the steps in the settings: which value each takes, checked when the settings are loaded."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pipeline.transforms._dates import read_patterns
from pipeline.transforms._numbers import MARKS
from pipeline.transforms._step import Option
from pipeline.transforms._templates import check_template

Options = tuple[Option, ...]
Table = Mapping[str, object]

USUAL_WORDS = (("yes", "y", "true", "t", "1"), ("no", "n", "false", "f", "0"))
"""The words for true and false. Source: docs/api.md, section Web import."""


@dataclass(frozen=True, slots=True)
class Form:
    """How one step is written: as a plain word, as a table, or as either.

    `plain` holds the options of the plain word, None where there is none. `keys` are the keys of the table with their
    JSON Schemas; all but the first may be left out, and none means that there is no table. `read` takes the table and
    returns the options or raises ValueError; `write` is its inverse. `example` is shown who wrote something else.
    """

    means: str
    plain: Options | None = None
    example: str = ""
    keys: Mapping[str, Table] = field(default_factory=dict)
    read: Callable[[Table], Options] = lambda _: ()
    write: Callable[..., Table] = dict


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("expected a text in quotes")  # noqa: TRY004 - the settings' errors are ValueErrors
    return value


def _filled(value: object) -> str:
    text = _text(value)
    if not text.strip():
        raise ValueError("expected a text that is not blank")
    return text


def _read_separator(table: Table) -> Options:
    separator = _text(table["split"])
    if not separator:
        raise ValueError("expected what stands between the parts")
    return (separator,)


def _read_number(table: Table) -> Options:
    mark = _text(table["number"])
    if mark not in MARKS:
        raise ValueError('expected the decimal mark, "." or ","')
    return (mark,)


def _read_item(table: Table) -> Options:
    place = table["item"]
    if not isinstance(place, int) or isinstance(place, bool) or place == 0:
        raise ValueError("expected 1 for the first part, 2 for the second, -1 for the last")
    return (place,)


def _read_boolean(table: Table) -> Options:
    words = table["boolean"]
    if not isinstance(words, Mapping) or set(words) != {"true", "false"}:
        raise ValueError('expected { true = ["yes"], false = ["no"] }')
    true, false = _read_words(words["true"]), _read_words(words["false"])
    both = sorted(set(true) & set(false))
    if both:
        raise ValueError(f"{both[0]!r} stands for true and for false")
    return true, false


def _read_words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise ValueError('expected a list of words, such as ["yes", "y"]')
    return tuple(dict.fromkeys(_filled(word).strip().casefold() for word in value))


def _write_boolean(true: tuple[str, ...], false: tuple[str, ...]) -> Table:
    return {"boolean": {"true": list(true), "false": list(false)}}


def _read_date(table: Table) -> Options:
    return read_patterns(_text(table["date"]))


def _write_date(sources: tuple[str, ...], target: str) -> Table:
    return {"date": f"{' | '.join(sources)} -> {target}"}


def _read_regex(table: Table) -> Options:
    pattern = _filled(table["regex"])
    replacement = None if table.get("replace") is None else _text(table["replace"])
    try:
        compiled = re.compile(pattern)
        if replacement is not None:
            # A replacement is read whole before anything is searched, so this finds each fault in it.
            compiled.sub(replacement, "")
    except (re.error, IndexError, OverflowError, RecursionError) as error:
        raise ValueError(f"{pattern!r} cannot be used: {error}") from error
    return (pattern,) if replacement is None else (pattern, replacement)


def _write_regex(pattern: str, replacement: str | None = None) -> Table:
    return {"regex": pattern} if replacement is None else {"regex": pattern, "replace": replacement}


def _read_concat(table: Table) -> Options:
    template = _filled(table["concat"])
    check_template(template)
    return (template,)


_FILLED = {"type": "string", "pattern": r"\S"}
_WORDS = {"type": "array", "items": _FILLED, "minItems": 1}
_BOOLEAN = {
    "type": "object",
    "properties": {"true": _WORDS, "false": _WORDS},
    "required": ["true", "false"],
    "additionalProperties": False,
}

FORMS: Mapping[str, Form] = {
    "strip": Form("No white space around the text.", ()),
    "collapse": Form("Each run of white space becomes one space, none around the text.", ()),
    "lower": Form("Small letters.", ()),
    "upper": Form("Capital letters.", ()),
    "title": Form("Capitals as names have them; capitals typed in mixed case (McDonald) stay.", ()),
    "first_word": Form("The first word.", ()),
    "last_word": Form("The last word; blank where there is only one.", ()),
    "date": Form(
        "A date written in another way. Several FROM are separated by ' | '.",
        example='{ date = "%m/%d/%Y -> %Y-%m-%d" }',
        keys={"date": {"type": "string", "pattern": r"\S\s*->\s*\S"}},
        read=_read_date,
        write=_write_date,
    ),
    "number": Form(
        "A number as plain digits with a decimal point; the value is the decimal mark of the file.",
        plain=(".",),
        example='"number" or { number = "," }',
        keys={"number": {"enum": list(MARKS)}},
        read=_read_number,
        write=lambda mark: {"number": mark},
    ),
    "boolean": Form(
        "true or false. The plain word reads yes y true t 1 and no n false f 0.",
        plain=USUAL_WORDS,
        example='"boolean" or { boolean = { true = ["yes"], false = ["no"] } }',
        keys={"boolean": _BOOLEAN},
        read=_read_boolean,
        write=_write_boolean,
    ),
    "split": Form(
        "The parts of the text, without blank ones; the steps behind it work on each.",
        example='{ split = ";" }',
        keys={"split": {"type": "string", "minLength": 1}},
        read=_read_separator,
        write=lambda separator: {"split": separator},
    ),
    "join": Form(
        "The parts as one text, with this between them.",
        example='{ join = ", " }',
        keys={"join": {"type": "string"}},
        read=lambda table: (_text(table["join"]),),
        write=lambda separator: {"join": separator},
    ),
    "item": Form(
        "One of the parts: 1 is the first, -1 the last; blank where there is none.",
        example="{ item = 1 }",
        keys={"item": {"type": "integer", "not": {"const": 0}}},
        read=_read_item,
        write=lambda place: {"item": place},
    ),
    "constant": Form(
        "This text, whatever the cell says.",
        example='{ constant = "crm" }',
        keys={"constant": _FILLED},
        read=lambda table: (_filled(table["constant"]),),
        write=lambda text: {"constant": text},
    ),
    "default": Form(
        "This text where the cell is blank.",
        example='{ default = "unknown" }',
        keys={"default": _FILLED},
        read=lambda table: (_filled(table["default"]),),
        write=lambda text: {"default": text},
    ),
    "regex": Form(
        "With replace: each match replaced. Without: the first group, or the whole match; blank where none is.",
        example='{ regex = "^(.*) Inc$", replace = "\\\\1" }',
        keys={"regex": _FILLED, "replace": {"type": "string"}},
        read=_read_regex,
        write=_write_regex,
    ),
    "concat": Form(
        "Cells of the row put together; {} is the cell itself, {{ and }} are braces.",
        example='{ concat = "{First Name} {Last Name}" }',
        keys={"concat": _FILLED},
        read=_read_concat,
        write=lambda template: {"concat": template},
    ),
}
"""All steps by name, in the order in which they are listed to a person."""
