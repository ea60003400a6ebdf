"""Bytes that do not decode are kept as they are: none is replaced, none stops the reading."""

import codecs
import re
from collections.abc import Iterable, Iterator

KEEP_BYTES = "hmpipe-keep"
"""The codec error handler: a byte b that does not decode becomes chr(0xDC00 + b), and that byte again on writing.

It is surrogateescape for every encoding: that one leaves bytes below 128 alone, of which UTF-16 and the multi-byte
encodings of East Asia have their share.
"""

KEPT = re.compile("[\ud800-\udfff]+")
"""What such bytes are in a text. No encoding gives these characters for valid input, save a few that nobody uses."""


_END_MARKS = "\x1a\ufeff"
"""What DOS wrote at the end of a text, and the byte order mark of a file that another was put behind."""


class _Count:
    """How often this process had to keep bytes."""

    kept = 0


class Decoded:
    """Blocks of bytes as text, without marks at its very end that mean nothing.

    `has_kept` says whether any of them so far held bytes that do not decode, `has_escaped_quote` whether a backslash
    stood before a quote.
    """

    def __init__(self, blocks: Iterable[bytes], encoding: str) -> None:
        self._blocks = blocks
        self._decoder = codecs.getincrementaldecoder(encoding)(KEEP_BYTES)
        self.has_kept = False
        self.has_escaped_quote = False

    def __iter__(self) -> Iterator[str]:
        """Yield the text of each block, and of what is left at the end."""
        held = ""
        for block in self._blocks:
            text, held = _hold_end_marks(held + self._decode(block))
            yield text
        yield _hold_end_marks(held + self._decode(b"", final=True))[0]

    def _decode(self, block: bytes, *, final: bool = False) -> str:
        before = _Count.kept
        text = self._decoder.decode(block, final)
        self.has_kept |= _Count.kept != before
        self.has_escaped_quote |= '\\"' in text
        return text


def _keep(error: UnicodeError) -> tuple[str | bytes, int]:
    if isinstance(error, UnicodeDecodeError):
        _Count.kept += 1
        return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end
    if isinstance(error, UnicodeEncodeError):
        kept = KEPT.match(error.object, error.start)
        if kept:
            return _bytes_again(kept[0], error.encoding), kept.end()
        # A character of ours, not of the file, and not in its encoding: shown escaped instead of failing.
        return error.object[error.start : error.end].encode("ascii", "backslashreplace").decode(), error.end
    raise error


def _bytes_again(kept: str, encoding: str) -> bytes:
    unit = 4 if encoding.startswith("utf-32") else 2 if encoding.startswith("utf-16") else 1
    if len(kept) % unit == 0 and all(char <= "\udcff" and char >= "\udc00" for char in kept):
        return bytes(ord(char) - 0xDC00 for char in kept)
    if unit == 1:
        return kept.encode("ascii", "backslashreplace")
    # Half a unit cannot stand in such a text. It is written as the unit that it became, and is no text still.
    return kept.encode(encoding if encoding.endswith(("-le", "-be")) else f"{encoding}-le", "surrogatepass")


codecs.register_error(KEEP_BYTES, _keep)


def _hold_end_marks(text: str) -> tuple[str, str]:
    """Return a text without the end marks behind it, and those with the line ends behind them."""
    end = len(text.rstrip(_END_MARKS + "\r\n"))
    found = [place for mark in _END_MARKS if (place := text.find(mark, end)) >= 0]
    return (text[: min(found)], text[min(found) :]) if found else (text, "")


def decode_head(head: bytes, encoding: str, *, is_whole: bool) -> str:
    """Return the beginning of a text; where it is not the whole, without a last line that may be cut."""
    text = codecs.getincrementaldecoder(encoding)(KEEP_BYTES).decode(head, is_whole)
    return _hold_end_marks(text)[0] if is_whole else text[: max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1] or text
