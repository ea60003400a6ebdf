"""Text from outside as it may be shown: what cannot be printed, or changes what stands around it, as `<U+202E>`.

A cell, a header, a file name or an answer of the service may hold control characters that move a terminal's cursor, set
its title or its clipboard, and marks that turn the direction of the text.
"""

import re
import unicodedata
from collections.abc import Mapping

_NAMES = dict(
    enumerate(
        (
            *("NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF", "CR", "SO", "SI"),
            *(
                "DLE",
                "DC1",
                "DC2",
                "DC3",
                "DC4",
                "NAK",
                "SYN",
                "ETB",
                "CAN",
                "EM",
                "SUB",
                "ESC",
                "FS",
                "GS",
                "RS",
                "US",
            ),
        )
    )
) | {0x7F: "DEL"}
"""What the controls of ASCII are called."""

_ODD = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Controls but tab and line feed, marks of direction, invisible signs, halves of a character."""

_PYTHON = re.compile(r"\\x([0-9a-f]{2})|\\u([0-9a-f]{4})|\\U(00(?:0[0-9a-f]|10)[0-9a-f]{4})")
_LINES = re.compile(r"[\t\n]")


def visible(text: str) -> str:
    """Return a text of several lines that is safe on a terminal: tabs and line feeds stay."""
    return text if text.isascii() and text.isprintable() else _ODD.sub(_named, text)


def visible_line(text: str) -> str:
    """Return a text as one line that is safe on a terminal."""
    return _LINES.sub(_named, visible(text))


def quoted(value: object) -> str:
    """Return a value from outside as it stands in a sentence, texts in quotes."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(quoted, value))}]"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{quoted(key)} = {quoted(item)}' for key, item in value.items())} }}"
    shown = visible_line(str(value))
    return f"'{shown}'" if isinstance(value, str) else shown


def words_of(error: Exception) -> str:
    """Return what a library says of an error as one line; what it names with Python's escapes is named as elsewhere."""
    return visible_line(_PYTHON.sub(lambda found: chr(int(found[1] or found[2] or found[3], 16)), str(error)))


def encodable(text: str, encoding: str) -> str:
    """Return a text that a console of this encoding can show: what it lacks as `<U+1F600>`, quotes and dashes plain."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(char if _has(encoding, char) else _replacement(char, encoding) for char in text)
    return text


def _named(found: re.Match[str]) -> str:
    return _name(found[0])


def _name(char: str) -> str:
    return f"<{_NAMES.get(ord(char)) or f'U+{ord(char):04X}'}>"


def _replacement(char: str, encoding: str) -> str:
    """The letter without its accent, where the console has that; else its number."""
    plain = "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))
    return plain if plain and plain != char and _has(encoding, plain) else _name(char)


def _has(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
