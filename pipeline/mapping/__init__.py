"""Bring columns to their targets: header -> contact field or custom-field ID, row -> Contact, Reject or Skip."""

from pipeline.mapping._cells import CLEAR
from pipeline.mapping._columns import (
    EXTRA_COLUMN,
    REJECT_COLUMNS,
    Binding,
    ColumnPlan,
    plan_columns,
    resolve_custom,
    resolve_tags,
)
from pipeline.mapping._rows import contact_json, map_row, map_rows

__all__ = [
    "CLEAR",
    "EXTRA_COLUMN",
    "REJECT_COLUMNS",
    "Binding",
    "ColumnPlan",
    "contact_json",
    "map_row",
    "map_rows",
    "plan_columns",
    "resolve_custom",
    "resolve_tags",
]
