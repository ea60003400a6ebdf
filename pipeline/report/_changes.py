"""Which fields a run changed, on how many contacts."""

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping

from pipeline.models import ChangeKind, Json
from pipeline.report._words import FIELDS
from pipeline.results import RunDetails
from pipeline.runs.journal import Journal

Field = tuple[str, Json, Json]
"""The name of a field, what it held and what it was given."""

CREATED, FILLED, CHANGED, CLEARED = "on new contacts", "filled", "changed", "cleared"
KINDS = (CREATED, FILLED, CHANGED, CLEARED)
"""What became of a field: given to a new contact, set where it was empty, replaced, emptied."""


def read_details(journal: Journal, state: str, undone_by: Iterable[tuple[str, str]] = ()) -> RunDetails:
    """Return what the journal of a run says beyond its summary. Raises StorageFailed.

    `state` and `undone_by` (run and state) are what its neighbours say.
    """
    names = field_names(journal)
    fields = count_field_changes(journal)
    return RunDetails(
        state=state,
        started=journal.facts.started,
        fields={_field_name(name, names): dict(kinds) for name, kinds in fields.items()},
        traits=journal.facts.traits,
        undone_by=tuple(undone_by),
    )


def field_names(journal: Journal) -> dict[str, str]:
    """Return what a person calls the custom fields of a run, by `custom.<ID>`, as far as it knows them."""
    names = dict(journal.facts.field_names)
    for source in journal.facts.sources:
        names |= source.custom
    return names


def _field_name(name: str, names: Mapping[str, str]) -> str:
    return names.get(name) or FIELDS.get(name) or name.replace("custom.", "custom field ")


def count_field_changes(journal: Journal) -> dict[str, Counter[str]]:
    """Count the contacts on which each field was changed, by kind of change; the most frequent field first.

    Only rows whose outcome is proved count, each once, however often it was sent. Raises StorageFailed.
    """
    found: dict[str, Counter[str]] = {}
    for _, writes in itertools.groupby(journal.history.written_fields(), key=lambda write: write[0]):
        sent = list(writes)
        is_new = any(kind == ChangeKind.CREATE for _, kind, _ in sent)
        for name, old, new in sent[0][2] if len(sent) == 1 else _merged(field for each in sent for field in each[2]):
            kind = _kind(old, new, is_new=is_new)
            if kind:
                found.setdefault(name, Counter())[kind] += 1
    return dict(sorted(found.items(), key=lambda item: (-item[1].total(), item[0])))


def _merged(fields: Iterable[Field]) -> list[Field]:
    """What several writes did to the fields: from what was there before the first to what the last one sent."""
    known: dict[str, Field] = {}
    for name, old, new in fields:
        known[name] = (name, known[name][1] if name in known else old, new)
    return list(known.values())


def _kind(old: Json, new: Json, *, is_new: bool) -> str:
    before, after = not _is_empty(old), not _is_empty(new)
    if is_new:
        return CREATED if after else ""
    if before and after:
        return CHANGED if old != new else ""
    return FILLED if after else CLEARED if before else ""


def _is_empty(value: Json) -> bool:
    """Whether a field holds nothing; an owner of -1 is nobody, and not being opted out is the state of everybody."""
    return value in (None, "", False, -1) or value == [] or (isinstance(value, str) and not value.strip())
