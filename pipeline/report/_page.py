"""The result of a check as a page that can be sent to whoever keeps the list."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from pipeline.errors import StorageFailed
from pipeline.models import Json
from pipeline.report._text import delimiter_name, note_text
from pipeline.report._words import CODES, WARNINGS
from pipeline.report.page import Count, Counts, Page, Table, Tone, render_page
from pipeline.results import CheckSummary
from pipeline.storage import private_file


def check_page(summary: CheckSummary) -> str:
    """Return a check as an HTML document. Phones are masked wherever a row got as far as having one."""
    return render_page(
        Page(
            title=f"Check of {summary.source}",
            subtitle="What an import would take from this file, and what has to be mended first. Nothing was sent.",
            verdict=_verdict(summary),
            tone=Tone.BAD if summary.rejected else Tone.GOOD,
            counts=Counts(
                "rows",
                (
                    Count("accepted", summary.accepted, Tone.GOOD),
                    Count("rejected", summary.rejected, Tone.BAD),
                    Count("skipped", summary.skipped),
                ),
            ),
            tables=tuple(
                table
                for table in (
                    files_table(summary.files),
                    _reasons(summary),
                    _examples(summary),
                    notes_table("Doubtful, and taken all the same", summary.notes, warnings=True),
                    notes_table("Recovered and recognised", summary.notes, warnings=False),
                    _columns(summary),
                )
                if table.rows
            ),
            footer="Rows are numbered by their line in the file. Each is accepted, rejected or skipped: none is lost.",
        )
    )


def _verdict(summary: CheckSummary) -> str:
    if not summary.rows:
        return "The file has a header and no rows."
    if not summary.rejected:
        return "Every row that is to be imported can be imported."
    rows = "row has" if summary.rejected == 1 else "rows have"
    return f"{summary.rejected:,} {rows} to be mended before they can be imported; the others can be imported now."


def files_table(files: Iterable[Mapping[str, Json]], heading: str = "Files") -> Table:
    """Return how files were read, as a table."""
    rows = tuple(
        (
            str(file["name"]),
            f"{file['encoding']} ({file['found_by']})",
            delimiter_name(str(file["delimiter"])),
            _header(file),
            int(file["rows"]),
        )
        for file in files
        # The list of a deletion is described by its name and form only.
        if "found_by" in file
    )
    return Table(heading, ("File", "Encoding", "Delimiter", "Header", "Rows"), rows)


def _header(file: Mapping[str, Json]) -> str:
    header = f"line {file['header_line']}" if file["header_line"] else "none"
    left_out = f", {file['preamble_lines']} lines above it left out" if file["preamble_lines"] else ""
    beside = f"; not read, beside it: {', '.join(file['left_out'])}" if file.get("left_out") else ""
    return header + left_out + beside


def _reasons(summary: CheckSummary) -> Table:
    rows = tuple((CODES.get(code, code.replace("_", " ")), code, count) for code, count in summary.codes.items())
    return Table("Why rows are rejected or skipped", ("Reason", "Code", "Rows"), rows)


def _examples(summary: CheckSummary) -> Table:
    rows = tuple(
        (str(example.line), example.column, " ".join(example.value.split()), example.reason)
        for example in summary.examples
    )
    return Table("Examples", ("Line", "Column", "Value", "What is wrong"), rows, note="Up to three for each reason.")


def notes_table(heading: str, notes: Mapping[str, int], *, warnings: bool) -> Table:
    """Return the warnings among some notes, or the others, as a table."""
    rows = tuple((note_text(note), count) for note, count in notes.items() if (note in WARNINGS) is warnings)
    return Table(heading, ("What", "Rows"), rows)


def _columns(summary: CheckSummary) -> Table:
    rows = tuple((header, target or "(not imported)") for header, target in summary.columns.items())
    return Table("Where the columns go", ("Column", "Goes to"), rows)


def write_page(path: Path, page: str) -> None:
    """Write an HTML page into a private file. Raises StorageFailed."""
    try:
        with private_file(path) as beside:
            beside.write_text(page, encoding="utf-8")
    except OSError as error:
        raise StorageFailed(f"{path} cannot be written: {error.strerror}.") from error
