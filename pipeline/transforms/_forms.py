"""The steps as the settings write them: what each does, an example, and which value it takes."""

import re
from collections.abc import Callable, Mapping

from pipeline.showing import quoted, words_of
from pipeline.transforms._dates import read_patterns
from pipeline.transforms._numbers import MARKS
from pipeline.transforms._step import Option
from pipeline.transforms._templates import check_template
from pipeline.values import Struct, field

Options = tuple[Option, ...]

USUAL_WORDS = (("yes", "y", "true", "t", "1"), ("no", "n", "false", "f", "0"))
"""The words for true and false. Source: docs/api.md, section Web import."""


class Form(Struct, frozen=True):
    """How one step is written: as its name alone, as a table, or as either.

    `description` and `example` (in TOML) are for people. `word` holds the options that the name alone stands for, None
    where there must be a value. `keys` are the keys of the table with their JSON Schemas: none where the name stands
    alone; all but the first may be left out. `read` takes the values of the keys (None: left out) and returns the
    options or raises ValueError; `write` returns the value of the only key, where that is not the option itself.
    """

    description: str
    word: Options | None = None
    example: str = ""
    keys: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    read: Callable[..., Options] = tuple
    write: Callable[..., object] | None = None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("expected a text in quotes")  # noqa: TRY004 - the settings' errors are ValueErrors
    return value


def _filled(value: object) -> str:
    text = _text(value)
    if not text.strip():
        raise ValueError("expected a text that is not blank")
    return text


def _read_filled(value: object) -> Options:
    return (_filled(value),)


def _read_separator(value: object) -> Options:
    separator = _text(value)
    if not separator:
        raise ValueError("expected what stands between the parts")
    return (separator,)


def _read_number(value: object) -> Options:
    mark = _text(value)
    if mark not in MARKS:
        raise ValueError('expected the decimal mark, "." or ","')
    return (mark,)


def _read_item(place: object) -> Options:
    if not isinstance(place, int) or isinstance(place, bool) or place == 0:
        raise ValueError("expected 1 for the first part, 2 for the second, -1 for the last")
    return (place,)


def _read_boolean(words: object) -> Options:
    if not isinstance(words, Mapping) or set(words) != {"true", "false"}:
        raise ValueError('expected { true = ["yes"], false = ["no"] }')
    true, false = _read_words(words["true"]), _read_words(words["false"])
    both = sorted(set(true) & set(false))
    if both:
        raise ValueError(f"{quoted(both[0])} stands for true and for false")
    return true, false


def _read_words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise ValueError('expected a list of words, such as ["yes", "y"]')
    return tuple(dict.fromkeys(_filled(word).strip().casefold() for word in value))


def _read_map(words: object) -> Options:
    if not isinstance(words, Mapping) or not words:
        raise ValueError('expected what each cell becomes, such as { "Opted Out" = "yes", "Active" = "no" }')
    meant = {_text(cell).strip().casefold(): _text(word).strip() for cell, word in words.items()}
    if len(meant) < len(words):
        raise ValueError("two of its cells differ in capitals or blanks only")
    return tuple(meant), tuple(meant.values())


def _read_date(value: object) -> Options:
    sources, target = read_patterns(_text(value))
    return (f"{' | '.join(sources)} -> {target}",)


def _read_regex(value: object, replace: object) -> Options:
    pattern = _filled(value)
    replacement = None if replace is None else _text(replace)
    try:
        compiled = re.compile(pattern)
        if replacement is not None:
            # A replacement is read whole before anything is searched, so this finds each fault in it.
            compiled.sub(replacement, "")
    except (re.error, IndexError, OverflowError, RecursionError) as error:
        raise ValueError(f"{quoted(pattern)} cannot be used: {words_of(error)}") from error
    return (pattern,) if replacement is None else (pattern, replacement)


def _read_concat(value: object) -> Options:
    template = _filled(value)
    check_template(template)
    return (template,)


_FILLED = {"type": "string", "pattern": r"\S"}
_WORDS = {"type": "array", "items": _FILLED, "minItems": 1}
_BOOLEAN = {
    "type": "object",
    "properties": {
        "true": {"description": "The words for true; capitals do not matter.", **_WORDS, "examples": [["yes", "y"]]},
        "false": {"description": "The words for false; capitals do not matter.", **_WORDS, "examples": [["no", "n"]]},
    },
    "required": ["true", "false"],
    "additionalProperties": False,
}
_MAP = {
    "type": "object",
    "additionalProperties": {"type": "string"},
    "minProperties": 1,
}
_REPLACE = {
    "description": "Beside regex: replace every match by this text, in which \\1 is the first group.",
    "type": ["string", "null"],
    "default": None,
}

