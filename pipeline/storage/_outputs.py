"""What a command writes must not be what it reads."""

from collections.abc import Iterable
from pathlib import Path

from pipeline.errors import InputError


def refuse_overwriting(
    read: Iterable[Path | None], written: Iterable[Path | None], settings: Path | None = None
) -> None:
    """Raise InputError if what is to be written is a file that is read, is the settings file, or is named twice."""
    sources = [path for path in read if path]
    targets = [path for path in written if path]
    for number, path in enumerate(targets):
        if any(_is_same(path, source) for source in sources):
            raise InputError(f"{path} is the file to be read; it would be overwritten. Nothing was done.")
        if settings and _is_same(path, settings):
            raise InputError(f"{path} is the settings file; it would be overwritten. Nothing was done.")
        if any(_is_same(path, other) for other in targets[:number]):
            raise InputError(f"{path} is named for two outputs; one would overwrite the other. Nothing was done.")


def _is_same(path: Path, other: Path) -> bool:
    if path.exists() and other.exists():
        return path.samefile(other)
    return path.absolute() == other.absolute()
