"""Tables that several pages show, and writing a page to a file."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from pipeline.errors import StorageFailed
from pipeline.models import ConsentNotice, Json
from pipeline.report._words import WARNINGS, code_text, delimiter_name, note_text, split_codes
from pipeline.report.page import HtmlTable
from pipeline.storage import private_file


def files_table(files: Iterable[Mapping[str, Json]], heading: str = "Files") -> HtmlTable:
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
    return HtmlTable(heading, ("File", "Encoding", "Delimiter", "Header", "Rows"), rows)


def consent_table(notices: Iterable[ConsentNotice]) -> HtmlTable:
    """Return the columns that may say who must not be texted and that nothing is taken from, as a table."""
    rows = tuple((notice.column, notice.reason) for notice in notices)
    return HtmlTable("Columns on consent that nothing is taken from", ("Column", "Why"), rows)


def _header(file: Mapping[str, Json]) -> str:
    header = f"line {file['header_line']}" if file["header_line"] else "none"
    left_out = f", {file['preamble_lines']} lines above it left out" if file["preamble_lines"] else ""
    beside = f"; not read, beside it: {', '.join(file['left_out'])}" if file.get("left_out") else ""
    remarks = "".join(f"; {remark}" for remark in file.get("remarks", ()))
    return header + left_out + beside + remarks


def reasons_tables(codes: Mapping[str, int], skipped: Mapping[str, int]) -> tuple[HtmlTable, ...]:
    """Return why rows are rejected, and why others are skipped, as two tables; `codes` counts both."""
    headings = ("Why rows are rejected", "Why rows are skipped: nothing has to be mended")
    return tuple(
        HtmlTable(
            heading, ("Reason", "Code", "Rows"), tuple((code_text(code), code, count) for code, count in found.items())
        )
        for heading, found in zip(headings, split_codes(codes, skipped), strict=True)
    )


def notes_tables(notes: Mapping[str, int]) -> tuple[HtmlTable, ...]:
    """Return the warnings among some notes and the others, as two tables."""
    headings = (("Doubtful, and taken all the same", True), ("Recovered and recognised", False))
    return tuple(
        HtmlTable(
            heading,
            ("What", "Rows"),
            tuple((note_text(note), count) for note, count in notes.items() if (note in WARNINGS) is is_warning),
        )
        for heading, is_warning in headings
    )


def write_page(path: Path, page: str) -> None:
    """Write an HTML page into a private file. Raises StorageFailed."""
    try:
        with private_file(path) as beside:
            beside.write_text(page, encoding="utf-8")
    except OSError as error:
        raise StorageFailed(f"{path} cannot be written: {error.strerror}.") from error
