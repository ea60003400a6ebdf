"""Declared changes of a cell on its way to a target: small, tested, and checked when the settings are loaded.

A cell that is blank stays blank in every step but `constant`, `default` and `concat`.
"""

import difflib
import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Text = str | tuple[str, ...]
"""What walks through the steps: a text, or after `split` its parts."""


@dataclass(frozen=True, slots=True)
class Step:
    """One transform. `options` are pairs, so that a step can be compared and hashed."""

    name: str
    options: tuple[tuple[str, Any], ...] = ()

    def option(self, name: str) -> Any:
        """Return an option, or None where it is not set."""
        return dict(self.options).get(name)


class TransformProblem(Exception):
    """A cell that a step cannot read; carries the reject code and the reason."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def read_steps(value: object) -> tuple[Step, ...]:
    """Read the `transform` of a column: a name, a table, or a list of them. Raises ValueError."""
    items = value if isinstance(value, list | tuple) else [value]
    return tuple(_read_step(item) for item in items)


def write_steps(steps: Sequence[Step]) -> list[object]:
    """Return the steps as the settings write them; `read_steps` of it gives the same steps."""
    return [_write_step(step) for step in steps]


def columns_named(steps: Sequence[Step]) -> tuple[str, ...]:
    """Return the headers that the templates of `concat` refer to."""
    return tuple(
        dict.fromkeys(
            name
            for step in steps
            if step.name == "concat"
            for _, name, _, _ in string.Formatter().parse(step.option("concat"))
            if name
        )
    )


def apply_steps(steps: Sequence[Step], cell: str, others: Mapping[str, str]) -> Text:
    """Return what a stripped cell becomes. `others` are the stripped cells of `columns_named`.

    Raises TransformProblem where a step cannot read the cell.
    """
    text: Text = cell
    for step in steps:
        match step.name:
            case "concat":
                text = " ".join(_fill(step.option("concat"), joined(text), others).split())
            case "constant":
                text = step.option("constant")
            case "default":
                text = text or step.option("default")
            case _:
                text = _STEPS[step.name].apply(text, step) if text else text
    return text


def joined(text: Text) -> str:
    """Return a text, or the parts of one joined by commas."""
    return text if isinstance(text, str) else ", ".join(text)


# --- the steps --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a step is written and what it does. `option` is what its value has to be; None for a bare name."""

    apply: Callable[[Text, Step], Text]
    check: Callable[[Step], None] | None = None
    bare: bool = True
    expects: str = ""
    type_: type | tuple[type, ...] | None = None
    more: Mapping[str, type] | None = None


def _on_text(change: Callable[[str], str]) -> Callable[[Text, Step], Text]:
    def apply(text: Text, _: Step) -> Text:
        return change(text) if isinstance(text, str) else tuple(filter(None, map(change, text)))

    return apply


def _fill(template: str, cell: str, others: Mapping[str, str]) -> str:
    parts = []
    for literal, name, _, _ in string.Formatter().parse(template):
        parts.append(literal)
        if name is not None:
            parts.append(others.get(name, "") if name else cell)
    return "".join(parts)


def _title(text: str) -> str:
    # A name that somebody typed in mixed case (McDonald, de la Cruz) knows better than any rule.
    if not (text.isupper() or text.islower()):
        return text
    return _WORD.sub(lambda found: found[0][0].upper() + found[0][1:].lower(), text.lower())


_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_](?![^\W\d_]))?")
"""A word; an apostrophe and one letter behind it (don't, it's) belong to it, O'Neil is two."""


def _last_word(text: str) -> str:
    words = text.split()
    return words[-1] if len(words) > 1 else ""


def _date(text: Text, step: Step) -> Text:
    sources, _, target = step.option("date").partition("->")
    for source in sources.split("|"):
        try:
            return datetime.strptime(joined(text), source.strip()).strftime(target.strip())  # noqa: DTZ007 - a plain date
        except ValueError:
            continue
    raise TransformProblem("bad_date", f"this is no date written as {' or '.join(map(str.strip, sources.split('|')))}")


def _check_date(step: Step) -> None:
    sources, arrow, target = step.option("date").partition("->")
    if not arrow or not target.strip() or not sources.strip():
        raise ValueError('date: expected "FROM -> TO", such as "%m/%d/%Y -> %Y-%m-%d"')
    for pattern in sources.split("|"):
        _try_pattern(pattern.strip())
    _try_pattern(target.strip())


