"""Small tables as bytes."""

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable, Mapping

import zstandard

CSV = b"Name,Phone\nAnn,14155550100\nBob,14155550101\n"


ROWS = (("Ann", "14155550100"), ("Bob", "14155550101"))


def zipped(members: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
    "zip": lambda data: zipped({"people.csv": data}),
}
