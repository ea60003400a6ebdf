"""The contacts.csv of a snapshot: every column is known, so nothing about it has to be guessed."""

import re
from collections.abc import Mapping, Sequence

from pipeline.reader.consent import IGNORE
from pipeline.reader.proposal._looks import show
from pipeline.reader.proposal._proposal import SURE, ColumnProposal, Proposal
from pipeline.reader.proposal._words import OWN_EXPORT

_TARGETS: Mapping[str, object] = {
    "id": "id",
    "phone": "phone",
    "first": "first",
    "last": "last",
    "display_name": "display_name",
    "email": "email",
    "assignee_id": "assignee_id",
    "is_opted_out": "is_opted_out",
    "tags": {"tags": ";"},
    "created": None,
    "updated": None,
}
_NEEDED = ("id", "phone", "first", "last", "display_name", "email", "assignee_id", "tags", "created", "updated")
_EXAMPLES = 2

_NUMBERED = re.compile(r"(?:(?P<kind>phone|email)|channel_(?P<other>.+))_[1-9]\d*")
"""Columns of further channels, of a backup with `export.detail = "full"`."""

_SAID_ONLY = ("blocked", "unsubscribed_by")

READING: Mapping[str, object] = {"null_values": ["", "<clear>"]}
"""What a cell of it says it means, apart from the blank one: a contact may be called NULL."""


def is_own_export(headers: Sequence[str]) -> bool:
    """Whether these are the headers of a snapshot's contacts.csv."""
    return list(headers[: len(_NEEDED)]) == list(_NEEDED) or list(headers[: len(_TARGETS)]) == list(_TARGETS)


def propose_own(headers: Sequence[str], rows: Sequence[Sequence[str]], custom: Mapping[str, int]) -> Proposal:
    """Propose the mapping. `custom` tells the IDs of the custom fields by header, where fields.json lies beside."""
    targets = dict(_TARGETS)
    # They stand before all custom fields, one of which may be called like one of them where there are none.
    for header in headers[headers.index("updated") + 1 :] if {*_SAID_ONLY} <= {*headers} else ():
        if header in custom or not (_NUMBERED.fullmatch(header) or header in _SAID_ONLY):
            break
        found = _NUMBERED.fullmatch(header)
        targets[header] = {"channel": found["kind"] or found["other"]} if found else IGNORE.target
    columns = [_column(index, header, rows, custom, targets) for index, header in enumerate(headers)]
    return Proposal(
        layout=OWN_EXPORT,
        columns=(
            *(each for each in columns if each.target == "phone"),
            *(each for each in columns if each.target != "phone"),
        ),
        region="US",
        region_reason="not needed: the phones are international",
        read=READING,
    )


def _column(
    index: int,
    header: str,
    rows: Sequence[Sequence[str]],
    custom: Mapping[str, int],
    targets: Mapping[str, object],
) -> ColumnProposal:
    cells = list(dict.fromkeys(row[index] for row in rows if index < len(row) and row[index]))[:_EXAMPLES]
    target = targets.get(header)
    examples = tuple(show(cell, phone=target == "phone") for cell in cells)
    if header in targets:
        reason = "this tool's own column" if target else "the service sets it"
        reason = "not set by an import" if header in _SAID_ONLY else reason
        return ColumnProposal(index, header, header, target, SURE, reason, examples)
    number = custom.get(header)
    reason = "a custom field, by its ID in fields.json" if number else "a custom field, by its title"
    return ColumnProposal(index, header, header, {"custom": number or header}, SURE, reason, examples)
