"""The values that all stages pass on: frozen, without behaviour that needs I/O."""

from pipeline.models._changes import Change, ChangeKind, FieldChange, OnExisting, Staged, WriteAnswer
from pipeline.models._consent import ConsentNotice, ConsentState
from pipeline.models._contacts import (
    MAX_TAGS,
    STANDARD_FIELDS,
    Contact,
    CustomField,
    Expected,
    Found,
    Json,
    LeftOut,
    Member,
    Record,
    Reject,
    Skip,
    Status,
    fold_channel,
    further_channels,
)
from pipeline.models._masking import mask_phone
from pipeline.models._outcomes import BAD_KINDS, Outcome, OutcomeKind, Tally, Traffic, Unseen
from pipeline.models._pages import Listed, Page, PageRequest
from pipeline.models._regions import is_region
from pipeline.models._rows import REJECT_COLUMNS, Chunk, ColumnRecords, RowFault, column_of, narrowest, widths
from pipeline.models._stamps import compare, earliest, latest, order_of, stamp_order

__all__ = [
    "BAD_KINDS",
    "MAX_TAGS",
    "REJECT_COLUMNS",
    "STANDARD_FIELDS",
    "Change",
    "ChangeKind",
    "Chunk",
    "ColumnRecords",
    "ConsentNotice",
    "ConsentState",
    "Contact",
    "CustomField",
    "Expected",
    "FieldChange",
    "Found",
    "Json",
    "LeftOut",
    "Listed",
    "Member",
    "OnExisting",
    "Outcome",
    "OutcomeKind",
    "Page",
    "PageRequest",
    "Record",
    "Reject",
    "RowFault",
    "Skip",
    "Staged",
    "Status",
    "Tally",
    "Traffic",
    "Unseen",
    "WriteAnswer",
    "column_of",
    "compare",
    "earliest",
    "fold_channel",
    "further_channels",
    "is_region",
    "latest",
    "mask_phone",
    "narrowest",
    "order_of",
    "stamp_order",
    "widths",
]
