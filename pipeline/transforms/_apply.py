"""What the steps do to a cell."""

import functools
import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from pipeline.errors import MappingError
from pipeline.libraries import LibraryMissing, load_optional
from pipeline.showing import quoted
from pipeline.transforms._dates import change_date, read_patterns
from pipeline.transforms._numbers import read_number
from pipeline.transforms._people import family_name, given_name
from pipeline.transforms._step import Step, Text, TransformProblem, joined
from pipeline.transforms._templates import fill_template, headers_of
from pipeline.transforms._words import collapse, first_word, last_word, title

Operation = Callable[[Text, Mapping[str, str]], Text]


def apply_steps(steps: Sequence[Step], cell: str, others: Mapping[str, str]) -> Text:
    """Return what a cell becomes: a text, or parts where a `split` is not followed by a `join` or `item`.

    `others` holds the cells of the row that `columns_named` asks for, by header. Between `split` and `join` a step
    works on each part, and parts that become blank are left out. A blank cell stays blank in every step but
    `constant`, `default` and `concat`. Raises TransformProblem where a step cannot read the cell.
    """
    text: Text = cell
    for step in steps:
        text = _operation(step)(text, others)
    return text


def columns_named(steps: Sequence[Step]) -> tuple[str, ...]:
    """Return the headers that the templates of `concat` refer to, each once, as they are written there."""
    templates = (str(step.options[0]) for step in steps if step.name == "concat")
    return tuple(dict.fromkeys(header for template in templates for header in headers_of(template)))


@functools.lru_cache(maxsize=1024)
def _operation(step: Step) -> Operation:
    return _MAKERS[step.name](*step.options)


def _each(change: Callable[[str], str]) -> Operation:
    """Return the operation that changes a text, or each part of one."""

    def operate(text: Text, _: Mapping[str, str]) -> Text:
        if isinstance(text, str):
            return change(text) if _is_filled(text) else ""
        return _filled(map(change, text))

    return operate


def _date(patterns: str) -> Operation:
    sources, target = read_patterns(patterns)
    return _each(lambda text: change_date(text, sources, target))


def _boolean(true: tuple[str, ...], false: tuple[str, ...]) -> Operation:
    words = dict.fromkeys(true, "true") | dict.fromkeys(false, "false")

    def change(text: str) -> str:
        word = words.get(text.strip().casefold())
        if word is None:
            reason = f"this is neither one of the words for true ({', '.join(true)}) nor for false ({', '.join(false)})"
            raise TransformProblem("bad_boolean", reason)
        return word

    return _each(change)


def _map(cells: tuple[str, ...], words: tuple[str, ...]) -> Operation:
    meant = dict(zip(cells, words, strict=True))

    def change(text: str) -> str:
        word = meant.get(text.strip().casefold())
        if word is None:
            raise TransformProblem(
                "value_unmapped", f"the map of the column names {', '.join(map(quoted, cells))} only"
            )
        return word

    def operate(text: Text, _: Mapping[str, str]) -> Text:
        if isinstance(text, str):
            return change(text) if _is_filled(text) else meant.get("", "")
        return _filled(map(change, text))

    return operate


def _fix_text() -> Operation:
    try:
        ftfy = load_optional("ftfy")
    except LibraryMissing as missing:
        raise MappingError("fix_text needs a package that is not installed.", advice=f"{missing}.") from None
    # Only what was spoilt: quotes, widths and ligatures that somebody typed stay as they are.
    config = ftfy.TextFixerConfig(
        unescape_html=False, uncurl_quotes=False, fix_latin_ligatures=False, fix_character_width=False, explain=False
    )
    return _each(lambda text: str(ftfy.fix_text(text, config)))


def _split(separator: str) -> Operation:
    return lambda text, _: _filled(piece.strip() for part in _parts(text) for piece in part.split(separator))


def _join(separator: str) -> Operation:
    return lambda text, _: separator.join(_parts(text))


def _item(place: int) -> Operation:
    def operate(text: Text, _: Mapping[str, str]) -> Text:
        parts = _parts(text)
        index = place - 1 if place > 0 else len(parts) + place
        return parts[index] if 0 <= index < len(parts) else ""

    return operate


def _constant(constant: str) -> Operation:
    return lambda _text, _others: constant


def _default(default: str) -> Operation:
    def operate(text: Text, _: Mapping[str, str]) -> Text:
        if isinstance(text, str):
            return text if _is_filled(text) else default
        return text or (default,)

    return operate


def _regex(pattern: str, replacement: str | None = None) -> Operation:
    compiled = re.compile(pattern)

    def find(text: str) -> str:
        found = compiled.search(text)
        return found[min(compiled.groups, 1)] or "" if found else ""

    return _each(find if replacement is None else functools.partial(compiled.sub, replacement))


def _concat(template: str) -> Operation:
    return lambda text, others: fill_template(template, joined(text), others)


def _parts(text: Text) -> tuple[str, ...]:
    return _filled((text,)) if isinstance(text, str) else text


def _filled(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(filter(_is_filled, texts))


def _is_filled(text: str) -> bool:
    return bool(text) and not text.isspace()


_MAKERS: Mapping[str, Callable[..., Operation]] = {
    "strip": lambda: _each(str.strip),
    "collapse": lambda: _each(collapse),
    "lower": lambda: _each(str.lower),
    "upper": lambda: _each(str.upper),
    "title": lambda: _each(title),
    "first_word": lambda: _each(first_word),
    "html_unescape": lambda: _each(html.unescape),
    "fix_text": _fix_text,
    "last_word": lambda: _each(last_word),
    "given_name": lambda: _each(given_name),
    "family_name": lambda: _each(family_name),
    "date": _date,
    "number": lambda mark: _each(lambda text: read_number(text, mark)),
    "boolean": _boolean,
    "map": _map,
    "split": _split,
    "join": _join,
    "item": _item,
    "constant": _constant,
    "default": _default,
    "regex": _regex,
    "concat": _concat,
}
