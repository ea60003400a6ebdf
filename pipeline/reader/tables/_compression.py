"""Compressed files are told by their first bytes, not by their names, and read as what they were before."""

import bz2
import gzip
import io
import lzma
from collections.abc import Callable
from typing import IO, Any, BinaryIO, Protocol

import zstandard

from pipeline.showing import words_of

BLOCK = 256 * 1024
"""Bytes that are read at a time."""

_PACKED_BLOCK = 2 * 1024
"""Compressed bytes that are fed at a time: four of them can grow to 128 KiB, which bounds the memory."""


class Replay(io.RawIOBase):
    """The bytes already read for a look, then the rest of the stream; closing it leaves the stream open."""

    def __init__(self, head: bytes, stream: IO[bytes]) -> None:
        self._head = memoryview(head)
        self._stream = stream

    def readable(self) -> bool:
        """See io.IOBase."""
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        """See io.RawIOBase; BufferedReader always hands a memoryview."""
        piece = self._head[: len(buffer)] or read_some(self._stream, len(buffer))
        self._head = self._head[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


class _Decoder(Protocol):
    """What unpacks one frame. `eof` says that it has ended, `unused_data` is what came behind it."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


class FramesReader(io.RawIOBase):
    """The content of compressed frames, one after the other to the very end of the stream.

    The libraries' own readers lose rows silently: zstd's takes a file that was cut off for one that has ended, those of
    bzip2 and xz leave out what stands behind the first frame where it is damaged.
    """

    def __init__(self, stream: BinaryIO, new: Callable[[], _Decoder], padding: bytes = b"") -> None:
        """`padding`: bytes that may stand between frames and mean nothing."""
        self._stream = stream
        self._new = new
        self._padding = padding
        self._frame = new()
        self._begun = False
        self._waiting = memoryview(b"")

    def readable(self) -> bool:
        """See io.IOBase."""
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        """See io.RawIOBase. Raises EOFError where a frame is cut off, and the library's error where one is damaged."""
        while not self._waiting:
            packed = self._stream.read(_PACKED_BLOCK)
            if not packed:
                if self._begun:
                    raise EOFError("Compressed file ended before the end of its last frame")
                return 0
            self._waiting = memoryview(self._unpack(packed))
        piece = self._waiting[: len(buffer)]
        self._waiting = self._waiting[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)

    def _unpack(self, packed: bytes) -> bytes:
        unpacked = []
        while packed:
            if not self._begun and not (packed := packed.lstrip(self._padding) if self._padding else packed):
                break
            self._begun = True
            unpacked.append(self._frame.decompress(packed))
            packed = b""
            if self._frame.eof:
                packed = self._frame.unused_data
                self._frame = self._new()
                self._begun = False
        return b"".join(unpacked)


def read_some(stream: IO[bytes], size: int) -> bytes:
    """Read what comes next, at most so many bytes; none only at the end.

    To ask for all of them would lose, where the stream breaks, what came before.
    """
    piece: bytes = getattr(stream, "read1", stream.read)(size)
    return piece


def _frames(new: Callable[[], _Decoder], padding: bytes = b"") -> Callable[[BinaryIO], io.RawIOBase]:
    return lambda stream: FramesReader(stream, new, padding)


_COMPRESSIONS: tuple[tuple[bytes, str, Callable[[BinaryIO], Any]], ...] = (
    (b"\x1f\x8b", "gzip", lambda stream: gzip.GzipFile(fileobj=stream)),
    (b"BZh", "bzip2", _frames(bz2.BZ2Decompressor)),
    # Source: the .xz file format, 2.2, "Stream Padding".
    (b"\xfd7zXZ\x00", "xz", _frames(lzma.LZMADecompressor, padding=b"\0")),
    (b"\x28\xb5\x2f\xfd", "zstd", _frames(lambda: zstandard.ZstdDecompressor().decompressobj())),
)


def decompress(stream: BinaryIO) -> tuple[BinaryIO, str]:
    """Return the stream as it was before it was compressed, and the name of the compression ("" for none).

    Zip archives are left as they are. Closing the result leaves the stream open.
    """
    head, whole = peek(stream, 6)
    for magic, name, undo in _COMPRESSIONS:
        if head.startswith(magic):
            return io.BufferedReader(undo(whole), BLOCK), name
    return whole, ""


def peek(stream: IO[bytes], size: int) -> tuple[bytes, BinaryIO]:
    """Return the first bytes of a stream, fewer only where it has no more, and the whole stream still to be read."""
    head = b""
    while len(head) < size and (piece := read_some(stream, size - len(head))):
        head += piece
    return head, io.BufferedReader(Replay(head, stream), BLOCK)


def describe(error: Exception) -> str:
    """Return what an error of a stream says, in one line; its kind where it says nothing."""
    text = getattr(error, "strerror", None) or words_of(error) or type(error).__name__
    return " ".join(text.split()).rstrip(".")
