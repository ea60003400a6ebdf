"""What there is to read: files, globs, archives, addresses, standard input."""

import contextlib
import glob
import io
import re
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from pipeline.errors import InputError
from pipeline.reader._bytes import decompress, seekable_copy, unreadable

STANDARD_INPUT = "standard input"
_TABLES = (".csv", ".tsv", ".tab", ".txt", ".xlsx")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(?:::[A-Za-z0-9+.-]+)*://")
_USER = re.compile(r"://[^/@\s]*@")
_QUERY = re.compile(r"[?#].*")
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Source:
    """One table to be read. `place` is a path, an address or "-"; `member` a file inside a zip archive."""

    place: str
    member: str = ""

    @property
    def name(self) -> str:
        """What a person sees; credentials in an address are left out."""
        name = STANDARD_INPUT if self.place == "-" else _shown(self.place)
        return f"{name}: {self.member}" if self.member else name

    @property
    def is_address(self) -> bool:
        """Whether it is read through fsspec."""
        return bool(_URL.match(self.place))

    @property
    def path(self) -> Path | None:
        """The local file, if it is one."""
        return None if self.place == "-" or self.is_address else Path(self.place)


def expand_sources(names: Sequence[str]) -> tuple[Source, ...]:
    """Return what the names of a command line mean: files, globs, addresses (scheme://...), - for standard input.

    A zip archive with several tables is several sources. Raises InputError where nothing is meant, or one file twice.
    """
    sources = [source for name in names for place in _places(name) for source in _members(place)]
    seen: set[tuple[str, str]] = set()
    for source in sources:
        key = (str(source.path.resolve()) if source.path else source.place, source.member)
        if key in seen:
            raise InputError(f"{source.name} is named twice. Nothing was done.", advice="Name every file once.")
        seen.add(key)
    return tuple(sources)


def _places(name: str) -> list[str]:
    if name == "-" or _URL.match(name) or not glob.has_magic(name) or Path(name).exists():
        return [name]
    found = sorted(place for place in glob.glob(name, recursive=True) if Path(place).is_file())  # noqa: PTH207
    if not found:
        raise InputError(f"No file matches {name}.", advice="Check the pattern and the current folder.")
    return found


def _members(place: str) -> list[Source]:
    source = Source(place)
    if source.path is None or not _is_archive(source.path):
        return [source]
    with _open_zip(source.name, source.path) as archive:
        return [Source(place, member) for member in _tables(source.name, archive)]


def _is_archive(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            if stream.read(4) != _ZIP:
                return False
    except (OSError, ValueError):
        # Opening it for reading says what is wrong.
        return False
    return not is_workbook(path)


def is_workbook(file: Path | IO[bytes]) -> bool:
    """Whether a zip archive is an Excel workbook."""
    try:
        with zipfile.ZipFile(file) as archive:
            return any(name.startswith("xl/") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def _open_zip(name: str, file: Path | IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError) as error:
        raise unreadable(name, error) from error


def _tables(name: str, archive: zipfile.ZipFile) -> list[str]:
    """The members that may be tables, in the order of their names."""
    files = [member for member in archive.namelist() if not member.endswith("/")]
    tables = [
        member
        for member in files
        if PurePosixPath(member).suffix.lower() in _TABLES
        and not any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(member).parts)
    ]
    if not tables:
        held = ", ".join(files[:10]) or "nothing"
        raise InputError(
            f"{name} is a zip archive without a table; it holds {held}.", advice="Name the CSV file itself."
        )
    return sorted(tables)


@contextlib.contextmanager
def open_bytes(source: Source, stdin: BinaryIO | None = None) -> Iterator[tuple[IO[bytes], str]]:
    """Open a source, unpacked, with the name of its compression. Raises InputError."""
    with contextlib.ExitStack() as stack:
        raw = stack.enter_context(_open_raw(source, stdin))
        try:
            stream, compression = decompress(raw)
        except OSError as error:
            raise unreadable(source.name, error) from error
        if compression or not _begins_like_zip(stream):
            yield stream, compression
            return
        # Archives and workbooks are read from their end.
        whole = stack.enter_context(seekable_copy(stream)) if source.path is None else _open_again(stack, source.path)
        if is_workbook(whole):
            whole.seek(0)
            yield whole, "workbook"
            return
        archive = stack.enter_context(_open_zip(source.name, whole))
        yield _open_member(source, archive), "zip"


def _open_again(stack: contextlib.ExitStack, path: Path) -> IO[bytes]:
    """Open a local file for as long as the stack lives."""
    return stack.enter_context(path.open("rb"))


def _begins_like_zip(stream: BinaryIO) -> bool:
    return isinstance(stream, io.BufferedReader) and stream.peek(4)[:4] == _ZIP


def _open_member(source: Source, archive: zipfile.ZipFile) -> IO[bytes]:
    tables = [source.member] if source.member else _tables(source.name, archive)
    if len(tables) > 1:
        raise InputError(
            f"{source.name} is a zip archive with {len(tables)} tables: {', '.join(tables[:10])}.",
            advice="Save it to disk and name it there, or unpack it.",
        )
    try:
        return archive.open(tables[0])
    except (RuntimeError, NotImplementedError, KeyError) as error:
        raise InputError(
            f"{source.name} cannot be unpacked: {error}.",
            advice="Unpack it (it may need a password) and name the file.",
        ) from error


@contextlib.contextmanager
def _open_raw(source: Source, stdin: BinaryIO | None) -> Iterator[BinaryIO]:
    if source.place == "-":
        yield stdin or sys.stdin.buffer
    elif source.path is not None:
        with _open_file(source.path) as stream:
            yield stream
    else:
        with _open_address(source) as stream:
            yield stream


def _open_file(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise InputError(f"{path} does not exist.", advice="Check the path and the current folder.") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder, not a file.", advice="Name one CSV file in it.") from None
    except PermissionError:
        kind = "is a folder, not a file" if path.is_dir() else "may not be read by this user (permission denied)"
        raise InputError(f"{path} {kind}.", advice="Name a CSV file that you may read.") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be opened: {error}.", advice="Check the path.") from error


@contextlib.contextmanager
def _open_address(source: Source) -> Iterator[BinaryIO]:
    import fsspec  # noqa: PLC0415 - only addresses need it

    try:
        opened = fsspec.open(source.place, "rb").open()
    except ImportError as error:
        raise InputError(
            f"{source.name} cannot be opened: its kind of address needs another package ({error}).",
            advice="Install it beside this one, for example: pip install s3fs (s3://), gcsfs (gs://), adlfs (abfs://).",
        ) from error
    except FileNotFoundError:
        raise InputError(f"{source.name} does not exist.", advice="Check the address.") from None
    except Exception as error:
        # Every driver has errors of its own; their texts may hold the address with its key.
        raise InputError(
            f"{source.name} cannot be opened ({type(error).__name__}).",
            advice="Check the address, your right to read it, and the network.",
        ) from error
    with opened as stream:
        yield stream


def _shown(place: str) -> str:
    if _URL.match(place):
        return _QUERY.sub("", _USER.sub("://", place))
    # A file name may hold bytes that are no text; they must not keep anybody from naming it.
    return Path(place).name.encode("utf-8", "backslashreplace").decode()
