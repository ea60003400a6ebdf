"""The seal of a reject row: its cells as they were, for those that a spreadsheet may convert.

It stands in the last column as a text that no spreadsheet converts. A cell that is still what a spreadsheet would make
of its original counts as the original; any other was changed by a person, and stands. So a seal that came to another
row, as by sorting one column alone, changes nothing. An empty one means that the cells are taken as they stand.
"""

import base64
import binascii
import hashlib
import json
import re
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence

from pipeline.reader._spreadsheets import BOOLEANS, is_made_of

SEAL_COLUMN = "_seal"

_MARK = "seal1-"
_PLAIN = re.compile(r"[A-Za-z]+(?:[ .'&/-]+[A-Za-z]+)*")
"""A cell that every spreadsheet leaves as it is: words of ASCII letters."""

_SUM = 4
_LONGEST = 30_000
"""Characters of a seal; a spreadsheet cuts a cell at 32,767."""

_MOST = 1 << 20
"""Bytes that a seal may hold: it comes from a file that anybody may have written."""

_BROKEN = (ValueError, binascii.Error, zlib.error, RecursionError)


class SealUnreadable(ValueError):
    """A seal that was damaged."""


def column_keys(headers: Sequence[str]) -> list[str]:
    """Return for each column a short key that stays the same where columns are moved or left out."""
    seen: Counter[str] = Counter()
    keys = []
    for header in headers:
        name = f"{header}\n{seen[header]}".encode("utf-8", "surrogatepass")
        keys.append(base64.b32encode(hashlib.sha256(name).digest()[:5]).decode()[:5])
        seen[header] += 1
    return keys


def make_seal(keys: Sequence[str], cells: Sequence[str]) -> str:
    """Return the seal of a row: "" where no spreadsheet would convert anything, or where it would be too long."""
    kept = {key: cell for key, cell in zip(keys, cells, strict=False) if _may_be_converted(cell)}
    if not kept:
        return ""
    # ASCII only, so that half of a character or an undecodable byte comes through as well.
    text = zlib.compress(json.dumps(kept, separators=(",", ":")).encode(), 9, -15)
    seal = _MARK + base64.urlsafe_b64encode(_sum(text) + text).decode().rstrip("=")
    return seal if len(seal) <= _LONGEST else ""


def read_seal(seal: str) -> Mapping[str, str]:
    """Return key -> cell of a seal. Raises SealUnreadable."""
    plain = seal.strip()
    if not plain:
        return {}
    try:
        if not plain.startswith(_MARK):
            raise SealUnreadable
        body = plain.removeprefix(_MARK)
        packed = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
        text = packed[_SUM:]
        if packed[:_SUM] != _sum(text):
            raise SealUnreadable
        found = json.loads(zlib.decompressobj(-15).decompress(text, _MOST))
    except _BROKEN as error:
        raise SealUnreadable from error
    return {key: cell for key, cell in found.items() if isinstance(cell, str)} if isinstance(found, dict) else {}


class Seals:
    """The seals of a reject file with this header; a header without `_seal` has none."""

    def __init__(self, headers: Sequence[str]) -> None:
        self._place = headers.index(SEAL_COLUMN) if SEAL_COLUMN in headers else None
        self._places = {key: index for index, key in enumerate(column_keys(headers))} if self._place is not None else {}

    def restore(self, rows: Sequence[list[str]]) -> dict[int, tuple[str, ...]]:
        """Give rows their cells as they originally were, but for those that were really changed.

        Return notes by the place of the row: `cells_restored`, `seal_unreadable`.
        """
        if self._place is None:
            return {}
        found = {index: self._restore(cells) for index, cells in enumerate(rows) if len(cells) > self._place}
        return {index: (note,) for index, note in found.items() if note}

    def confirms(self, cells: Sequence[str], place: int) -> bool:
        """Whether a cell is its original, by the seal of its row."""
        try:
            originals = read_seal(cells[self._place]) if self._place is not None and self._place < len(cells) else {}
        except SealUnreadable:
            return False
        return any(self._places.get(key) == place and cells[place] == cell for key, cell in originals.items())

    def _restore(self, cells: list[str]) -> str:
        try:
            originals = read_seal(cells[self._place or 0])
        except SealUnreadable:
            return "seal_unreadable"
        note = ""
        for key, original in originals.items():
            place = self._places.get(key)
            if (
                place is not None
                and place < len(cells)
                and original != cells[place]
                and is_made_of(original, cells[place])
            ):
                cells[place] = original
                note = "cells_restored"
        return note


def _may_be_converted(cell: str) -> bool:
    return bool(cell) and (not _PLAIN.fullmatch(cell) or cell.casefold() in BOOLEANS)


def _sum(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()[:_SUM]
