"""The contact as the emulated server holds it, and the shapes in which it shows it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from pipeline.sandbox._stamps import stamp_text
from pipeline.sandbox._traits import Traits

TEAM_ID = 5001
CREATOR_ID = 7001
ID_BITS = 64
NO_CUSTOM: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to reach a contact. `kind` is phone, email or another word; `handle` the number or address."""

    id: int
    kind: str
    handle: str
    created: int
    updated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredContact:
    """One contact. It is replaced on every write, never changed, so that the indexes can compare old and new.

    `created` and `updated` are microseconds since 1970; `channels` are those beside the primary phone and e-mail.
    `is_opted_out` is true where an admin or the contact said so, which the two flags keep apart.
    """

    id: int
    uuid: str
    phone: str
    created: int
    updated: int
    rev: int = 1
    op: str = "create"
    first: str = ""
    last: str = ""
    display_name: str = ""
    email: str = ""
    avatar: str = ""
    assignee_id: int | None = None
    is_opted_out: bool = False
    unsubscribed_admin: bool = False
    unsubscribed_contact: bool = False
    blocked: bool = False
    archived: bool = False
    custom: Mapping[str, Any] = field(default_factory=lambda: NO_CUSTOM)
    tags: tuple[int, ...] = ()
    email_suppressions: tuple[int, ...] = ()
    external_id: str = ""
    channels: tuple[Channel, ...] = ()

    @property
    def order_key(self) -> int:
        """The place in the list: by `updated`, ties by id, as one number."""
        return (self.updated << ID_BITS) | self.id

    def handles(self) -> set[tuple[str, str]]:
        """Return (channel type, folded value) of everything this contact can be found by."""
        # A contact without a phone is not found by an empty one.
        found = {("phone", self.phone)} if self.phone else set()
        if not (self.channels or self.email):
            return found
        found.update((each.kind, fold_handle(each.handle)) for each in self.channels)
        if self.email:
            found.add(("email", fold_handle(self.email)))
        return found

    def all_channels(self) -> list[Channel]:
        """Return the primary phone and e-mail address, then the further channels. Primary ones have IDs below 0."""
        primary = []
        if self.phone:
            primary.append(Channel(-2 * self.id, "phone", self.phone, self.created, self.created))
        if self.email:
            primary.append(Channel(-2 * self.id - 1, "email", self.email, self.created, self.created))
        return [*primary, *self.channels]


def fold_handle(handle: str) -> str:
    """Return a handle as it is compared: e-mail addresses and names without regard to case."""
    return handle.strip().lower()


def make_uuid(seed: int, number: int) -> str:
    """Return the UUID of contact `number`: the same for the same seed, and in the shape of a version 4 one."""
    digest = hashlib.blake2b(f"{seed}:{number}".encode(), digest_size=16).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:]}"


def read_shape(
    contact: StoredContact, traits: Traits, tag_names: Mapping[int, str], *, version: str = "v1"
) -> dict[str, Any]:
    """Return the contact as an answer of that version of the API (v1 or v2) shows it.

    Source: docs/api.md, section Shapes.
    """
    precision = traits.timestamp_precision
    shape: dict[str, Any] = {
        "id": contact.id,
        "phone": contact.phone,
        "first": contact.first,
        "last": contact.last,
        "display_name": _shown_name(contact, traits),
        "email": contact.email,
        "custom": dict(contact.custom),
        "avatar": _shown_avatar(contact, traits),
        "created": stamp_text(contact.created, precision),
        "updated": stamp_text(contact.updated, precision),
        "rev": contact.rev,
        "op": contact.op,
        "type": "contact",
        "team_id": TEAM_ID,
        "creator_id": CREATOR_ID,
        "shared": True,
        "inbox_id": 0,
        "parent_id": 0,
        "external_id": contact.external_id,
        "external_ref": "",
        "note": [],
        traits.owner_read_as: contact.assignee_id,
    }
    if traits.tags_read_shape != "missing":
        shape["tags"] = [_shown_tag(tag, traits.tags_read_shape, tag_names) for tag in contact.tags]
    if traits.opt_out_readable:
        shape["is_opted_out"] = contact.is_opted_out
    if traits.blocked_shown == "list":
        shape["blocked"] = contact.blocked
    if traits.uuid_readable in (True, version):
        shape["uuid"] = contact.uuid
    if traits.channels_shown in ("all", version):
        shape["contact_channels"] = [channel_shape(contact, each, traits) for each in contact.all_channels()]
    return shape


def channel_shape(contact: StoredContact, channel: Channel, traits: Traits) -> dict[str, Any]:
    """Return a channel as the API shows it. Source: docs/api.md, section Endpoints."""
    number = abs(channel.id)
    return {
        "id": number if traits.channel_id_shape == "int" else str(number),
        "team_id": TEAM_ID,
        "contact_id": contact.uuid,
        "channel_type": channel.kind,
        "channel_id": channel.handle,
        "info_channel": "",
        "channel_handle": channel.handle,
        "created": stamp_text(channel.created, traits.timestamp_precision),
        "updated": stamp_text(channel.updated, traits.timestamp_precision),
    }


def inner_state(contact: StoredContact) -> dict[str, Any]:
    """Return everything the server knows of a contact, for tests and for saving."""
    state = {each.name: getattr(contact, each.name) for each in fields(contact)}
    return state | {
        "custom": dict(contact.custom),
        "tags": list(contact.tags),
        "email_suppressions": list(contact.email_suppressions),
        "created": stamp_text(contact.created, "micros"),
        "updated": stamp_text(contact.updated, "micros"),
        "channels": [
            {
                "id": each.id,
                "channel_type": each.kind,
                "channel_id": each.handle,
                "created": stamp_text(each.created, "micros"),
                "updated": stamp_text(each.updated, "micros"),
            }
            for each in contact.channels
        ],
    }


def _shown_avatar(contact: StoredContact, traits: Traits) -> str:
    if traits.avatar_shown == "given" or not contact.avatar:
        return contact.avatar
    return f"https://pictures.invalid/{hashlib.sha256(contact.avatar.encode()).hexdigest()[:16]}.png"


def _shown_name(contact: StoredContact, traits: Traits) -> str:
    if contact.display_name or traits.display_name == "stored":
        return contact.display_name
    return f"{contact.first} {contact.last}".strip()


def _shown_tag(tag: int, shape: str, tag_names: Mapping[int, str]) -> object:
    if shape == "ints":
        return tag
    return {"tag_id": tag} if shape == "objects" else {"id": tag, "tag": tag_names.get(tag, "")}
