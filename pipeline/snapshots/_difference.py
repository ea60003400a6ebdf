"""What changed between two snapshots, contact by contact and field by field; streamed, for they are sorted by id."""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from pipeline import jsontext
from pipeline.models import Json
from pipeline.snapshots._compose import composed, identified
from pipeline.snapshots._snapshot import Snapshot
from pipeline.snapshots._writers import custom_headers

ChangeOf = Literal["added", "deleted", "changed", "touched"]

BOOKKEEPING = frozenset({"rev", "updated", "op"})
"""What every write changes, whatever it writes. A contact in which nothing else differs was only touched."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One contact that is not the same in both. `fields` are name, old and new value, as text."""

    id: int
    phone: str
    kind: ChangeOf
    fields: tuple[tuple[str, str, str], ...] = ()


def differences_between(old: Snapshot, new: Snapshot) -> Iterator[Difference]:
    """Yield what differs, sorted by contact ID. Raises InputError for a snapshot that is damaged."""
    names = _field_names(old) | _field_names(new)
    sides = heapq.merge(
        ((contact_id, 0, raw) for contact_id, raw in identified(composed(old))),
        ((contact_id, 1, raw) for contact_id, raw in identified(composed(new))),
        key=lambda each: each[:2],
    )
    for contact_id, group in groupby(sides, key=lambda each: each[0]):
        held = {side: raw for _, side, raw in group}
        before, after = held.get(0), held.get(1)
        if before != after:
            yield _difference(contact_id, before, after, names)


def _difference(contact_id: int, before: bytes | None, after: bytes | None, names: Mapping[str, str]) -> Difference:
    old = _flat(before, names)
    new = _flat(after, names)
    phone = (new or old).get("phone", "")
    if after is None:
        return Difference(contact_id, phone, "deleted")
    if before is None:
        return Difference(contact_id, phone, "added")
    changed = tuple(
        (name, old.get(name, ""), new.get(name, ""))
        for name in dict.fromkeys((*old, *new))
        if name not in BOOKKEEPING and old.get(name, "") != new.get(name, "")
    )
    return Difference(contact_id, phone, "changed" if changed else "touched", changed)


def _flat(raw: bytes | None, names: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a contact as texts, custom ones under their titles. What is blank counts as absent."""
    flat: dict[str, str] = {}
    value = jsontext.decode(raw) if raw else {}
    for name, held in value.items() if isinstance(value, dict) else ():
        if name == "custom" and isinstance(held, dict):
            flat |= {names.get(key, f"Field {key}"): _text(each) for key, each in held.items()}
        else:
            flat[name] = _text(held)
    return {name: text for name, text in flat.items() if text}


def _text(value: Json) -> str:
    if value is None or value in ([], {}):
        return ""
    return value if isinstance(value, str) else jsontext.encode(value).decode()


def _field_names(snapshot: Snapshot) -> dict[str, str]:
    fields = snapshot.fields()
    return {str(field.id): header for field, header in zip(fields, custom_headers(fields), strict=True)}
