"""Rows that tests put into a journal."""

from collections.abc import Sequence

from pipeline.models._changes import Change, ChangeKind, FieldChange
from pipeline.models._contacts import Contact, Reject, Skip
from pipeline.runs.journal import Journal

ANN, BOB = "14155550101", "14155550102"


def staged(journal: Journal, *results: Contact | Reject | Skip) -> str:
    journal.input.add([("cell", str(result.line)) for result in results], results)
    return journal.finish_staging()


def contact(line: int, phone: str = ANN, *, notes: Sequence[str] = (), **fields: str | bool) -> Contact:
    return Contact(line, phone, fields, {}, None, tuple(notes))


def create(seq: int, phone: str = ANN) -> Change:
    fields = (FieldChange("first", "", "Ann"),)
    return Change(seq, ChangeKind.CREATE, phone, {"phone": phone, "first": "Ann"}, fields=fields)
