"""Third-party libraries that are loaded when they are first used: those that take long to load, and optional ones."""

import importlib
from types import ModuleType
from typing import TYPE_CHECKING, Any

__all__ = [
    "LibraryMissing",
    "aiohttp",
    "babel",
    "charset_normalizer",
    "email_validator",
    "filelock",
    "fsspec",
    "jinja2",
    "jwt",
    "load_optional",
    "numpy",
    "rich",
]

_EXTRAS = {"openpyxl": "xlsx", "pyarrow": "parquet", "pygal": "charts", "pyrage": "age", "redis": "redis"}
_EXTRAS |= {"ftfy": "text", "vobject": "vcard"}
"""The optional libraries, and which extra of this distribution brings each."""


class LibraryMissing(ImportError):
    """An optional library is not installed; the text says how to install it."""


def load_optional(name: str) -> ModuleType:
    """Return a module of an optional library. Raises LibraryMissing."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        extra = _EXTRAS[name.partition(".")[0]]
        raise LibraryMissing(f"Install it beside this program: pip install 'heymarket-pipeline[{extra}]'") from error


class _Library:
    """Stands for modules of a library until one of them is used."""

    def __init__(self, name: str, *submodules: str) -> None:
        self._modules = [*(f"{name}.{submodule}" for submodule in submodules), name]

    def __getattr__(self, name: str) -> Any:
        *_, library = map(importlib.import_module, self._modules)
        return getattr(library, name)


if TYPE_CHECKING:
    import aiohttp
    import babel.core
    import babel.localedata
    import charset_normalizer
    import email_validator
    import filelock
    import fsspec
    import jinja2
    import jwt
    import numpy  # noqa: ICN001 - every library has its own name here
    import rich.console
    import rich.progress
else:
    aiohttp = _Library("aiohttp")
    babel = _Library("babel", "core", "localedata")
    charset_normalizer = _Library("charset_normalizer")
    email_validator = _Library("email_validator")
    filelock = _Library("filelock")
    fsspec = _Library("fsspec")
    jinja2 = _Library("jinja2")
    jwt = _Library("jwt")
    numpy = _Library("numpy")
    rich = _Library("rich", "console", "progress")
