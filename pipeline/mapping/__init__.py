"""Bring columns to their targets: header -> contact field or custom-field ID, row -> Contact, Reject or Skip."""

from pipeline.mapping._cells import CLEAR
from pipeline.mapping._columns import (
    EXTRA_COLUMN,
    FILE_COLUMN,
    Binding,
    ColumnPlan,
    plan_columns,
    resolve_custom,
    resolve_members,
    resolve_tags,
)
from pipeline.mapping._rows import Mapped, contact_json, map_chunk
from pipeline.models import REJECT_COLUMNS

__all__ = [
    "CLEAR",
    "EXTRA_COLUMN",
    "FILE_COLUMN",
    "REJECT_COLUMNS",
    "Binding",
    "ColumnPlan",
    "Mapped",
    "contact_json",
    "map_chunk",
    "plan_columns",
    "resolve_custom",
    "resolve_members",
    "resolve_tags",
]
