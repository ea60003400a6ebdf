"""What the settings may force about how a file is read."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.errors import InputError


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read a table. `wanted` are the headers that the settings map: they tell the header line from others.

    `encoding` is auto or a codec; `delimiter` auto or one character; `header` auto, none or a physical line (from 1);
    lines that begin with `comment` are no rows; `sheet` names the sheet of a workbook ("": the first).
    """

    encoding: str = "auto"
    delimiter: str = "auto"
    header: str | int = "auto"
    comment: str = ""
    sheet: str = ""
    wanted: tuple[str, ...] = ()
    chunk_rows: int = 10_000

    def forced_encoding(self) -> str | None:
        """Return the codec's usual name, or None for auto. Raises InputError for one that does not exist."""
        if self.encoding == "auto":
            return None
        try:
            found = codecs.lookup(self.encoding)
            "".encode(self.encoding)
        except (LookupError, ValueError):
            raise InputError(
                f"There is no text encoding {self.encoding!r} (import.encoding).",
                advice="Use auto, utf-8, utf-16, cp1252, latin-1, or another name that Python knows.",
            ) from None
        return found.name


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table is written. `found_by` says why the encoding was chosen.

    `compression` is "" where there is none. `line_end` is the commonest one.
    """

    encoding: str
    delimiter: str
    line_end: str = "\n"
    compression: str = ""
    found_by: str = "setting"

    def as_json(self) -> Mapping[str, str]:
        """Return what a report says about it."""
        shown = {"encoding": self.encoding, "delimiter": self.delimiter, "found_by": self.found_by}
        return shown | ({"compression": self.compression} if self.compression else {})
