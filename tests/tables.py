"""Small tables for tests: written to a file, read, mapped and staged as a run does it."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import anyio

from pipeline.cli._progress import SilentProgress
from pipeline.models._contacts import Contact, Reject, Skip
from pipeline.models._rows import Chunk
from pipeline.reader.intake._intake import Intake, Taken
from pipeline.reader.mapping import ColumnPlan, map_chunk
from pipeline.reader.tables import expand_sources
from pipeline.runs.journal import Journal, SourceFacts
from pipeline.settings import ImportSettings


def described(
    *headers: Sequence[str], encoding: str = "utf-8", delimiter: str = ",", line_end: str = "\n"
) -> tuple[SourceFacts, ...]:
    """Return what a journal remembers about its files, for files with these headers."""
    return tuple(
        SourceFacts(
            f"file{number}.csv",
            tuple(names),
            encoding,
            delimiter,
            line_end,
            found_by="setting",
            header_line=1,
        )
        for number, names in enumerate(headers, start=1)
    )


def settings_of(columns: dict[str, Any] | None = None, **settings: Any) -> ImportSettings:
    """Return import settings; without columns only `Phone` is mapped."""
    return ImportSettings.model_validate({"columns": columns or {"Phone": "phone"}, **settings})


def map_cells(rows: Sequence[Sequence[str]], plan: ColumnPlan, first_line: int = 2) -> list[Contact | Reject | Skip]:
    """Map rows of cells that stand on lines of their own."""
    lines = range(first_line, first_line + len(rows))
    return list(map_chunk(Chunk(lines, lines, rows), plan).results())


def take(
    paths: Sequence[Path],
    imports: ImportSettings,
    *,
    outline: bool = False,
    deliver: Callable[[Iterator[bytes]], None] | None = None,
) -> tuple[Journal, Taken]:
    """Stage files as a check does, without the network."""
    journal = Journal.create(None)
    intake = Intake(expand_sources([str(path) for path in paths]), imports, outline=outline, deliver=deliver)
    return journal, anyio.run(intake.take, journal, SilentProgress())


def take_text(
    *texts: str | bytes,
    outline: bool = False,
    deliver: Callable[[Iterator[bytes]], None] | None = None,
    **settings: Any,
) -> tuple[Journal, Taken]:
    """Stage texts as files of their own; `settings` are those of [import]."""
    with tempfile.TemporaryDirectory() as name:
        paths = [Path(name) / f"file{number}.csv" for number in range(1, len(texts) + 1)]
        for path, text in zip(paths, texts, strict=True):
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return take(paths, settings_of(**settings), outline=outline, deliver=deliver)
