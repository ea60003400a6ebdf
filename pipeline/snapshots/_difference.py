"""What changed between two snapshots, contact by contact and field by field; streamed, for they are sorted by id."""

import heapq
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Literal

from pipeline import jsontext
from pipeline.models import Json, Status
from pipeline.snapshots._compose import composed, identified
from pipeline.snapshots._detailchain import details_of
from pipeline.snapshots._details import Details, said_by
from pipeline.snapshots._snapshot import Snapshot
from pipeline.snapshots._writers import custom_headers
from pipeline.values import Struct
from pipeline.wire import read_stored

ChangeOf = Literal["added", "deleted", "changed", "touched"]

CUSTOM = "custom"

_Key = tuple[str, str]
"""Which part of a contact holds a value ("" or `custom`), and its name there; in `custom` the ID of the field."""

_Flat = dict[_Key, str]

_CHANNELS, _BLOCKED, _OPTED_OUT, _WHO = ("", "channels"), ("", "blocked"), ("", "is_opted_out"), ("", "unsubscribed_by")

_BOOKKEEPING = frozenset({("", "rev"), ("", "updated"), ("", "op")})
"""What every write changes. A contact in which nothing else differs was only touched."""

_ATTRIBUTES = frozenset(
    {
        "rev", "op", "uuid", "contact_id", "contactid", "avatar", "assigned_user_id", "custom", "type", "team_id",
        "creator_id", "shared", "inbox_id", "parent_id", "external_id", "external_ref", "note",
    }
)  # fmt: skip
"""What contacts have beside the columns of contacts.csv; a custom field may have any of these for its title."""


class Difference(Struct, frozen=True):
    """One contact that is not the same in both. `fields` are name, old and new value, as text."""

    id: int
    phone: str
    kind: ChangeOf
    fields: tuple[tuple[str, str, str], ...] = ()


def differences_between(old: Snapshot, new: Snapshot) -> Iterator[Difference]:
    """Yield what differs, sorted by contact ID. Raises InputError for a snapshot that is damaged."""
    names = _field_names(old, new)
    sides = heapq.merge(
        ((contact_id, 0, raw, None) for contact_id, raw in identified(composed(old))),
        ((contact_id, 1, raw, None) for contact_id, raw in identified(composed(new))),
        ((each.id, 2, b"", each) for each in details_of(old)),
        ((each.id, 3, b"", each) for each in details_of(new)),
        key=lambda each: each[:2],
    )
    for contact_id, group in groupby(sides, key=lambda each: each[0]):
        held = {side: (raw, told) for _, side, raw, told in group}
        before, after = (held[side][0] if side in held else None for side in (0, 1))
        asked, later = (held[side][1] if side in held else None for side in (2, 3))
        if before == after and asked == later:
            continue
        found = _difference(contact_id, before, after, names, (_flat_details(asked), _flat_details(later)))
        if before != after or found.fields:
            yield found


def _flat_details(details: Details | None) -> _Flat:
    flat: _Flat = {}
    if details is None:
        return flat
    if details.channels is not None:
        flat[_CHANNELS] = _channels_text(details.channels)
    status = details.status or Status()
    for key, flag in ((_OPTED_OUT, status.unsubscribed), (_BLOCKED, status.blocked)):
        if flag is not None:
            flat[key] = "true" if flag else "false"
    if status.by_admin is not None or status.by_contact is not None:
        flat[_WHO] = said_by(status)
    return flat


def _channels_text(channels: Iterable[tuple[str, str]]) -> str:
    return "; ".join(sorted(f"{kind} {value}" for kind, value in channels))


def _difference(
    contact_id: int, before: bytes | None, after: bytes | None, names: Mapping[str, str], told: tuple[_Flat, _Flat]
) -> Difference:
    shown = _flat(before), _flat(after)
    old, new = ({**asked, **flat} for asked, flat in zip(told, shown, strict=True))
    for key in (_CHANNELS, _BLOCKED, _WHO, _OPTED_OUT):
        # What is known of one of them alone is no change; but what the list itself stopped showing is.
        if (key in old) != (key in new) and (key != _OPTED_OUT or key not in shown[key in new]):
            old.pop(key, None)
            new.pop(key, None)
    phone = (new or old).get(("", "phone"), "")
    if after is None:
        return Difference(contact_id, phone, "deleted")
    if before is None:
        return Difference(contact_id, phone, "added")
    changed = tuple(
        (_name(key, names), old.get(key, ""), new.get(key, ""))
        for key in dict.fromkeys((*old, *new))
        if key not in _BOOKKEEPING and old.get(key, "") != new.get(key, "")
    )
    return Difference(contact_id, phone, "changed" if changed else "touched", changed)


def _flat(raw: bytes | None) -> dict[_Key, str]:
    """Return the fields of a contact as texts. What is blank counts as absent."""
    flat: dict[_Key, str] = {}
    value = jsontext.decode(raw) if raw else {}
    for name, held in value.items() if isinstance(value, dict) else ():
        if name == CUSTOM and isinstance(held, dict):
            flat |= {(CUSTOM, field): _text(each) for field, each in held.items()}
        elif name == "contact_channels":
            # Their own IDs and stamps are no change of the contact.
            flat[_CHANNELS] = _channels_text(read_stored(raw).channels or ()) if raw else ""
        else:
            flat["", name] = _text(held)
    return {key: text for key, text in flat.items() if text or key == _CHANNELS}


def _name(key: _Key, names: Mapping[str, str]) -> str:
    where, name = key
    return names.get(name, f"Field {name}") if where else name


def _field_names(old: Snapshot, new: Snapshot) -> dict[str, str]:
    """Return field ID -> how it is shown: its title, with the ID where it shares that with another field or attribute.

    Two fields are two, also where the one is in the older snapshot only and the other in the newer.
    """
    fields = list({field.id: field for field in (*old.fields(), *new.fields())}.values())
    headers = zip(fields, custom_headers(fields), strict=True)
    return {
        str(field.id): f"{header} ({field.id})" if header.casefold() in _ATTRIBUTES else header
        for field, header in headers
    }


def _text(value: Json) -> str:
    if value is None or value in ([], {}):
        return ""
    return value if isinstance(value, str) else jsontext.encode(value).decode()
