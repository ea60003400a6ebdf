"""JSON text in and out: the one import site of the JSON library."""

import json
import math
import re
from typing import Annotated, Any, TypeVar

import msgspec

T = TypeVar("T")

_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
"""An escape in a JSON text. The group holds one that is half of a character, as a name has that was cut in an emoji."""


class InvalidJson(ValueError):
    """The text is not JSON."""


def encode(value: object) -> bytes:
    """Return `value` as compact UTF-8 JSON."""
    return msgspec.json.encode(value)


def encode_canonical(value: object) -> bytes:
    """Return `value` as compact JSON with sorted keys: equal values give equal bytes, so they can be hashed."""
    return msgspec.json.encode(value, order="sorted")


def decode(text: bytes | str) -> Any:
    """Return the value that `text` holds; half of a character as U+FFFD, a number that is too large as its text.

    Raises InvalidJson when it is not JSON.
    """
    try:
        return msgspec.json.decode(text)
    except _BROKEN:
        return _decode_odd(text)


def as_text(value: Any) -> str:
    """Return a decoded value as the text that a field holding it is compared by; of null nothing."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case _:
            return encode(value).decode()


def convert(value: object, kind: type[T]) -> T:
    """Return a decoded object as a struct: types are checked, unknown keys left out. Raises InvalidJson."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise InvalidJson(str(error)) from error


def _decode_odd(text: bytes | str) -> Any:
    """Decode what is JSON by its grammar, and holds what the quick decoder refuses."""

    def read_number(digits: str) -> float | str:
        number = float(digits)
        return number if math.isfinite(number) else digits

    def refuse(name: str) -> None:
        raise InvalidJson(f"{name} is no JSON")

    try:
        plain = text if isinstance(text, bytes) else text.encode()
        whole = _ESCAPE.sub(lambda found: b"\\ufffd" if found[1] else found[0], plain)
        return json.loads(whole.decode(), parse_float=read_number, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise InvalidJson(str(error)) from error


ABSENT = msgspec.UNSET
"""Stands in `UsualContact` for what the object does not have."""

LARGEST_INTEGER = 2**63 - 1

_Id = Annotated[int, msgspec.Meta(gt=0, le=LARGEST_INTEGER)]
_Integer = Annotated[int, msgspec.Meta(le=LARGEST_INTEGER)]


class UsualTag(msgspec.Struct, gc=False):
    """A tag of a contact in its usual form."""

    tag_id: _Id


class UsualChannel(msgspec.Struct, gc=False):
    """A channel of a contact in its usual form."""

    channel_type: str
    channel_id: str
    contact_id: str | None = None


class UsualContact(msgspec.Struct, gc=False):
    """A contact in the form that the service is documented to show; each of its fields may be absent or null."""

    id: _Id
    phone: str | None = None
    first: str | None = None
    last: str | None = None
    display_name: str | None = None
    email: str | None = None
    avatar: str | None = None
    assigned_user_id: _Integer | None = None
    assignee_id: _Integer | None = None
    is_opted_out: bool | None = None
    custom: dict[str, str | None] | None = None
    tags: list[UsualTag] | msgspec.UnsetType | None = msgspec.UNSET
    rev: _Integer | None = None
    created: str | None = None
    updated: str | None = None
    uuid: str | None = None
    contact_id: str | None = None
    contactID: str | None = None  # noqa: N815 - the service's name
    contact_channels: list[UsualChannel] | msgspec.UnsetType | None = msgspec.UNSET
    channels: list[UsualChannel] | msgspec.UnsetType | None = msgspec.UNSET
    blocked: bool | None = None
    is_blocked: bool | None = None


_usual = msgspec.json.Decoder(UsualContact)


class ListEntry(msgspec.Struct, gc=False):
    """What a walk over the contact list looks at in a contact; the fields mean what they do in `models.Record`."""

    id: _Id
    rev: _Integer | None = None
    created: str = ""
    updated: str = ""
    custom: dict[str, Any] | None = None
    is_opted_out: bool | None = None
    # Filled in by `wire`; the name keeps the service from setting it.
    raw: bytes = msgspec.field(default=b"", name="(raw)")


_entry = msgspec.json.Decoder(ListEntry)


def decode_entry(text: bytes) -> ListEntry | None:
    """Return what a walk looks at in a contact, or None where any of it is of an unusual kind."""
    try:
        return _entry.decode(text)
    except _BROKEN:
        return None


def decode_usual(text: bytes) -> UsualContact | None:
    """Return a contact of the usual form, or None where any field is of an unusual kind."""
    try:
        return _usual.decode(text)
    except _BROKEN:
        return None


class _Identified(msgspec.Struct):
    id: _Id


_identified = msgspec.json.Decoder(_Identified)


def find_id(text: bytes) -> int | None:
    """Return the id of an object without reading the rest, or None where it is no plain positive integer."""
    try:
        return _identified.decode(text).id
    except _BROKEN:
        return None


def split_array(text: bytes) -> list[bytes]:
    """Return the elements of a JSON array, each as its own compact bytes, numbers and escapes as they were written.

    A backup must give back what it was given: decoding and encoding again would change `1.10` or `\\u00e9`.
    Raises InvalidJson when the text is no JSON array.
    """
    try:
        return _elements(text)
    except _BROKEN:
        hidden, mark = _hide_halves(text)
    try:
        return [element.replace(mark, b"\\") for element in _elements(hidden)]
    except _BROKEN as error:
        raise InvalidJson(str(error)) from error


def split_object(text: bytes) -> dict[str, bytes]:
    """Return the values of a JSON object as they were written. Raises InvalidJson when the text is no JSON object."""
    try:
        return _values(text)
    except _BROKEN:
        hidden, mark = _hide_halves(text)
    try:
        return {key: value.replace(mark, b"\\") for key, value in _values(hidden).items()}
    except _BROKEN as error:
        raise InvalidJson(str(error)) from error


def _elements(text: bytes) -> list[bytes]:
    elements = msgspec.json.decode(text, type=list[msgspec.Raw])
    return [msgspec.json.format(bytes(element), indent=-1) for element in elements]


def _values(text: bytes) -> dict[str, bytes]:
    return {key: bytes(value) for key, value in msgspec.json.decode(text, type=dict[str, msgspec.Raw]).items()}


def _hide_halves(text: bytes) -> tuple[bytes, bytes]:
    """Return the text with a mark before each half of a character, so that it can be split, and the mark."""
    mark = b"\\\\half~"
    while mark in text:
        mark += b"~"
    return _ESCAPE.sub(lambda found: mark + found[1] if found[1] else found[0], text), mark
