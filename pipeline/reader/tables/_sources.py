"""What there is to read: files, patterns, members of archives, addresses, standard input."""

import glob
from collections.abc import Hashable, Sequence
from pathlib import Path

from pipeline.errors import InputError
from pipeline.reader.tables._archive import list_members
from pipeline.storage import is_address, printable
from pipeline.values import Struct

STANDARD_INPUT = "standard input"


class Source(Struct, frozen=True):
    """One table to be read.

    `place` is a path, an address or "-"; `member` a file inside a zip archive, `left_out` what else is in that and is
    not read.
    """

    place: str
    member: str = ""
    left_out: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What a person sees. Credentials and signatures in an address are left out."""
        name = STANDARD_INPUT if self.place == "-" else printable(self.place if self.is_address else self._file.name)
        return f"{name}: {printable(self.member)}" if self.member else name

    @property
    def is_address(self) -> bool:
        """Whether it is read through fsspec."""
        return is_address(self.place)

    @property
    def path(self) -> Path | None:
        """The local file, if it is one that can be read twice; a pipe (`<(command)`) cannot."""
        if self.place == "-" or self.is_address:
            return None
        return None if _is_read_once(self._file) else self._file

    @property
    def _file(self) -> Path:
        return Path(self.place)


def expand_sources(names: Sequence[str]) -> tuple[Source, ...]:
    """Return what the names of a command line mean: files, patterns, addresses (scheme://...), - for standard input.

    A pattern that is the name of an existing file means that file. A zip archive with several tables is several
    sources. Raises InputError where a pattern or an archive has nothing to read, or where a file is named twice.
    """
    sources = [source for name in names for place in _places(name) for source in _tables_of(place)]
    seen: set[Hashable] = set()
    for source in sources:
        key = (_identity(source), source.member)
        if key in seen:
            raise InputError(f"{source.name} is named twice. Nothing was done.", advice="Name every file once.")
        seen.add(key)
    return tuple(sources)


def _places(name: str) -> list[str]:
    if name == "-" or is_address(name) or not glob.has_magic(name) or Path(name).exists():
        return [name]
    found = sorted(place for place in glob.glob(name, recursive=True) if not Path(place).is_dir())  # noqa: PTH207
    if not found:
        raise InputError(f"No file matches {printable(name)}.", advice="Check the pattern and the current folder.")
    return found


def _tables_of(place: str) -> list[Source]:
    source = Source(place)
    members, others = list_members(source.name, source.path) if source.path else ([], [])
    left_out = tuple(map(printable, others))
    return [Source(place, member, left_out) for member in members] or [source]


def _identity(source: Source) -> Hashable:
    """What two names of one file have in common."""
    if source.path is None:
        return source.place
    try:
        status = source.path.stat()
    except (OSError, ValueError):
        return source.place
    return status.st_dev, status.st_ino


def _is_read_once(path: Path) -> bool:
    """Whether a path is a pipe or a device: what was read from it cannot be read again."""
    try:
        return path.is_fifo() or path.is_char_device() or path.is_socket()
    except ValueError:
        return False
