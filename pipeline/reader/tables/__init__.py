"""The input as tables: any file that holds rows becomes headers and numbered rows, whatever its size."""

from pipeline.reader.tables._ahead import is_worth_reading_ahead, open_table_ahead
from pipeline.reader.tables._kept import KEEP_BYTES
from pipeline.reader.tables._open import list_sheets, open_table
from pipeline.reader.tables._options import Dialect, ReadOptions
from pipeline.reader.tables._sources import Source, expand_sources
from pipeline.reader.tables._table import Table

__all__ = [
    "KEEP_BYTES",
    "Dialect",
    "ReadOptions",
    "Source",
    "Table",
    "expand_sources",
    "is_worth_reading_ahead",
    "list_sheets",
    "open_table",
    "open_table_ahead",
]
