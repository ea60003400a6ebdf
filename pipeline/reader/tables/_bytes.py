"""From a source to its bytes, unpacked."""

import contextlib
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, BinaryIO

from pipeline.errors import InputError
from pipeline.reader.tables._archive import ZIP, copy_seekable, is_workbook, open_archive, open_member
from pipeline.reader.tables._compression import BLOCK, decompress, describe, peek, read_some
from pipeline.reader.tables._sources import Source
from pipeline.storage import conceal, open_address, package_for, printable

WORKBOOK = "workbook"

HEAD = 1024 * 1024
"""Bytes that are there for a look."""

_FETCH_AGAIN = "The file may be damaged or cut off: fetch it again. If it lies on a disk or share, check that."


@contextlib.contextmanager
def open_bytes(source: Source, stdin: BinaryIO | None = None) -> Iterator[tuple[IO[bytes], str]]:
    """Open a source, unpacked, with the name of its compression ("" for none, WORKBOOK for an Excel workbook).

    Raises InputError. Standard input is not closed.
    """
    with ExitStack() as stack:
        raw = _open_raw(stack, source, stdin)
        try:
            opened = _unpack(stack, source, raw)
        except (InputError, MemoryError):
            raise
        except Exception as error:
            # Every compression and every driver has errors of its own.
            raise InputError(f"{source.name} cannot be read: {explain(error, source)}.", advice=_FETCH_AGAIN) from error
        yield opened


class BrokenStream(Exception):
    """The bytes of a source end before their time. The text says why, for a person."""

    advice = _FETCH_AGAIN


class Blocks:
    """The bytes of a source in blocks, of which the first mebibyte is there for a look.

    `head` may be changed before the blocks are taken. `is_whole` says that there is no more.
    """

    def __init__(self, source: Source, stream: IO[bytes]) -> None:
        """Read the head. Raises InputError where nothing can be read."""
        self._rest = _read(source, stream)
        self.head = b""
        self.is_whole = False
        self._broken: BrokenStream | None = None
        try:
            while len(self.head) < HEAD and not self.is_whole:
                block = next(self._rest, b"")
                self.head += block
                self.is_whole = not block
        except BrokenStream as error:
            if not self.head:
                raise InputError(f"{source.name} cannot be read: {error}.", advice=error.advice) from error
            self._broken = error

    def __iter__(self) -> Iterator[bytes]:
        """Yield all blocks, once. Raises BrokenStream."""
        for start in range(0, len(self.head), BLOCK):
            yield self.head[start : start + BLOCK]
        if self._broken:
            raise self._broken
        yield from self._rest


def _read(source: Source, stream: IO[bytes]) -> Iterator[bytes]:
    try:
        while block := read_some(stream, BLOCK):
            yield block
    except MemoryError:
        raise
    except Exception as error:
        # Every compression and every driver has errors of its own.
        raise BrokenStream(explain(error, source)) from error


def explain(error: Exception, source: Source) -> str:
    """Return why something failed, without the credentials of an address."""
    text = describe(error)
    return conceal(text, source.place) if source.is_address else printable(text)


def _unpack(stack: ExitStack, source: Source, raw: BinaryIO) -> tuple[IO[bytes], str]:
    stream, compression = decompress(raw)
    head, stream = peek(stream, len(ZIP))
    if compression or head != ZIP:
        return stream, compression
    # Archives and workbooks are read from their end.
    if source.path is None:
        whole = stack.enter_context(copy_seekable(stream))
    else:
        whole = raw
        whole.seek(0)
    archive = stack.enter_context(open_archive(source.name, whole))
    if is_workbook(archive):
        whole.seek(0)
        return whole, WORKBOOK
    head, member = peek(stack.enter_context(open_member(source.name, archive, source.member)), len(ZIP))
    if head != ZIP:
        return member, "zip"
    return stack.enter_context(copy_seekable(member)), WORKBOOK


def _open_raw(stack: ExitStack, source: Source, stdin: BinaryIO | None) -> BinaryIO:
    if source.place == "-":
        if stdin is None and sys.stdin is None:
            raise InputError("Standard input is closed: there is nothing to read.", advice="Pipe a file into it.")
        return stdin or sys.stdin.buffer
    if source.is_address:
        return _open_address(stack, source)
    return stack.enter_context(_open_file(Path(source.place)))


def _open_file(path: Path) -> BinaryIO:
    shown = printable(str(path))
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise InputError(f"{shown} does not exist.", advice="Check the path and the current folder.") from None
    except IsADirectoryError:
        raise InputError(f"{shown} is a folder, not a file.", advice="Name one CSV file in it.") from None
    except PermissionError:
        kind = "is a folder, not a file" if path.is_dir() else "may not be read by this user (permission denied)"
        raise InputError(f"{shown} {kind}.", advice="Name a CSV file that you may read.") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{shown} cannot be opened: {error}.", advice="Check the path.") from error


def _open_address(stack: ExitStack, source: Source) -> BinaryIO:
    try:
        opened = open_address(source.place)
    except ImportError as error:
        raise InputError(
            f"{source.name} cannot be opened: this kind of address needs a package that is not installed"
            f" ({explain(error, source)}).",
            advice=f"Install it beside this program: pip install {package_for(source.place)}.",
        ) from error
    except FileNotFoundError:
        raise InputError(
            f"{source.name} does not exist, or cannot be reached.",
            advice="Check the address and the network. Patterns like *.csv work for local files only.",
        ) from None
    except IsADirectoryError:
        raise InputError(f"{source.name} is a folder, not a file.", advice="Name one CSV file in it.") from None
    except PermissionError:
        raise InputError(
            f"{source.name} may not be read with these credentials (permission denied).",
            advice="Check the credentials that its service expects in the environment.",
        ) from None
    except Exception as error:
        # Every driver has errors of its own.
        raise InputError(
            f"{source.name} cannot be opened ({type(error).__name__}: {explain(error, source)}).",
            advice="Check the address, your right to read it, and the network.",
        ) from error
    stack.callback(opened.close)
    return opened
