"""How a table is to be read, and how it turned out to be written."""

import codecs
from collections.abc import Mapping

from pipeline.errors import InputError
from pipeline.models import Json
from pipeline.reader.tables._kept import KEEP_BYTES
from pipeline.showing import quoted
from pipeline.values import Struct

_PROBE = 'a,"b"\r\n'


class ReadOptions(Struct, frozen=True):
    """How to read a table.

    `encoding` is auto or a codec of Python; `delimiter` auto or one character; `quoting` auto, doubled (the usual way)
    or one of `_quoting`; `header` auto, none or the physical line (from 1) on which the header begins; lines that begin
    with `comment` are no rows; `sheet` names the sheet of a workbook ("": the first). `wanted` are the headers that the
    settings map: they tell the header from other lines.
    """

    encoding: str = "auto"
    delimiter: str = "auto"
    quoting: str = "auto"
    header: str | int = "auto"
    comment: str = ""
    sheet: str = ""
    wanted: tuple[str, ...] = ()
    chunk_rows: int = 10_000

    def __post_init__(self) -> None:
        """Refuse what nothing can be read with. Raises InputError; ValueError for a mistake in a program."""
        if self.chunk_rows < 1:
            raise ValueError("chunk_rows must be at least 1")
        if self.delimiter != "auto" and (len(self.delimiter) != 1 or self.delimiter in '"\r\n'):
            raise InputError(
                f"A delimiter is one character, and neither a quote nor a line break; this is {quoted(self.delimiter)}"
                " (import.delimiter).",
                advice='Use auto, or for example ";" or "\\t".',
            )
        if self.header not in ("auto", "none") and not (type(self.header) is int and self.header >= 1):
            raise InputError(
                f"A header is auto, none or the number of its line; this is {quoted(self.header)} (import.header).",
                advice="Lines are counted from 1.",
            )
        if self.comment != self.comment.strip("\r\n"):
            raise InputError("A comment mark holds no line break (import.comment).", advice='Use for example "#".')

    def forced_encoding(self) -> str | None:
        """Return the codec's usual name, or None for auto. Raises InputError for what is no encoding of texts."""
        if self.encoding == "auto":
            return None
        try:
            found = codecs.lookup(self.encoding)
            # Codecs that turn bytes into bytes, or that know no lines and no error handlers, fail this or change it.
            codecs.getincrementaldecoder(self.encoding)
            is_escape = found.name.endswith("unicode-escape")
            if not is_escape and _PROBE.encode(self.encoding).decode(self.encoding, KEEP_BYTES) == _PROBE:
                return found.name
        except (LookupError, ValueError):
            pass
        raise InputError(
            f"There is no text encoding {quoted(self.encoding)} (import.encoding).",
            advice="Use auto, utf-8, utf-16, cp1252, latin-1, or another name that Python knows.",
        )


class Dialect(Struct, frozen=True):
    """How a table is written.

    `line_end` is the commonest one at its beginning. `compression` is "", gzip, bzip2, xz, zstd or zip. `found_by`
    says why the encoding was chosen: byte order mark, valid UTF-8, detection, setting, workbook, vCard or JSON lines.
    `remarks` are sentences about what was assumed, for a person to look at.
    """

    encoding: str
    delimiter: str
    line_end: str = "\n"
    compression: str = ""
    found_by: str = "setting"
    remarks: tuple[str, ...] = ()

    def as_json(self) -> Mapping[str, Json]:
        """Return what a report says about it."""
        shown: dict[str, Json] = {"encoding": self.encoding, "delimiter": self.delimiter, "found_by": self.found_by}
        shown |= {"compression": self.compression} if self.compression else {}
        return shown | ({"remarks": list(self.remarks)} if self.remarks else {})