def _try_pattern(pattern: str) -> None:
    if not re.search(r"%[A-Za-z]", pattern):
        raise ValueError(f"date: {pattern!r} names no part of a date (such as %Y)")
    moment = datetime(2001, 2, 3, 4, 5, 6)  # noqa: DTZ001 - only its printing is tried
    try:
        datetime.strptime(moment.strftime(pattern), pattern)  # noqa: DTZ007 - only its reading is tried
    except ValueError:
        raise ValueError(f"date: {pattern!r} is no date pattern that can be read (see strftime)") from None


_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")


def _number(text: Text, step: Step) -> Text:
    mark = step.option("number") or "."
    cell = joined(text).strip()
    negative = cell.startswith(("-", "(", "\u2212")) or cell.endswith("-")
    # Currency signs, units of space and signs go; letters stay, and make it no number.
    bare = "".join(char for char in cell if char.isalnum() or char in ".,")
    grouping = "," if mark == "." else "."
    whole, found, fraction = bare.partition(mark)
    if found and grouping in fraction:
        raise TransformProblem("bad_number", "this is no number")
    groups = whole.split(grouping)
    if len(groups) > 1 and (not groups[0] or len(groups[0]) > 3 or any(len(group) != 3 for group in groups[1:])):
        raise TransformProblem("bad_number", "this is no number: its groups of digits are not of three")
    plain = "".join(groups) + (f".{fraction}" if fraction else "")
    if not plain.isascii() or not _NUMBER.fullmatch(plain):
        raise TransformProblem("bad_number", "this is no number")
    digits, point, rest = plain.partition(".")
    canonical = (digits.lstrip("0") or "0") + point + rest
    return f"-{canonical}" if negative and canonical.strip("0.") else canonical


def _check_number(step: Step) -> None:
    if step.option("number") not in (None, ".", ","):
        raise ValueError('number: expected the decimal mark, "." or ","')


_TRUE = ("yes", "y", "true", "t", "1")
_FALSE = ("no", "n", "false", "f", "0")


def _boolean(text: Text, step: Step) -> Text:
    words = dict(step.option("boolean") or ())
    word = joined(text).casefold()
    for value, given, usual in (("true", words.get("true"), _TRUE), ("false", words.get("false"), _FALSE)):
        if word in (tuple(map(str.casefold, given)) if given is not None else usual):
            return value
    raise TransformProblem("bad_boolean", "this is none of the words for true and false")


def _check_boolean(step: Step) -> None:
    given = step.option("boolean")
    for name, words in given or ():
        if name not in ("true", "false") or not words or not all(isinstance(word, str) for word in words):
            raise ValueError('boolean: expected { true = ["yes", ...], false = ["no", ...] }')


def _split(text: Text, step: Step) -> Text:
    return tuple(part for piece in joined(text).split(step.option("split")) if (part := piece.strip()))


def _join(text: Text, step: Step) -> Text:
    return text if isinstance(text, str) else str(step.option("join")).join(text)


def _item(text: Text, step: Step) -> Text:
    parts = (text,) if isinstance(text, str) else text
    place = step.option("item")
    index = place - 1 if place > 0 else place + len(parts)
    return parts[index] if 0 <= index < len(parts) else ""


def _check_item(step: Step) -> None:
    if step.option("item") == 0:
        raise ValueError("item: expected 1 for the first part, 2 for the second, -1 for the last")


def _regex(text: Text, step: Step) -> Text:
    pattern: re.Pattern[str] = re.compile(step.option("regex"))
    replacement = step.option("replace")
    if replacement is not None:
        return pattern.sub(replacement, joined(text)).strip()
    found = pattern.search(joined(text))
    if not found:
        return ""
    return str((found[1] if pattern.groups else found[0]) or "")


def _check_regex(step: Step) -> None:
    try:
        pattern = re.compile(step.option("regex"))
        if step.option("replace") is not None:
            re.compile(step.option("regex") + "|").sub(step.option("replace"), "")
    except (re.error, IndexError) as error:
        raise ValueError(f"regex: {step.option('regex')!r} cannot be used: {error}") from None
    del pattern


def _check_concat(step: Step) -> None:
    try:
        fields = list(string.Formatter().parse(step.option("concat")))
    except ValueError as error:
        raise ValueError(f"concat: {error}; braces that are no column are written {{{{ and }}}}") from None
    if any(extra or conversion for _, _, extra, conversion in fields):
        raise ValueError('concat: expected headers in braces, such as "{First Name} {Last Name}"')


def _as_it_is(text: Text, _: Step) -> Text:
    return text


