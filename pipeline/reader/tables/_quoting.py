"""How cells are quoted where that is not the usual way: told from many lines, and brought to the usual way.

Signs that stand for themselves walk through the csv module as private characters, and are themselves again behind it.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

BACKSLASH, SPACED, SINGLE, CURLY = "backslash", "spaced", "single", "curly"
"""The ways of quoting beside the usual one, which is "", as the setting `import.quoting` calls them."""

REMARKS = {
    BACKSLASH: "quotes and delimiters inside cells are marked by a backslash; the backslashes are taken away, and a"
    " cell of \\N is blank",
    SPACED: "blanks stand before the quotes of cells; they are left out",
    SINGLE: "cells stand in single quotes; those are taken away",
    CURLY: "cells stand in curly quotes, as a word processor makes them; those are taken away",
}
"""What is said of a file that seems to be quoted in such a way."""

_LINES = 2_000
"""Lines that are looked at."""

_CLEAR = 4
"""How many lines must speak for a way of quoting for each that speaks against it."""

_PRIVATE = 0xF0000
_PRIVATE_SIGN = re.compile("[\U000f0000-\U000fffff]")
_STRAIGHT, _APOSTROPHE = chr(_PRIVATE + ord('"')), chr(_PRIVATE + ord("'"))


def find_quoting(text: str, delimiter: str) -> str:
    """Return how the cells of a text are quoted, "" for the usual way."""
    if not _is_suspect(text, delimiter):
        return ""
    shown = [found[0] for found in islice(re.finditer("[^\r\n]+", text), _LINES)]
    if _speaks(shown, delimiter, BACKSLASH, lambda line: f"\\{delimiter}" in line or '\\"' in line):
        return BACKSLASH
    if _speaks(shown, delimiter, SPACED, re.compile(f'(?:^|{re.escape(delimiter)}) +"').search):
        return SPACED
    if _are_wrapped(shown, delimiter, "'", "'"):
        return SINGLE
    return CURLY if _are_wrapped(shown, delimiter, "\u201c\u201e", "\u201d\u201c") else ""


def _is_suspect(text: str, delimiter: str) -> bool:
    signs = ("\\", f'{delimiter} "', "\u201c", "\u201e", f"'{delimiter}", f"{delimiter}'")
    return any(sign in text for sign in signs)


def _speaks(lines: Sequence[str], delimiter: str, way: str, is_suspicious: Callable[[str], object]) -> bool:
    """Whether lines with a suspicious sign have the usual number of cells, well formed, only in this way."""
    suspicious = [line for line in lines if is_suspicious(line)]
    if not suspicious:
        return False
    plain, other = ([_cells(line, delimiter, each) for line in lines] for each in ("", way))
    usual = Counter(map(len, filter(None, other))).most_common(1)
    width = usual[0][0] if usual else 0
    fits = [
        (_is_well_formed(before, width), _is_well_formed(after, width))
        for line, before, after in zip(lines, plain, other, strict=True)
        if is_suspicious(line) and before != after
    ]
    return sum(now and not before for before, now in fits) > _CLEAR * sum(before and not now for before, now in fits)


def _is_well_formed(cells: Sequence[str], width: int) -> bool:
    is_odd = any('\\"' in cell or (cell.startswith(" ") and cell.lstrip().startswith('"')) for cell in cells)
    return len(cells) == width > 1 and not is_odd


def _cells(line: str, delimiter: str, way: str) -> list[str]:
    """The cells of a line, none where it is malformed."""
    try:
        lines = prepare([line], delimiter, way)
        reader = csv.reader(
            lines, delimiter=delimiter, quotechar=quote_of(way), skipinitialspace=way == SPACED, strict=True
        )
        return next(reader, [])
    except csv.Error:
        return []


def _are_wrapped(lines: Sequence[str], delimiter: str, opening: str, closing: str) -> bool:
    """Whether most lines have cells that begin and end with such marks, as many of the one as of the other."""
    edge = re.escape(delimiter)
    opens, closes = re.compile(f"(?:^|{edge}) *[{opening}]"), re.compile(f"[{closing}] *(?={edge}|$)")
    # A mark that is all of its cell opens nothing that it could close.
    alone = re.compile(f"(?:^|(?<={edge})) *[{opening}{closing}] *(?={edge}|$)")
    counts = [(len(opens.findall(line)), len(closes.findall(line)), alone.search(line)) for line in lines]
    wrapped = sum(begun == ended > 0 and not lone for begun, ended, lone in counts)
    against = sum(begun != ended or bool(lone) for begun, ended, lone in counts)
    return wrapped >= 2 and wrapped * 2 >= len(lines) and wrapped > _CLEAR * against


# --- reading it -------------------------------------------------------------------------------------------------------


def quote_of(way: str) -> str:
    """Return the quote that the csv module must know."""
    return "'" if way == SINGLE else '"'


def prepare(lines: Iterable[str], delimiter: str, way: str) -> Iterable[str]:
    """Return lines as the csv module can read them."""
    changes = {BACKSLASH: _unescape, SINGLE: _free_apostrophes, CURLY: _straighten}
    return changes[way](lines, re.escape(delimiter)) if way in changes else lines


def restore(rows: Sequence[list[str]]) -> list[list[str]]:
    """Return records with the signs that walked through as private characters."""
    return [
        [_PRIVATE_SIGN.sub(_own_sign, cell) for cell in cells] if _PRIVATE_SIGN.search("".join(cells)) else cells
        for cells in rows
    ]


def _own_sign(found: re.Match[str]) -> str:
    return chr(ord(found[0]) - _PRIVATE)


def _hidden_sign(found: re.Match[str]) -> str:
    return chr(_PRIVATE + ord(found[1])) if found[1] else ""


def _unescape(lines: Iterable[str], edge: str) -> Iterator[str]:
    escaped = re.compile(f"\\\\([\"'\\\\]|{edge})|(?:(?<={edge})|^)\\\\N(?={edge}|[\r\n]|$)|\\\\(?=[\r\n])")
    return (escaped.sub(_hidden_sign, line) if "\\" in line else line for line in lines)


def _free_apostrophes(lines: Iterable[str], _: str) -> Iterator[str]:
    # O'Brien within single quotes, as programs write it that know no escape.
    inner = re.compile(r"\\'|(?<=\w)'(?=\w)")
    return (inner.sub(_APOSTROPHE, line) for line in lines)


def _straighten(lines: Iterable[str], edge: str) -> Iterator[str]:
    inner = re.compile(f'(?<!^)(?<!{edge})"(?!{edge}|[\r\n]|$)')
    opening = re.compile(f"(^|{edge}) *[\u201c\u201e]")
    closing = re.compile(f"[\u201d\u201c] *(?={edge}|[\r\n]|$)")
    return (closing.sub('"', opening.sub(r'\1"', inner.sub(_STRAIGHT, line))) for line in lines)
