"""Streams of bytes that can be looked at, are guarded against what cannot be a table, and speak our errors."""

import bz2
import gzip
import io
import lzma
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from typing import IO, BinaryIO

import zstandard

from pipeline.errors import InputError
from pipeline.reader._encoding import kept_bytes

LINE_LIMIT = 10 * 1024 * 1024
"""Bytes of one line, and characters of one cell: above it a quote was left open, or this is no contact list."""

BLOCK = 256 * 1024

_DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, zstandard.ZstdError, OSError)
"""What reading a file may raise. gzip's and bz2's own errors are OSErrors."""


class LongLine(Exception):
    """A line has no end within LINE_LIMIT."""


class Replay(io.RawIOBase):
    """The bytes already read for a look, then the rest of the stream; closing it leaves the stream open."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._stream = stream

    def readable(self) -> bool:
        """See io.IOBase."""
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        """See io.RawIOBase; BufferedReader always hands a memoryview."""
        piece = self._head[: len(buffer)] or self._stream.read(len(buffer))
        self._head = self._head[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


class Guarded(io.RawIOBase):
    """A stream whose failures are InputErrors in the words of the file, and whose lines have an end.

    `total` counts the bytes that were read; `kept_before` is `kept_bytes()` as it was before the first of them.
    """

    def __init__(self, name: str, stream: IO[bytes]) -> None:
        self.name = name
        self._stream = stream
        self._since_line = 0
        self.total = 0
        self.kept_before = kept_bytes()

    def readable(self) -> bool:
        """See io.IOBase."""
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        """See io.RawIOBase. Raises InputError and LongLine."""
        try:
            piece = self._stream.read(len(buffer))
        except _DAMAGE as error:
            raise unreadable(self.name, error, after=self.total) from error
        buffer[: len(piece)] = piece
        self.total += len(piece)
        last = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
        self._since_line = len(piece) - last - 1 if last >= 0 else self._since_line + len(piece)
        if self._since_line > LINE_LIMIT:
            raise LongLine
        return len(piece)


def unreadable(name: str, error: BaseException, *, after: int = 0) -> InputError:
    """Return the error for a file that could not be read further."""
    what = getattr(error, "strerror", None) or str(error) or type(error).__name__
    where = f" after {after:,} bytes of its content" if after else ""
    return InputError(
        f"{name} cannot be read{where}: {what}. Nothing was sent.",
        advice="The file may be damaged or cut off: fetch it again. If it lies on a disk or share, check that.",
    )


def _gunzip(stream: BinaryIO) -> BinaryIO:
    return io.BufferedReader(gzip.GzipFile(fileobj=stream))


def _bunzip2(stream: BinaryIO) -> BinaryIO:
    return io.BufferedReader(bz2.BZ2File(stream))


def _unxz(stream: BinaryIO) -> BinaryIO:
    return io.BufferedReader(lzma.LZMAFile(stream))


def _unzstd(stream: BinaryIO) -> BinaryIO:
    return io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True))


_COMPRESSIONS: tuple[tuple[bytes, str, Callable[[BinaryIO], BinaryIO]], ...] = (
    (b"\x1f\x8b", "gzip", _gunzip),
    (b"BZh", "bzip2", _bunzip2),
    (b"\xfd7zXZ\x00", "xz", _unxz),
    (b"\x28\xb5\x2f\xfd", "zstd", _unzstd),
)


def decompress(stream: BinaryIO) -> tuple[BinaryIO, str]:
    """Return the stream as it was before it was compressed, and the name of the compression ("" for none).

    What it is is told by its first bytes, not by its name. Zip archives are left as they are.
    """
    head = stream.read(8)
    whole: BinaryIO = io.BufferedReader(Replay(head, stream), BLOCK)
    for magic, name, undo in _COMPRESSIONS:
        if head.startswith(magic):
            return undo(whole), name
    return whole, ""


def seekable_copy(stream: BinaryIO) -> IO[bytes]:
    """Return a stream that can be moved about in; it lies on disk and has no name."""
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    while block := stream.read(BLOCK):
        copy.write(block)
    copy.seek(0)
    return copy
