"""Which encoding a text is in, and how bytes that do not belong to it are kept."""

import codecs
import re
from collections.abc import Iterable

KEEP_BYTES = "hmpipe-keep"
"""The codec error handler: a byte b that cannot be decoded becomes chr(0xDC00 + b), and back again on writing."""

KEPT = re.compile("[\ud800-\udfff]")
"""What such a byte is in a text. Half of a UTF-16 pair without the other half looks like that too."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
_HIGH_LINE = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*[\r\n]*")
_NOT_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")

_SAMPLE = 256 * 1024
_ENOUGH_TO_GUESS = 64
"""High bytes below which a statistical guess is worse than the commonest answer."""

_GUESSES = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "mac_roman", "koi8_r"),
    *("shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"),
)
_WESTERN = ("cp1252", "latin_1", "iso8859_15")
_CLEARLY_BETTER = 0.05


class _Count:
    """How often a byte had to be kept."""

    kept = 0


def kept_bytes() -> int:
    """Return how many times this process met bytes that do not decode, to see whether a text held any."""
    return _Count.kept


def _keep(error: UnicodeError) -> tuple[str | bytes, int]:
    if isinstance(error, UnicodeDecodeError):
        _Count.kept += 1
        return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end
    if isinstance(error, UnicodeEncodeError):
        return _written(error), error.end
    raise error


def _written(error: UnicodeEncodeError) -> bytes:
    text = error.object[error.start : error.end]
    if error.encoding.replace("_", "-").startswith(("utf-16", "utf-32")):
        # Bytes cannot stand alone between units of two or four; what they were stays visible as such a unit.
        encoding = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(error.encoding.replace("_", "-"), error.encoding)
        return text.encode(encoding, "surrogatepass")
    if not all(0xDC00 <= ord(char) <= 0xDCFF for char in text):
        raise error
    return bytes(ord(char) - 0xDC00 for char in text)


codecs.register_error(KEEP_BYTES, _keep)


def encoding_by_mark(head: bytes) -> str | None:
    """Return the encoding that a byte order mark names, or that zero bytes at every other place give away."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    units = head[:4000]
    zeros = [units[start::2].count(0) for start in (0, 1)]
    half = max(len(units) // 2, 1)
    if len(units) >= 4 and max(zeros) > half * 0.6 and min(zeros) < half * 0.1:
        return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    return None


def high_lines(blocks: Iterable[bytes]) -> bytes:
    """Return the lines that hold a byte above 127, as many as are needed for a judgement."""
    found: list[bytes] = []
    size = 0
    carried = b""
    for block in blocks:
        text = carried + block
        if text.isascii() and len(text) < _SAMPLE * 8:
            # Keep the end of the last line: a high byte may follow in the next block.
            carried = text[max(text.rfind(b"\n"), text.rfind(b"\r")) + 1 :][-_SAMPLE:]
            continue
        end = max(text.rfind(b"\n"), text.rfind(b"\r")) + 1 or len(text)
        carried = text[end:][-_SAMPLE:]
        for line in _HIGH_LINE.findall(text[:end]):
            found.append(line[:_SAMPLE])
            size += len(line)
            if size > _SAMPLE:
                return b"".join(found)
    return b"".join([*found, carried]) if not carried.isascii() else b"".join(found)


def guess_encoding(sample: bytes) -> tuple[str, str]:
    """Return the encoding of a sample without a mark, and how it was found."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(sample, final=False)
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8", "valid UTF-8"
    valid = _MULTIBYTE.findall(sample)
    high = len(_HIGH.findall(sample))
    if len(valid) > high - sum(map(len, valid)):
        return "utf-8", "nearly valid UTF-8"
    found = _statistics(sample) if high >= _ENOUGH_TO_GUESS else "cp1252"
    if found == "cp1252" and _NOT_CP1252.search(sample):
        found = "latin-1"
    return found, "detection"


def _statistics(sample: bytes) -> str:
    # Only files that are not UTF-8 pay for it.
    from charset_normalizer import from_bytes  # noqa: PLC0415

    matches = from_bytes(sample, cp_isolation=list(_GUESSES), enable_fallback=False)
    best = matches.best()
    if best is None or best.encoding in _WESTERN:
        return "cp1252"
    western = next((match for match in matches if match.encoding in _WESTERN), None)
    if western is not None and western.chaos <= best.chaos + _CLEARLY_BETTER and western.coherence >= best.coherence:
        return "cp1252"
    return codecs.lookup(best.encoding).name