FORMS: Mapping[str, Form] = {
    "strip": Form("Remove white space around the text.", word=()),
    "collapse": Form("Make each run of white space one space, and remove it around the text.", word=()),
    "lower": Form("Make all letters small.", word=()),
    "upper": Form("Make all letters capitals.", word=()),
    "title": Form("Give names their capitals: MARY becomes Mary; what is in mixed case (McDonald) stays.", word=()),
    "first_word": Form("Take the first word.", word=()),
    "html_unescape": Form("Turn HTML entities into what they stand for: O&#039;Brien becomes O'Brien.", word=()),
    "fix_text": Form(
        "Mend text that was read in a wrong encoding before: Jos\u00c3\u00a9 becomes Jos\u00e9 (needs the extra text).",
        word=(),
    ),
    "last_word": Form("Take the last word; of a single word, nothing.", word=()),
    "given_name": Form(
        "Take the given names of a person's whole name, without titles and suffixes: Ann of 'Dr. Ann Lee' and of 'Lee,"
        " Ann'. A company or a couple is left whole.",
        word=(),
    ),
    "family_name": Form(
        "Take the family name of a person's whole name: Lee of 'Dr. Ann Lee Jr.' and of 'Lee, Ann', van Beethoven of"
        " 'Ludwig van Beethoven'; nothing of a company.",
        word=(),
    ),
    "date": Form(
        "Write a date in another way, in the directives of strftime; several forms to read are divided by ' | '. A cell"
        " of none of them rejects the row (bad_date).",
        example='{ date = "%m/%d/%Y -> %Y-%m-%d" }',
        keys={"date": {"type": "string", "pattern": r"\S\s*->\s*\S"}},
        read=_read_date,
    ),
    "number": Form(
        "Write a number as plain digits with a decimal point: $1,234.50 becomes 1234.50. The value is the decimal mark"
        " of the file, a point where the name stands alone. Any other cell rejects the row (bad_number).",
        word=(".",),
        example='{ number = "," }',
        keys={"number": {"enum": list(MARKS)}},
        read=_read_number,
    ),
    "boolean": Form(
        "Write true or false. The name alone reads yes, y, true, t, 1 and no, n, false, f, 0; the value says other"
        " words. Any other cell rejects the row (bad_boolean).",
        word=USUAL_WORDS,
        example='{ boolean = { true = ["yes"], false = ["no"] } }',
        keys={"boolean": _BOOLEAN},
        read=_read_boolean,
        write=lambda true, false: {"true": list(true), "false": list(false)},
    ),
    "map": Form(
        'Write what stands beside the cell here; capitals do not matter, and a key of "" says what a blank'
        " cell becomes. A cell that is not named rejects the row (value_unmapped).",
        example='{ map = { "Opted Out" = "yes", "Active" = "no" } }',
        keys={"map": _MAP},
        read=_read_map,
        write=lambda cells, words: dict(zip(cells, words, strict=True)),
    ),
    "split": Form(
        "Cut the text into parts at this separator, without blank ones; the steps behind it work on each part.",
        example='{ split = ";" }',
        keys={"split": {"type": "string", "minLength": 1}},
        read=_read_separator,
    ),
    "join": Form(
        "Make the parts one text again, with this between them.",
        example='{ join = ", " }',
        keys={"join": {"type": "string"}},
        read=lambda value: (_text(value),),
    ),
    "item": Form(
        "Take one of the parts: 1 is the first, -1 the last; nothing where there is none.",
        example="{ item = 1 }",
        keys={"item": {"type": "integer", "not": {"const": 0}}},
        read=_read_item,
    ),
    "constant": Form(
        "Take this text, whatever the cell says.",
        example='{ constant = "crm" }',
        keys={"constant": _FILLED},
        read=_read_filled,
    ),
    "default": Form(
        "Take this text where the cell is blank.",
        example='{ default = "unknown" }',
        keys={"default": _FILLED},
        read=_read_filled,
    ),
    "regex": Form(
        "Take what a regular expression of Python finds: its first group, or the whole match; nothing where it finds"
        " nothing.",
        example='{ regex = "^(.*) Inc$", replace = "\\\\1" }',
        keys={"regex": _FILLED, "replace": _REPLACE},
        read=_read_regex,
    ),
    "concat": Form(
        "Put cells of the row together: {Header} is the cell of another column, {} the cell itself, {{ and }} are"
        " braces.",
        example='{ concat = "{First Name} {Last Name}" }',
        keys={"concat": _FILLED},
        read=_read_concat,
    ),
}
"""All steps by name, in the order in which they are listed to a person."""
