"""Writing a file with personal data: only its owner may read it, and it appears complete or not at all."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def private_file(path: Path) -> Iterator[Path]:
    """Give an empty file beside `path` to write into. At the end it replaces `path`, with private permissions.

    After an error `path` stays as it was. If it is no plain file, such as a pipe, it is written to directly. Raises
    OSError.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        yield target
        return
    beside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        beside.chmod(0o600)
        yield beside
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
