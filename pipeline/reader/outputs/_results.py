"""The file that says what became of every row of a run, for scripts and for whoever asks about one person."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.errors import StorageFailed
from pipeline.runs.journal import Journal, RowResult
from pipeline.storage import private_file

RESULT_COLUMNS = ("row", "file", "line", "phone", "contact_id", "outcome", "code", "superseded_by", "notes")
"""Source: docs/contract.md, section Files."""


def write_results(path: Path, journal: Journal) -> Path:
    """Write one line for every row of the journal, and return the path. Raises StorageFailed."""
    names = [source.name for source in journal.facts.sources]
    try:
        with private_file(path) as beside, beside.open("w", encoding="utf-8", errors="replace", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(RESULT_COLUMNS)
            writer.writerows(_lines(journal, names))
    except OSError as error:
        raise StorageFailed(f"The list of results {path} cannot be written: {error.strerror}.") from error
    return path


def _lines(journal: Journal, names: Sequence[str]) -> Iterator[tuple[object, ...]]:
    return (_line(result, names) for result in journal.outcomes.results())


def _line(result: RowResult, names: Sequence[str]) -> tuple[object, ...]:
    return (
        result.row,
        names[result.source] if result.source < len(names) else "",
        result.line,
        f"+{result.phone}" if result.phone else "",
        result.contact_id or "",
        result.outcome,
        result.code,
        result.superseded_by or "",
        " ".join(result.notes),
    )
