"""What the values of this program are: structs, the one import site of the library's classes.

A struct is a class of named fields with equality and a repr, like a dataclass. Its class is made without compiling
code, in a hundredth of the time: a short command loads some two hundred of them. Values are frozen unless they count
or collect something.
"""

from typing import Any

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

__all__ = ["Struct", "as_dict", "as_tuple", "field", "field_names", "replace"]


def field_names(kind: Struct | type[Struct]) -> tuple[str, ...]:
    """Return the names of the fields in their order."""
    return kind.__struct_fields__


def as_tuple(value: Struct) -> tuple[Any, ...]:
    """Return the values of the fields in their order."""
    return msgspec.structs.astuple(value)


def as_dict(value: Struct) -> dict[str, Any]:
    """Return the fields by name; structs inside of it become dicts as well."""
    return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}


def _plain(value: Any) -> Any:
    match value:
        case Struct():
            return as_dict(value)
        case list() | tuple() if not hasattr(value, "_fields"):
            return type(value)(map(_plain, value))
        case dict():
            return {key: _plain(each) for key, each in value.items()}
    return value
