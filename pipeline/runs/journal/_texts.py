"""Contacts, changes and cells as the columns of a journal, and back."""

import json
from collections.abc import Sequence

from pipeline import jsontext
from pipeline.models import Change, Contact, Expected, Json, OutcomeKind, Reject, Skip
from pipeline.showing import encodable


def staged_columns(result: Contact | Reject | Skip) -> tuple[object, ...]:
    match result:
        case Contact():
            return (
                int(result.phone or 0),
                wanted_text(result),
                "pending",
                None,
                "",
                "",
                "",
                "",
                notes_text(result.notes),
            )
        case Reject():
            words = (result.code, result.column, encodable(result.value, "utf-8"), result.reason)
            return (None, None, "settled", OutcomeKind.REJECTED.value, *words, notes_text(result.notes))
        case Skip():
            words = (result.code, "", "", result.reason)
            return (None, None, "settled", OutcomeKind.SKIPPED.value, *words, notes_text(result.notes))


def write_columns(change: Change, now: float) -> tuple[object, ...]:
    return (
        change.seq,
        change.kind.value,
        change.contact_id,
        int(change.overwrite),
        jsontext.encode(change.body).decode(),
        change.before.raw.decode() if change.before else None,
        jsontext.encode([[field.name, field.old, field.new] for field in change.fields]).decode(),
        now,
    )


def wanted_text(contact: Contact) -> str:
    # No line here: the same content at another line is the same content.
    wanted: dict[str, Json] = {
        "fields": contact.fields,
        "custom": contact.custom,
        "tags": contact.tags,
        "notes": contact.notes,
    }
    wanted |= {"lists": contact.lists} if contact.lists else {}
    wanted |= {"known_id": contact.known_id} if contact.known_id else {}
    wanted |= {"channels": contact.channels} if contact.channels else {}
    wanted |= {"blocked": contact.is_blocked} if contact.is_blocked is not None else {}
    wanted |= {"drops": contact.drops} if contact.drops else {}
    wanted |= {"uuid": contact.uuid} if contact.uuid else {}
    wanted |= {"delete": True} if contact.to_delete else {}
    wanted |= {"by_id": True} if contact.by_id else {}
    if expected := contact.expected:
        change = [expected.change] if expected.change else []
        wanted["expected"] = [expected.id, expected.rev, *change]
    return jsontext.encode_canonical(wanted).decode()


def read_contact(line: int, phone: int, wanted: str) -> Contact:
    found = jsontext.decode(wanted)
    tags = None if found["tags"] is None else tuple(found["tags"])
    lists, known_id = tuple(found.get("lists", ())), found.get("known_id")
    expected = Expected(*found["expected"]) if "expected" in found else None
    return Contact(
        line,
        str(phone or ""),
        found["fields"],
        found["custom"],
        tags,
        tuple(found["notes"]),
        lists,
        known_id,
        expected,
        to_delete="delete" in found,
        channels=tuple((kind, value) for kind, value in found.get("channels", ())),
        by_id="by_id" in found,
        is_blocked=found.get("blocked"),
        uuid=found.get("uuid", ""),
        drops=tuple((kind, value) for kind, value in found.get("drops", ())),
    )


def cells_text(cells: Sequence[str]) -> str:
    # The standard library's encoder, because cells may carry undecodable bytes as lone surrogates and must keep them.
    return json.dumps(cells)


def notes_text(notes: Sequence[str]) -> str:
    return json.dumps(list(notes)) if notes else "[]"
