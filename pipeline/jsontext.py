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
