"""JSON text in and out: the one import site of the JSON library."""

from typing import Any

import msgspec


class InvalidJson(ValueError):
    """The text is not JSON."""


def encode(value: object) -> bytes:
    """Return `value` as compact UTF-8 JSON."""
    return msgspec.json.encode(value)


def encode_canonical(value: object) -> bytes:
    """Return `value` as compact JSON with sorted keys: equal values give equal bytes, so they can be hashed."""
    return msgspec.json.encode(value, order="sorted")


def decode(text: bytes | str) -> Any:
    """Return the value that `text` holds.

    Raises InvalidJson when it is not JSON.
    """
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidJson(str(error)) from error


ABSENT = msgspec.UNSET
"""Stands in `Usual` for what the object does not have."""


class UsualTag(msgspec.Struct, gc=False):
    """A tag of a contact in its usual form."""

    tag_id: int


class Usual(msgspec.Struct, gc=False):
    """A contact in the form that the service is documented to show; each of its fields may be absent or null."""

    id: int
    phone: str | None = None
    first: str | None = None
    last: str | None = None
    display_name: str | None = None
    email: str | None = None
    avatar: str | None = None
    assigned_user_id: int | None = None
    assignee_id: int | None = None
    is_opted_out: bool | None = None
    custom: dict[str, str | None] | None = None
    tags: list[UsualTag] | msgspec.UnsetType | None = msgspec.UNSET
    rev: int | None = None
    created: str | None = None
    updated: str | None = None
    uuid: str | None = None
    contact_id: str | None = None
    contactID: str | None = None  # noqa: N815 - the service's name


_usual = msgspec.json.Decoder(Usual)


class ListEntry(msgspec.Struct, gc=False):
    """What a walk over the contact list looks at in a contact (`models.Listed`); `raw` is not of the JSON."""

    id: int
    rev: int | None = None
    created: str = ""
    updated: str = ""
    custom: dict[str, Any] | None = None
    is_opted_out: bool | None = None
    # Filled in by whoever reads it; under a name that no service would use.
    raw: bytes = msgspec.field(default=b"", name="(raw)")


_entry = msgspec.json.Decoder(ListEntry)


def decode_entry(text: bytes) -> ListEntry | None:
    """Return of a contact what a walk looks at, or None where any of it is of another kind than usual."""
    try:
        return _entry.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def decode_usual(text: bytes) -> Usual | None:
    """Return a contact of the usual form, or None where any field is of another kind: that is read one by one."""
    try:
        return _usual.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


class _Identified(msgspec.Struct):
    id: int | str


def find_id(text: bytes) -> int:
    """Return the id of an object, a number or digits, without reading the rest. Raises InvalidJson."""
    try:
        return int(msgspec.json.decode(text, type=_Identified).id)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise InvalidJson(str(error)) from error


def split_array(text: bytes) -> list[bytes]:
    """Return the elements of a JSON array, each as its own compact bytes, numbers and escapes as they were written.

    A backup must give back what it was given: decoding and encoding again would change `1.10` or `\\u00e9`.
    Raises InvalidJson when the text is no JSON array.
    """
    try:
        elements = msgspec.json.decode(text, type=list[msgspec.Raw])
        return [msgspec.json.format(bytes(element), indent=-1) for element in elements]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidJson(str(error)) from error
