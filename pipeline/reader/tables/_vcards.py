"""vCards (.vcf), as phones and address books export them; vobject is an optional extra."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pipeline.errors import InputError
from pipeline.libraries import LibraryMissing, load_optional
from pipeline.reader.tables._objectfile import FoundObject

_BEGIN = re.compile(r"\s*BEGIN\s*:\s*VCARD\s*", re.IGNORECASE)
_END = re.compile(r"\s*END\s*:\s*VCARD\s*", re.IGNORECASE)

_LONGEST = 20_000
"""Lines of a card above which its end is missing; pictures take many."""

_ONCE = {"fn": "Full Name", "nickname": "Nickname", "title": "Job Title", "bday": "Birthday", "note": "Note"}
_ONCE |= {"url": "Website", "uid": "UID"}
_NAME = (
    ("First Name", "given"),
    ("Middle Name", "additional"),
    ("Last Name", "family"),
    ("Name Prefix", "prefix"),
    ("Name Suffix", "suffix"),
)
_ADDRESS = ("street", "extended", "city", "region", "code", "country")


def is_vcard(head: str) -> bool:
    """Whether a text begins with a vCard."""
    return _BEGIN.match(head.lstrip("\ufeff")) is not None


def read_vcards(lines: Iterable[str]) -> Iterator[FoundObject]:
    """Yield each card. Raises InputError where the library is missing."""
    try:
        vobject = load_optional("vobject")
    except LibraryMissing as missing:
        raise InputError(
            "The file holds vCards, and the package that reads those is not installed.",
            advice=f"{missing}; or export the contacts as CSV.",
        ) from None
    for start, end, card in _cards(lines):
        try:
            read = vobject.readOne("\r\n".join([*card, ""]), allowQP=True)
            yield FoundObject(start, end, _cells(read))
        except Exception as error:  # noqa: BLE001 - the library has no common error for what is no card
            why = " ".join(str(error).split())[:200]
            yield FoundObject(start, end, {}, f"the vCard cannot be read ({why or type(error).__name__})")


def _cards(lines: Iterable[str]) -> Iterator[tuple[int, int, Sequence[str]]]:
    """The lines of each card, from BEGIN to END, or to the next BEGIN."""
    card: list[str] = []
    number = 0
    for number, line in enumerate(lines, start=1):
        if _BEGIN.fullmatch(line.lstrip("\ufeff")) and card:
            yield number - len(card), number - 1, card
            card = []
        if card or line.strip(" \t\ufeff"):
            card.append(line.lstrip("\ufeff"))
        if _END.fullmatch(line) or len(card) > _LONGEST:
            yield number - len(card) + 1, number, card
            card = []
    if card:
        yield number - len(card) + 1, number, card


def _cells(card: Any) -> dict[str, str]:
    cells: dict[str, str] = {}
    name = card.contents.get("n", [None])[0]
    for header, part in _NAME if name is not None else ():
        cells[header] = _text(getattr(name.value, part, ""))
    cells |= {header: _text(card.contents[kind][0].value) for kind, header in _ONCE.items() if kind in card.contents}
    for number, each in enumerate(card.contents.get("tel", ()), start=1):
        cells[f"Phone {number}"] = re.sub("^tel:", "", _text(each.value), flags=re.IGNORECASE)
        cells[f"Type of Phone {number}"] = _types(each)
    for number, each in enumerate(card.contents.get("email", ()), start=1):
        cells["Email" if number == 1 else f"Email {number}"] = _text(each.value)
    for number, each in enumerate(card.contents.get("adr", ()), start=1):
        parts = (_text(getattr(each.value, part, "")) for part in _ADDRESS)
        cells["Address" if number == 1 else f"Address {number}"] = ", ".join(filter(None, parts))
    for kind, header in (("org", "Company"), ("categories", "Categories")):
        if kind in card.contents:
            cells[header] = "; ".join(filter(None, map(_text, card.contents[kind][0].value)))
    return cells


def _types(line: Any) -> str:
    """The words beside a phone: cell, home, work."""
    named = [word for word in line.params.get("TYPE", []) if word.lower() not in ("voice", "pref")]
    bare = [word for word in getattr(line, "singletonparams", []) if word.lower() not in ("voice", "pref")]
    return " ".join(dict.fromkeys(word.lower() for word in (*named, *bare)))


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return " ".join(filter(None, map(_text, value)))
    return str(value or "").strip()
