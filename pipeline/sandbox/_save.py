"""Saving the account's contacts to a file and loading them again, also from a snapshot's contacts."""

import gzip
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from pipeline.sandbox._records import Channel, StoredContact, inner_state
from pipeline.sandbox._stamps import read_stamp
from pipeline.sandbox._world import World

HEADER = "_sandbox"


def save(world: World, path: Path) -> None:
    """Write the account as JSON lines (gzip when the name ends .gz): a header, then one contact a line.

    The file appears whole or not at all, and only its owner may read it: it may hold a copy of real contacts. Raises
    OSError.
    """
    draft = path.with_name(f".{path.name}.part")
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    draft.chmod(0o600)
    with _open(draft, "wt", packed=path.suffix == ".gz") as file:
        account = {"fields": world.account.fields, "tags": world.account.tags, "lists": world.account.lists}
        file.write(json.dumps({HEADER: account}) + "\n")
        for contact in world.store:
            file.write(json.dumps(inner_state(contact), separators=(",", ":")) + "\n")
    draft.replace(path)


def load(world: World, path: Path) -> int:
    """Add the contacts of a saved file, or of a snapshot's contacts.jsonl.gz, and return how many there were.

    Beside a snapshot's contacts its fields.json gives the titles. Field and tag IDs that only the contacts know are
    added to the account. Raises OSError, or ValueError naming the line that is no contact.
    """
    for number, title in _snapshot_titles(path.with_name("fields.json")):
        world.account.fields.setdefault(number, title)
    before = len(world.store)
    with _open(path, "rt", packed=path.suffix == ".gz") as file:
        for number, line in enumerate(file, start=1):
            entry: Any = None
            try:
                entry = json.loads(line)
                _take_line(world, entry)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                said = f" (the contact with id {entry['id']})" if isinstance(entry, dict) and "id" in entry else ""
                raise ValueError(f"{path.name}, line {number}{said}: not a contact ({error}).") from error
    return len(world.store) - before


def contact_of(world: World, state: Mapping[str, Any]) -> StoredContact:
    """Return the contact that an inner state or a read shape describes; what it lacks is given now.

    One with an id and without a phone stays without: an account may hold such contacts, and so does a copy of it.
    Raises KeyError, TypeError or ValueError where it is no contact.
    """
    phone = state.get("phone") if "id" in state else state["phone"]
    number = int(state["id"]) if "id" in state else world.store.next_id()
    updated = read_stamp(state["updated"]) if state.get("updated") else world.next_stamp()
    created = read_stamp(state["created"]) if state.get("created") else updated
    texts = {name: str(state.get(name) or "") for name in ("first", "last", "display_name", "email", "avatar")}
    owner = state.get("assignee_id", state.get("assigned_user_id"))
    by_admin, by_contact = bool(state.get("unsubscribed_admin")), bool(state.get("unsubscribed_contact"))
    opted_out = bool(state.get("is_opted_out", by_admin or by_contact))
    return StoredContact(
        id=number,
        uuid=str(state.get("uuid") or world.new_uuid(number)),
        phone=str(phone or ""),
        created=created,
        updated=updated,
        rev=int(state.get("rev") or 1),
        op=str(state.get("op") or "create"),
        assignee_id=owner if isinstance(owner, int) and owner > 0 else None,
        is_opted_out=opted_out,
        unsubscribed_admin=opted_out and by_admin,
        # Where it is not said who did it, it was the contact, as mostly.
        unsubscribed_contact=opted_out and (by_contact or not by_admin),
        blocked=bool(state.get("blocked", state.get("is_blocked"))),
        archived=bool(state.get("archived")),
        custom=_custom_of(state.get("custom") or {}),
        tags=tuple(_tag_of(entry) for entry in state.get("tags") or ()),
        email_suppressions=tuple(state.get("email_suppressions") or ()),
        external_id=str(state.get("external_id") or ""),
        channels=_channels_of(world, state, created),
        **texts,
    )


def register(world: World, contact: StoredContact) -> None:
    """Make the account know the field and tag IDs that a contact uses."""
    for key in contact.custom:
        world.account.fields.setdefault(int(key), f"Field {key}")
    for tag in contact.tags:
        world.account.tags.setdefault(tag, f"tag-{tag}")
    for channel in contact.channels:
        world.keep_channel_id(channel.id)


def _take_line(world: World, entry: Mapping[str, Any]) -> None:
    if HEADER not in entry:
        contact = contact_of(world, entry)
        register(world, contact)
        world.store.insert(contact)
        return
    account = entry[HEADER]
    world.account.fields.update(_numbered(account["fields"]))
    world.account.tags.update(_numbered(account["tags"]))
    world.account.lists.update(_numbered(account["lists"]))


def _numbered(values: Mapping[str, Any]) -> dict[int, Any]:
    return {int(key): value for key, value in values.items()}


def _custom_of(custom: Mapping[str, Any]) -> dict[str, Any]:
    return {str(int(key)): value for key, value in custom.items() if value is not None}


def _tag_of(entry: object) -> int:
    if isinstance(entry, dict):
        entry = entry.get("tag_id", entry.get("id"))
    if not isinstance(entry, int):
        raise TypeError(f"'{entry}' is no tag")
    return entry


def _channels_of(world: World, state: Mapping[str, Any], created: int) -> tuple[Channel, ...]:
    """Return the further channels: those of an inner state, or those of a read shape that are not primary."""
    primary = {("phone", str(state.get("phone") or "")), ("email", str(state.get("email") or ""))}
    shown = state.get("channels") or state.get("contact_channels") or ()
    channels = (_channel_of(world, entry, created) for entry in shown)
    return tuple(each for each in channels if (each.kind, each.handle) not in primary)


def _channel_of(world: World, entry: Mapping[str, Any], created: int) -> Channel:
    return Channel(
        int(entry["id"]) if "id" in entry else world.next_channel_id(),
        str(entry["channel_type"]),
        str(entry["channel_id"]),
        read_stamp(entry["created"]) if entry.get("created") else created,
        read_stamp(entry["updated"]) if entry.get("updated") else created,
    )


def _snapshot_titles(path: Path) -> Iterator[tuple[int, str]]:
    if not path.is_file():
        return
    listed: Any = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(listed, dict):
        listed = listed.get("fields", ())
    for entry in listed:
        yield int(entry["id"]), str(entry.get("title") or "")


def _open(path: Path, mode: str, *, packed: bool) -> IO[str]:
    if packed:
        return gzip.open(path, mode, encoding="utf-8", compresslevel=1)  # type: ignore[return-value]
    return path.open(mode, encoding="utf-8")
