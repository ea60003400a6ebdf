"""Writes: reading the write shape, and what creating and updating do to a contact."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.sandbox._answers import Problem, bad_data
from pipeline.sandbox._records import Channel, StoredContact
from pipeline.sandbox._world import World

MAX_TAGS = 5
TEXTS = ("first", "last", "display_name", "email", "avatar")
NAMES = ("first", "last", "display_name")
STOP_WORDS = frozenset(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"))
START_WORDS = frozenset(("START", "YES", "UNSTOP"))


@dataclass(frozen=True, slots=True)
class WriteBody:
    """A checked write shape. `values` holds only what was given; `custom` None means it was left out.

    `phone` is "" where another channel is given instead.
    """

    phone: str
    values: Mapping[str, Any] = field(default_factory=dict)
    custom: Mapping[str, Any] | None = None
    channels: tuple[tuple[str, str], ...] = ()


def read_write(body: object, world: World, *, any_channel: bool = False) -> WriteBody:
    """Return the checked write shape; with `any_channel` a phone need not be among its channels.

    Raises Problem (400) for data that the server refuses.
    """
    if not isinstance(body, dict):
        raise bad_data("a contact must be an object")
    given = body
    if world.traits.nulls == "omit":
        given = {key: value for key, value in body.items() if value is not None}
    channels = _read_channels(given.get("contact_channels"))
    phone = given.get("phone") or next((handle for kind, handle in channels if kind == "phone"), None)
    values: dict[str, Any] = {name: _read_text(name, given[name]) for name in TEXTS if name in given}
    for name, reader in _READERS.items():
        if name in given:
            values[name] = reader(given[name])
    if world.traits.write_opt_out == "drop":
        values.pop("is_opted_out", None)
    if "tags" in given:
        values["tags"] = _read_tags(given["tags"], world)
    custom = _read_custom(given["custom"], world) if "custom" in given else None
    return WriteBody("" if any_channel and not phone else read_phone(phone), values, custom, channels)


def read_phone(value: object) -> str:
    """Return a phone: 7 to 15 digits, not beginning with 0, without the plus. Raises Problem (400)."""
    if not isinstance(value, str) or not value:
        raise bad_data("phone is required")
    if not (value.isascii() and value.isdigit() and 7 <= len(value) <= 15 and value[0] != "0"):
        raise bad_data("phone must be E.164 digits without the plus")
    return value


def create(world: World, body: WriteBody, stamp: int | None = None) -> StoredContact:
    """Store a new contact, whether or not its phone exists, and return it.

    Without an e-mail address it has the first one among its channels. Raises Problem (400) without any channel.
    """
    email = next((handle for kind, handle in body.channels if kind == "email"), "")
    values = {"email": email, **body.values}
    if not (body.phone or values["email"] or body.channels):
        raise bad_data("a contact needs a phone or another channel")
    moment = world.next_stamp() if stamp is None else stamp
    number = world.store.next_id()
    contact = StoredContact(
        id=number,
        uuid=world.new_uuid(number),
        phone=body.phone,
        created=moment,
        updated=moment,
        custom=_merged({}, body.custom or {}),
        unsubscribed_admin=bool(values.get("is_opted_out")),
        **values,
    )
    contact = _with_channels(contact, body, world, moment)
    world.store.insert(contact)
    world.record("create", contact)
    return contact


def update(
    world: World,
    contact: StoredContact,
    body: WriteBody,
    *,
    overwrite: bool,
    stamp: int | None = None,
    is_batch: bool = False,
) -> StoredContact:
    """Store the contact as the update leaves it, and return it; without a phone in the body it keeps its own.

    What was left out is blanked as the trait `update_blanks` says; `overwrite` replaces all custom values.
    Raises Problem when the phone belongs to another contact and the trait `create_existing` forbids twins.
    """
    traits = world.traits
    _refuse_taken_phone(world, contact, body.phone)
    moment = world.next_stamp() if stamp is None else stamp
    values: dict[str, Any] = {**_blanks(traits.update_blanks), **body.values}
    loses = traits.update_loses
    if loses != "nothing" and (is_batch or not loses.startswith("batch_")):
        values[loses.removeprefix("batch_")] = ""
    if traits.update_resets_opt_out:
        values.setdefault("is_opted_out", False)
    custom = contact.custom
    if body.custom is not None:
        custom = _merged({} if overwrite else contact.custom, body.custom)
    elif overwrite and traits.update_blanks == "all":
        custom = {}
    changed = dataclasses.replace(
        contact,
        phone=body.phone or contact.phone,
        updated=moment,
        rev=contact.rev + 1,
        op="update",
        custom=custom,
        **_with_consent(contact, values),
    )
    changed = _with_channels(changed, body, world, moment)
    world.store.replace(changed)
    world.record("update", changed)
    return changed


def touch(world: World, contact: StoredContact, kind: str, *, touches: bool, **values: Any) -> StoredContact:
    """Store a contact with other values; where it `touches`, with the next revision and a new stamp as well.

    Status and channel changes.
    """
    values = _with_consent(contact, values)
    if touches:
        values |= {"updated": world.next_stamp(), "rev": contact.rev + 1, "op": "update"}
    changed = dataclasses.replace(contact, **values)
    world.store.replace(changed)
    world.record(kind, changed)
    return changed


def hear(world: World, contact: StoredContact, text: str) -> StoredContact:
    """Take a keyword that the contact has sent. Raises ValueError for another text."""
    word = text.strip().upper()
    if word not in STOP_WORDS | START_WORDS:
        raise ValueError(f"'{text}' is no keyword.")
    stops = word in STOP_WORDS
    by_admin = stops and contact.unsubscribed_admin
    said = dataclasses.replace(contact, is_opted_out=stops, unsubscribed_admin=by_admin, unsubscribed_contact=stops)
    return touch(world, said, "status", touches=world.traits.status_touches)


def delete(world: World, contact: StoredContact) -> None:
    """Remove a contact for good."""
    world.store.remove(contact)
    world.record("delete", contact)


def create_or_follow(world: World, body: WriteBody, existing: str, *, overwrite: bool) -> StoredContact:
    """Create a contact; where the phone exists do as `existing` (error, upsert, duplicate) says."""
    twins = world.store.by_handle("phone", body.phone) if body.phone else []
    if not twins or existing == "duplicate":
        return create(world, body)
    if existing == "upsert":
        return update(world, twins[0], body, overwrite=overwrite)
    raise phone_taken(world)


def phone_taken(world: World) -> Problem:
    """Return the refusal for a phone that exists."""
    return Problem(world.traits.existing_status, "a contact with this phone exists")


def _refuse_taken_phone(world: World, contact: StoredContact, phone: str) -> None:
    if phone in ("", contact.phone) or world.traits.create_existing == "duplicate":
        return
    if any(twin.id != contact.id for twin in world.store.by_handle("phone", phone)):
        raise phone_taken(world)


def _blanks(which: str) -> dict[str, Any]:
    if which == "nothing":
        return {}
    names: dict[str, Any] = dict.fromkeys(NAMES, "")
    if which == "names":
        return names
    return {**names, "email": "", "avatar": "", "assignee_id": None, "tags": (), "email_suppressions": ()}


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**old, **new}
    return {key: value for key, value in merged.items() if value is not None}


def _with_channels(contact: StoredContact, body: WriteBody, world: World, moment: int) -> StoredContact:
    if not body.channels:
        return contact
    known = {(each.kind, each.handle) for each in contact.all_channels()}
    added = [
        Channel(world.next_channel_id(), kind, handle, moment, moment)
        for kind, handle in dict.fromkeys(body.channels)
        if (kind, handle) not in known
    ]
    return dataclasses.replace(contact, channels=(*contact.channels, *added))


def _with_consent(contact: StoredContact, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with who opted the contact out: an admin, where nobody had before; nobody, if it is undone."""
    opted_out = values.get("is_opted_out")
    if opted_out is None or (opted_out and contact.is_opted_out):
        return dict(values)
    return {**values, "unsubscribed_admin": opted_out, "unsubscribed_contact": False}


