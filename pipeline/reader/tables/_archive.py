"""Zip archives: the tables in them, and the workbooks that are archives themselves."""

import io
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import IO

from pipeline.errors import InputError
from pipeline.reader.tables._compression import BLOCK, describe, read_some

ZIP = b"PK\x03\x04"
"""How an archive begins, and so a workbook."""

_TABLES = (".csv", ".tsv", ".tab", ".txt", ".xlsx")
_SHOWN = 10


def list_members(name: str, path: Path) -> tuple[list[str], list[str]]:
    """Return the tables in a zip archive, in the order of their names, and what else is in it.

    None where the file is no archive. Raises InputError for an archive without a table.
    """
    try:
        with path.open("rb") as stream:
            if stream.read(len(ZIP)) != ZIP:
                return [], []
    except (OSError, ValueError):
        # Opening it for reading says what is wrong.
        return [], []
    with open_archive(name, path) as archive:
        if is_workbook(archive):
            return [], []
        tables = _tables(name, archive)
        shown = [member for member in archive.namelist() if not (member.endswith("/") or _is_hidden(member))]
        return tables, sorted({*shown} - {*tables})


def open_archive(name: str, file: Path | IO[bytes]) -> zipfile.ZipFile:
    """Open a zip archive. Raises InputError."""
    try:
        return zipfile.ZipFile(file)
    except Exception as error:
        # A damaged archive may raise anything here, also what zipfile does not name.
        raise InputError(
            f"{name} is a zip archive or an Excel workbook that is damaged or cut off ({describe(error)}).",
            advice="Fetch it again.",
        ) from error


def is_workbook(archive: zipfile.ZipFile) -> bool:
    """Whether an archive is an Excel workbook."""
    return any(member.startswith("xl/") for member in archive.namelist())


def open_member(name: str, archive: zipfile.ZipFile, member: str) -> IO[bytes]:
    """Open a member of an archive, or the only table in it where none is named. Raises InputError."""
    tables = [member] if member else _tables(name, archive)
    if len(tables) > 1:
        raise InputError(
            f"{name} is a zip archive with {len(tables)} tables: {', '.join(tables[:_SHOWN])}.",
            advice="Save it to disk and name it there, or unpack it.",
        )
    try:
        return archive.open(tables[0])
    except Exception as error:
        # A password, a compression that Python does not know, damage: zipfile has no common error for them.
        raise InputError(
            f"{name} cannot be unpacked: {describe(error)}.",
            advice="Unpack it (it may need a password) and name the file.",
        ) from error


def copy_seekable(stream: IO[bytes]) -> IO[bytes]:
    """Return what a stream holds as a file without a name: archives are read from their end."""
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    while block := read_some(stream, BLOCK):
        copy.write(block)
    copy.seek(io.SEEK_SET)
    return copy


def _tables(name: str, archive: zipfile.ZipFile) -> list[str]:
    files = [member for member in archive.namelist() if not member.endswith("/")]
    tables = [member for member in files if _may_be_table(member)]
    if "content.xml" in files:
        raise InputError(
            f"{name} is an OpenDocument file (.ods), not CSV text.", advice="Save it as CSV (UTF-8, comma separated)."
        )
    if any(member.endswith(".iwa") or member == "Index.zip" for member in files):
        raise InputError(
            f"{name} is a document of Apple's Numbers (or Pages, Keynote), not CSV text.",
            advice="Open it there, choose File > Export To > CSV, and give that file.",
        )
    if not tables:
        held = ", ".join(files[:_SHOWN]) + (", ..." if len(files) > _SHOWN else "") or "nothing"
        raise InputError(
            f"{name} is a zip archive without a table (.csv, .tsv, .txt, .xlsx); it holds {held}.",
            advice="Name the CSV file itself.",
        )
    return sorted(tables)


def _may_be_table(member: str) -> bool:
    return PurePosixPath(member).suffix.lower() in _TABLES and not _is_hidden(member)


def _is_hidden(member: str) -> bool:
    """Whether a system wrote it for itself."""
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(member).parts)
