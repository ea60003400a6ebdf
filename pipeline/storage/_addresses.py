"""Addresses (s3://bucket/file): what may be shown of them, which package they need, and opening them."""

import re
import urllib.parse
from typing import BinaryIO

from pipeline.libraries import fsspec
from pipeline.showing import encodable

_SHORTEST_SECRET = 3
"""Characters. Masking shorter ones would damage the text around them, and they protect nothing."""

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(?:::[A-Za-z0-9+.-]+)*://")
_USER = re.compile(r"://(?:[^\s@]*:[^\s@]*|[^\s@/]*)@")
"""User and password of an address. A password may hold a slash, although it should not."""

_QUERY = re.compile(r"[?#].*", re.DOTALL)
_LINK = re.compile(r"::(?=[A-Za-z][A-Za-z0-9+.-]*://)")
"""Separates chained addresses: zip://people.csv::https://host/backup.zip."""

_PACKAGES = {
    "s3fs": ("s3", "s3a"),
    "gcsfs": ("gs", "gcs"),
    "adlfs": ("abfs", "abfss", "az", "adl"),
    "paramiko": ("sftp", "ssh"),
    "smbprotocol": ("smb",),
    "pyarrow": ("hdfs",),
}
"""The packages that addresses need. Source: fsspec.registry.known_implementations."""


def is_address(place: str) -> bool:
    """Whether a text is an address and not a path."""
    return bool(_ADDRESS.match(place))


def printable(name: str) -> str:
    """Return a name as it may be shown: without the secrets of an address, and without bytes that are no text."""
    if is_address(name):
        name = "::".join(_QUERY.sub("", _USER.sub("://", link)) for link in _LINK.split(name))
    return encodable(name, "utf-8")


def secrets_in(address: str) -> list[str]:
    """Return the parts of an address that nobody may see, the longest first: users, passwords, signatures."""
    found = [match[0][len("://") :].rstrip("@") for match in _USER.finditer(address)]
    found += [part for user in found for part in user.split(":", 1)]
    queries = [match[0] for link in _LINK.split(address) for match in _QUERY.finditer(link)]
    found += [pair.partition("=")[2] or pair for query in queries for pair in re.split("[?#&]", query)]
    found += [urllib.parse.unquote(secret) for secret in found]
    return sorted({secret for secret in found if len(secret) >= _SHORTEST_SECRET}, key=len, reverse=True)


def conceal(text: str, address: str) -> str:
    """Return a text that speaks of an address without the address's secrets."""
    text = text.replace(address, printable(address))
    for secret in secrets_in(address):
        text = text.replace(secret, "***")
    return printable(text)


def package_for(address: str) -> str:
    """Return the package to install for an address whose driver is missing."""
    scheme = address.split("://", 1)[0].rpartition("::")[2].lower()
    return next((package for package, schemes in _PACKAGES.items() if scheme in schemes), f"the driver of {scheme}://")


def open_address(address: str) -> BinaryIO:
    """Open an address for reading. Raises ImportError without its driver, and whatever the driver raises."""
    # Without expand=False a pattern would silently open one of many files.
    opened: BinaryIO = fsspec.open(address, "rb", expand=False).open()
    return opened


def file_system(address: str) -> "tuple[fsspec.AbstractFileSystem, str]":
    """Return the file system of an address, and the path in it. Raises as `open_address` does."""
    # Others may write there too, so no earlier listing is reused.
    system, path = fsspec.url_to_fs(address, use_listings_cache=False, skip_instance_cache=True)
    return system, path
