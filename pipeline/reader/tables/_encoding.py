"""Which encoding a text is in: told by its mark, by its zero bytes, by being UTF-8, or by statistics."""

import codecs
import re
from collections.abc import Iterable, Iterator

from pipeline.libraries import charset_normalizer
from pipeline.reader.tables._alphabets import find_latin, is_western
from pipeline.reader.tables._candidates import judge_few

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # UTF-32 comes first: in little-endian order its mark begins like the one of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_ASCII = bytes(range(128))

_SAMPLE = 256 * 1024
"""Bytes of lines with high bytes that are looked at."""

_STATISTICS = 32 * 1024
"""Bytes of them that are counted letter by letter: more of them take longer and say no more."""

_ENOUGH_TO_GUESS = 64
"""High bytes below which statistics say nothing: the letters that they give are judged."""

_LINES_PER_BROKEN = 50
"""Lines of which one may be broken without speaking against an encoding."""

_LATIN = ("cp1252", "cp1250", "cp1254", "cp1257", "mac_roman", "cp850", "cp852", "iso8859_2")
_SCRIPTS = ("cp1251", "koi8_r", "cp866", "cp1253", "cp1255", "cp1256", "cp874")
_EASTERN = ("shift_jis", "cp932", "euc_jp", "gb18030", "big5", "euc_kr", "cp949")


def is_wide(encoding: str) -> bool:
    """Whether its ASCII characters have zero bytes."""
    return encoding.startswith(("utf-16", "utf-32"))


def encoding_by_mark(head: bytes) -> str | None:
    """Return the encoding that a byte order mark names.

    A mark of UTF-16 before a text without a single zero byte lies: in UTF-16 every comma and line break has one.
    """
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name if not is_wide(name) or len(head) == len(mark) or 0 in head[len(mark) :] else None
    return None


def encoding_by_zeros(head: bytes) -> str | None:
    """Return the encoding that zero bytes at every other place give away.

    In Latin script nearly every character has one. In others only digits, delimiters and line breaks have; then the
    rest must be a text, too.
    """
    units = head[:4000]
    half = len(units) // 2
    if half < 2:
        return None
    first, second = (units[start : half * 2 : 2].count(0) for start in (0, 1))
    most, least = max(first, second), min(first, second)
    found = "utf-16-be" if first > second else "utf-16-le"
    if most > half * 0.6 and least * 4 < most:
        return found
    is_text = most > half * 0.05 and least * 10 <= most and _is_text(units[: half * 2 - 2], found)
    return found if is_text else None


def _is_text(units: bytes, encoding: str) -> bool:
    try:
        # Not final: the last character may be cut.
        text = codecs.getincrementaldecoder(encoding)().decode(units)
    except UnicodeDecodeError:
        return False
    odd = sum(not (char.isprintable() or char in "\t\r\n\v\f") for char in text)
    return "\n" in text or "\r" in text if not odd else False


def settle_forced(encoding: str, head: bytes) -> tuple[str, bytes]:
    """Return what a forced encoding means for a text, and the text without a mark that is not part of it."""
    family = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    size = next((len(mark) for mark, _ in _MARKS if head.startswith(mark)), 0)
    if encoding in ("utf-16", "utf-32") and family != encoding:
        # Python wants a mark there. Windows, where such files come from, writes the low byte first.
        return encoding_by_zeros(head) or f"{encoding}-le", head
    if encoding == "utf-8" and family == "utf-8-sig":
        return "utf-8-sig", head
    if family == "utf-8-sig" and encoding != family and not is_wide(encoding):
        return encoding, head[size:]
    if family and is_wide(encoding) and encoding.startswith(family) and encoding != family:
        return encoding, head[size:]
    return encoding, head


def lines_beyond_ascii(blocks: Iterable[bytes]) -> bytes:
    """Return the lines that hold a byte above 127, as many as are needed for a judgement."""
    found: list[bytes] = []
    size = 0
    for lines in _whole_lines(blocks):
        if lines.isascii():
            continue
        for line in lines.splitlines(keepends=True):
            if not line.isascii():
                found.append(line[:_SAMPLE])
                size += len(line)
            if size > _SAMPLE:
                return b"".join(found)
    return b"".join(found)


def _whole_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    carried = b""
    for block in blocks:
        text = carried + block
        end = max(text.rfind(b"\n"), text.rfind(b"\r")) + 1
        if not end and len(text) > _SAMPLE:
            # A line without an end is no line of a table. What it is in can be told from its parts.
            end = len(text)
        carried = text[end:]
        yield text[:end]
    yield carried


def guess_encoding(sample: bytes) -> tuple[str, str, str]:
    """Return the encoding of lines without a mark, how it was found, and a remark where others are as likely."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        # Not final: the last line of a sample may be cut.
        decoder.decode(sample, final=False)
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8", "valid UTF-8", ""
    high = len(sample.translate(None, _ASCII))
    valid = _MULTIBYTE.findall(sample)
    if len(valid) > high - sum(map(len, valid)):
        # Clearly UTF-8, with a few rows in something else: those are rejected, with their lines.
        return "utf-8", "detection", ""
    if high >= _ENOUGH_TO_GUESS:
        return _by_statistics(_first_lines(sample)), "detection", ""
    found, remark = judge_few(sample)
    return found, "detection", remark


def _first_lines(sample: bytes) -> bytes:
    """Some lines of a sample. A line is not cut: half a character would speak against its encoding."""
    if len(sample) <= _STATISTICS:
        return sample
    end = max(sample.rfind(mark, 0, _STATISTICS) for mark in (b"\n", b"\r")) + 1
    return sample[: end or _STATISTICS]


def _without_broken_lines(sample: bytes) -> bytes:
    """A sample without the few lines that speak against an encoding of East Asia which all others are valid in.

    A single bad byte would rule that out, and the whole file would be read as something else; so its row is a reject.
    """
    lines = sample.splitlines(keepends=True)
    most = len(lines) // _LINES_PER_BROKEN
    broken: set[int] = set()
    for encoding in _EASTERN if most else ():
        against = {place for place, line in enumerate(lines) if not _is_valid(line, encoding)}
        broken |= against if len(against) <= most else set()
    return b"".join(line for place, line in enumerate(lines) if place not in broken)


def _is_valid(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _by_statistics(sample: bytes) -> str:
    if is_western(sample):
        return find_latin(sample)
    sample = _without_broken_lines(sample)
    likely = [*_LATIN, *_SCRIPTS, *_EASTERN]
    best = charset_normalizer.from_bytes(sample, cp_isolation=likely, enable_fallback=False).best()
    if best is None or best.encoding in _LATIN:
        return find_latin(sample)
    return codecs.lookup(best.encoding).name
