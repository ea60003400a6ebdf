"""Lines that several commands print on a terminal."""

from collections.abc import Iterable, Mapping

from pipeline.models import ConsentNotice, CustomField, Json
from pipeline.report._words import WARNINGS, code_text, delimiter_name, note_text, split_codes
from pipeline.results import DoctorReport, Example
from pipeline.showing import quoted

_LONGEST_VALUE = 60


def fields_text(fields: Iterable[CustomField]) -> str:
    """Return the custom fields as text."""
    return "\n".join(f"{field.id:>12}  {field.title or '(no title)'}" for field in fields) or "No custom fields."


def doctor_text(report: DoctorReport) -> str:
    """Return the doctor's findings as text."""
    return "\n".join(f"[{finding.state:^7}] {finding.name}: {finding.text}" for finding in report.findings)


_STATES = {
    "question": "a question; no import begins until it is answered",
    "new": "a new column, which the settings do not know; no import begins until it is mapped",
    "unread": "nothing is read from it",
}


def consent_lines(notices: Iterable[ConsentNotice]) -> list[str]:
    """Return what is to be said first: which columns may say who must not be texted, and how to go on."""
    lines, elsewhere = [], []
    for notice in notices:
        if notice.state == "other_channel":
            elsewhere.append(notice.column)
            continue
        lines.append(f"CONSENT: {quoted(notice.column)} - {_STATES[notice.state]}.")
        lines.append(f"  {notice.reason}")
        lines += ["  One of these lines into [import.columns]:", *(f"    {line}" for line in notice.lines)]
    if elsewhere:
        named = ", ".join(map(quoted, elsewhere))
        lines.append(f"Opt-outs for e-mail, fax, calls or post are not opt-outs from texts; not taken: {named}.")
    return lines


def count_lines(counts: Mapping[str, int]) -> list[str]:
    """Return what is counted, one line each; zeros are left out."""
    return [f"  {count:>9,} {name}" for name, count in counts.items() if count]


def row_lines(counts: Mapping[str, int], rows: int) -> list[str]:
    """Return the counts of rows and their sum, line by line."""
    return [*count_lines(counts), f"  {rows:>9,} rows in all" if rows else "  The file has a header and no rows."]


def reason_lines(
    codes: Mapping[str, int], skipped: Mapping[str, int], examples: Iterable[Example], notes: Mapping[str, int]
) -> list[str]:
    """Return why rows were not taken, why others were skipped, some of them, and what is worth knowing of the rest.

    `codes` counts both, `skipped` those among them that were skipped.
    """
    left, out = split_codes(codes, skipped)
    lines = ["Not taken, by reason:", *_code_lines(left)] if left else []
    lines += ["Skipped, by reason:", *_code_lines(out)] if out else []
    shown = [_example_line(example) for example in examples]
    lines += ["For example:", *shown] if shown else []
    for heading, is_warning in (("Doubtful, and taken all the same:", True), ("Worth knowing:", False)):
        found = {note_text(note): count for note, count in notes.items() if (note in WARNINGS) is is_warning}
        lines += [heading, *count_lines(found)] if found else []
    return lines


def _code_lines(codes: Mapping[str, int]) -> list[str]:
    return count_lines({f"{code}: {code_text(code)}": count for code, count in codes.items()})


def _example_line(example: Example) -> str:
    where = f", column {quoted(example.column)}" if example.column else ""
    cell = shortened(" ".join(example.value.split()))
    value = f" {quoted(cell)}:" if cell else ""
    return f"  line {example.line}{where}:{value} {example.reason} [{example.code}]"


def file_line(file: Mapping[str, Json]) -> str:
    """Return how a file was read: encoding and why, delimiter, header, what was left out, what was assumed."""
    parts = [f"{file['encoding']} ({file['found_by']})", delimiter_name(str(file["delimiter"]))]
    if file.get("compression"):
        parts.insert(0, str(file["compression"]))
    parts.append(f"header in line {file['header_line']}" if file["header_line"] else "no header")
    left_out = {"preamble_lines": "lines above it left out", "comment_lines": "comment lines left out"}
    parts += [f"{file[key]:,} {text}" for key, text in left_out.items() if file[key]]
    if file.get("left_out"):
        parts.append(f"NOT read, beside it: {', '.join(file['left_out'])}")
    remarks = "".join(f"\n    LOOK AT THIS: {remark}." for remark in file.get("remarks", ()))
    return f"{file['name']}: {', '.join(parts)}{remarks}"


def shortened(text: str) -> str:
    """Return a value as a line has room for it."""
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."


def duration(seconds: float) -> str:
    """Return a time as a person says it."""
    if seconds < 120:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def size_text(count: int) -> str:
    """Return a number of bytes as a person says it."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:,.0f} {unit}"
        count //= 1000
    return f"{count:,} GB"