def _read_text(name: str, value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise bad_data(f"{name} must be a string")
    if name == "email" and value and "@" not in value:
        raise bad_data("email is not an e-mail address")
    return value


def _read_owner(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise bad_data("assignee_id must be an integer")
    return None if value == -1 else value


def _read_opt_out(value: object) -> bool:
    if value is None:
        return False
    if not isinstance(value, bool):
        raise bad_data("is_opted_out must be true or false")
    return value


def _read_suppressions(value: object) -> tuple[int, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, int) for each in value):
        raise bad_data("email_suppressions must be an array of integers")
    return tuple(value)


_READERS: dict[str, Callable[[object], Any]] = {
    "assignee_id": _read_owner,
    "is_opted_out": _read_opt_out,
    "email_suppressions": _read_suppressions,
}


def _read_tags(value: object, world: World) -> tuple[int, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise bad_data("tags must be an array")
    numbers: dict[int, None] = {}
    for entry in value:
        number = entry.get("tag_id") if isinstance(entry, dict) else None
        if isinstance(number, bool) or not isinstance(number, int):
            raise bad_data('a tag is written {"tag_id": integer}')
        if number in world.account.tags:
            numbers[number] = None
        elif world.traits.unknown_tag == "refuse":
            raise bad_data(f"no such tag: {number}")
    if len(value) > MAX_TAGS:
        raise bad_data(f"a contact can have at most {MAX_TAGS} tags")
    return tuple(numbers)


def _read_custom(value: object, world: World) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise bad_data("custom must be an object")
    known: dict[str, Any] = {}
    for key, entry in value.items():
        if isinstance(entry, dict | list) and world.traits.custom_values == "scalars":
            raise bad_data("a custom value must be a string")
        if key.isascii() and key.isdigit() and int(key) in world.account.fields:
            known[key] = entry
        elif world.traits.unknown_custom == "refuse":
            raise bad_data(f"no such custom field: {key}")
    return known


def _read_channels(value: object) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise bad_data("contact_channels must be an array")
    return tuple(read_channel(entry) for entry in value)


def read_channel(entry: object) -> tuple[str, str]:
    """Return (channel type, value) of a channel to write. Raises Problem (400)."""
    if not isinstance(entry, dict):
        raise bad_data("a channel must be an object")
    handle = entry.get("channel_id")
    if not isinstance(handle, str) or not handle:
        raise bad_data("channel_id must be a string")
    kind = entry.get("channel_type") or infer_kind(handle)
    if not isinstance(kind, str) or kind == "id":
        raise bad_data("channel_type cannot be used here")
    return kind, read_phone(handle) if kind == "phone" else handle


def infer_kind(handle: str) -> str:
    """Return the channel type that a value speaks of: email, phone or id. Raises Problem (400) when none fits."""
    if "@" in handle:
        return "email"
    if handle.isascii() and handle.isdigit():
        return "phone"
    if len(handle) == 36 and handle.count("-") == 4:
        return "id"
    raise bad_data("channel_type is needed for this value")
