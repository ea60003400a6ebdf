"""Bring columns to their targets: header -> contact field or custom-field ID, row -> Contact, Reject or Skip."""

from pipeline.reader.mapping._cells import CLEAR, OPT_OUT_WORDS, STATUS_WORDS
from pipeline.reader.mapping._columns import (
    Binding,
    ColumnPlan,
    plan_columns,
    refuse_other_places,
    resolve_custom,
    resolve_members,
    resolve_tags,
)
from pipeline.reader.mapping._emails import bad_emails
from pipeline.reader.mapping._letters import find_spoilt
from pipeline.reader.mapping._nothing import NAME_LIKE, NULL_WORDS
from pipeline.reader.mapping._rows import Mapped, map_chunk
from pipeline.reader.mapping._shapes import contact_json, contact_of

__all__ = [
    "CLEAR",
    "NAME_LIKE",
    "NULL_WORDS",
    "OPT_OUT_WORDS",
    "STATUS_WORDS",
    "Binding",
    "ColumnPlan",
    "Mapped",
    "bad_emails",
    "contact_json",
    "contact_of",
    "find_spoilt",
    "map_chunk",
    "plan_columns",
    "refuse_other_places",
    "resolve_custom",
    "resolve_members",
    "resolve_tags",
]