_STEPS: Mapping[str, _Kind] = {
    "strip": _Kind(_on_text(str.strip)),
    "collapse": _Kind(_on_text(lambda text: " ".join(text.split()))),
    "lower": _Kind(_on_text(str.lower)),
    "upper": _Kind(_on_text(str.upper)),
    "title": _Kind(_on_text(_title)),
    "first_word": _Kind(_on_text(lambda text: (text.split() or [""])[0])),
    "last_word": _Kind(_on_text(_last_word)),
    "number": _Kind(_number, _check_number, expects='"." or ","', type_=str),
    "boolean": _Kind(_boolean, _check_boolean, expects="a table of words", type_=dict),
    "date": _Kind(_date, _check_date, bare=False, expects='"FROM -> TO"', type_=str),
    "split": _Kind(_split, bare=False, expects="the text between the parts", type_=str),
    "join": _Kind(_join, bare=False, expects="the text to put between the parts", type_=str),
    "item": _Kind(_item, _check_item, bare=False, expects="a number", type_=int),
    "constant": _Kind(_as_it_is, bare=False, expects="a text", type_=str),
    "default": _Kind(_as_it_is, bare=False, expects="a text", type_=str),
    "regex": _Kind(_regex, _check_regex, bare=False, expects="a pattern", type_=str, more={"replace": str}),
    "concat": _Kind(_as_it_is, _check_concat, bare=False, expects="a template", type_=str),
}

_EMPTY_ALLOWED = ("join", "constant", "default")


# --- reading and writing them -----------------------------------------------------------------------------------------


def _read_step(item: object) -> Step:
    if isinstance(item, Step):
        return item
    if isinstance(item, str):
        kind = _kind(item)
        if not kind.bare:
            raise ValueError(f"transform {item!r} needs a value: {{ {item} = {kind.expects} }}")
        return Step(item)
    if not isinstance(item, dict) or not item:
        raise ValueError(
            'transform: expected names and tables, such as ["collapse", { date = "%d.%m.%Y -> %Y-%m-%d" }]'
        )
    name, value = next(iter(item.items()))
    kind = _kind(name)
    _check_value(name, value, kind)
    for other, given in list(item.items())[1:]:
        wanted = (kind.more or {}).get(other)
        if wanted is None or not isinstance(given, wanted):
            raise ValueError(f"transform {name!r} has no option {other!r} with that value")
    step = Step(name, tuple((key, _frozen(given)) for key, given in item.items()))
    if kind.check:
        kind.check(step)
    return step


def _check_value(name: str, value: object, kind: _Kind) -> None:
    wrong = kind.type_ is None or not isinstance(value, kind.type_) or isinstance(value, bool)
    if wrong or (value == "" and name not in _EMPTY_ALLOWED):
        form = f"{{ {name} = {kind.expects} }}" if kind.expects else f'"{name}"'
        raise ValueError(f"transform {name!r}: expected {form}")


def _kind(name: object) -> _Kind:
    if isinstance(name, str) and name in _STEPS:
        return _STEPS[name]
    close = difflib.get_close_matches(str(name), _STEPS, 1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"there is no transform {name!r}.{hint} Known: {', '.join(_STEPS)}")


def _frozen(value: object) -> Any:
    if isinstance(value, dict):
        return tuple((key, _frozen(given)) for key, given in value.items())
    return tuple(value) if isinstance(value, list) else value


def _write_step(step: Step) -> object:
    if not step.options:
        return step.name
    written: dict[str, object] = dict(step.options)
    if step.name == "boolean":
        written["boolean"] = {key: list(words) for key, words in step.option("boolean")}
    return written


def _step_schema(name: str, kind: _Kind) -> dict[str, object]:
    types = {str: "string", int: "integer", dict: "object"}
    shape: dict[str, object] = {name: {"type": types[kind.type_]}} if isinstance(kind.type_, type) else {}
    shape |= {other: {"type": "string"} for other in kind.more or {}}
    return {"type": "object", "properties": shape, "required": [name], "additionalProperties": False}


_ONE_STEP: dict[str, object] = {
    "anyOf": [
        {"enum": [name for name, kind in _STEPS.items() if kind.bare]},
        *(_step_schema(name, kind) for name, kind in _STEPS.items() if kind.type_ is not None),
    ]
}

STEPS_SCHEMA: dict[str, object] = {"anyOf": [_ONE_STEP, {"type": "array", "items": _ONE_STEP}]}
"""The JSON Schema of a `transform` value, for editors."""
