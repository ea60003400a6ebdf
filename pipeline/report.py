"""Summaries as a person reads them, and the reject file that can be mended and imported again."""

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from pipeline import jsontext
from pipeline.errors import StorageFailed
from pipeline.exporter import ExportSummary
from pipeline.journal import Journal, SettledRow
from pipeline.mapping import EXTRA_COLUMN, REJECT_COLUMNS
from pipeline.models import CustomField, FieldChange, Json, OutcomeKind
from pipeline.phone import mask_phone
from pipeline.snapshots import SnapshotInfo, Verification
from pipeline.summaries import CheckSummary, DoctorReport, Example, PlanSummary, RunEntry, RunSummary

EXAMPLES_PER_CODE = 3

_NOTES = {
    "channel_not_written": "further phones or addresses were NOT written (not available in this version)",
    "country_unknown": "country not recognised, default region used",
    "extension_dropped": "phones had an extension, which was left out",
    "float_suffix": "phones had a decimal suffix (.0) from a spreadsheet and were recovered",
    "international_digits": "phones were international digits without a plus",
    "opt_in_refused": "rows would opt a contact back in; refused (see --allow-opt-in)",
    "opt_out_kept": "opt-outs of superseded duplicates were kept",
    "opt_out_not_applied": "opt-outs were NOT applied, because on_existing is skip",
    "region_assumed": "phones had no country code; the default region was assumed",
    "sci_notation_recovered": "phones were in scientific notation and were recovered without loss",
    "tags_unreadable": "rows have tags that were not written, because this account does not show a contact's tags",
    "unwrapped": "phones were wrapped for a spreadsheet and were unwrapped",
}


def find_examples(journal: Journal, kinds: Iterable[OutcomeKind]) -> tuple[Example, ...]:
    """Return up to three rows of each code, phones masked where a row got as far as having one."""
    kinds = tuple(kinds)
    return tuple(
        _example(row)
        for code in journal.codes(*kinds)
        for row in journal.settled_rows(*kinds, code=code, limit=EXAMPLES_PER_CODE)
    )


def _example(row: SettledRow) -> Example:
    value = mask_phone(row.value) if row.value.isdigit() and len(row.value) > 6 else row.value
    return Example(row.line, row.code, row.column, value, row.reason)


def write_rejects(path: Path, journal: Journal, kinds: Iterable[OutcomeKind]) -> Path:
    """Write the reject file in the source's own delimiter and encoding, and return its path.

    Cells beyond the header stand together in a column `_extra`, which is there only when a row has some: a row that
    is imported again with it is rejected again, so nothing is lost by overlooking it. Raises StorageFailed.
    """
    kinds = tuple(kinds)
    headers = json.loads(journal.meta("headers"))
    # A reject file that is imported again brings these columns along; it gets new ones, not a second set.
    kept = [index for index, header in enumerate(headers) if header not in (*REJECT_COLUMNS, EXTRA_COLUMN)]
    delimiter = journal.meta("delimiter")
    extra = any(_surplus(row, len(headers)) for row in journal.settled_rows(*kinds))
    try:
        path.touch(mode=0o600)
        with path.open("w", encoding=journal.meta("encoding"), errors="surrogateescape", newline="") as file:
            writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
            writer.writerow([*(headers[index] for index in kept), *([EXTRA_COLUMN] if extra else []), *REJECT_COLUMNS])
            for row in journal.settled_rows(*kinds):
                surplus = [delimiter.join(_surplus(row, len(headers)))] if extra else []
                cells = [row.cells[index] if index < len(row.cells) else "" for index in kept]
                writer.writerow([*cells, *surplus, row.line, row.code, row.column, row.value, row.reason])
    except OSError as error:
        raise StorageFailed(f"The reject file {path} cannot be written: {error.strerror}.") from error
    return path


def _surplus(row: SettledRow, width: int) -> tuple[str, ...]:
    return row.cells[width:]


def write_contacts(path: Path, contacts: Iterable[Mapping[str, Json]]) -> None:
    """Write normalised contacts as JSON lines into a private file. Raises StorageFailed."""
    try:
        path.touch(mode=0o600)
        with path.open("wb") as file:
            for contact in contacts:
                file.write(jsontext.encode(contact) + b"\n")
    except OSError as error:
        raise StorageFailed(f"{path} cannot be written: {error.strerror}.") from error


def run_text(summary: RunSummary) -> str:
    """Return the end of an import as text."""
    tally = summary.tally
    lines = [f"Import of {summary.source}: {_ending(summary)}"]
    if summary.run_id:
        lines += _counts({name: getattr(tally, name) for name in _TALLY_NAMES}, tally.rows)
    if summary.pending:
        lines.append(f"  {summary.pending:>9,} without an outcome yet")
    lines += _codes(summary.codes) + _examples(summary.examples) + _notes(summary.notes)
    again = f" in {summary.attempts} attempts" if summary.attempts > 1 else ""
    limited = f", {summary.traffic.rate_limited} of them rate limited" if summary.traffic.rate_limited else ""
    lines.append(f"{summary.traffic.requests:,} requests{limited}, {_duration(summary.seconds)}{again}.")
    if summary.rejects:
        lines.append(f"Rows to mend and import again: {summary.rejects}")
    if summary.run_id:
        lines.append(f"Run: {summary.run_id}")
    return "\n".join(lines)


def check_text(summary: CheckSummary) -> str:
    """Return the end of a check as text."""
    name = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}.get(summary.delimiter, repr(summary.delimiter))
    lines = [f"Check of {summary.source} ({summary.encoding}, {name}): nothing was sent"]
    counts = {"accepted": summary.accepted, "rejected": summary.rejected, "skipped": summary.skipped}
    lines += _counts(counts, summary.rows)
    lines.append("Columns:")
    width = min(max((len(header) for header in summary.columns), default=0), 40)
    lines += [f"  {header:<{width}} -> {target or '(not imported)'}" for header, target in summary.columns.items()]
    lines += _codes(summary.codes) + _examples(summary.examples) + _notes(summary.notes)
    return "\n".join(lines)


def plan_text(summary: PlanSummary) -> str:
    """Return a plan as text."""
    tally = summary.tally
    lines = [f"Plan for {summary.source}: nothing was written"]
    counts = {"to create": tally.created, "to update": tally.updated}
    counts |= {name: getattr(tally, name) for name in ("unchanged", "skipped", "rejected")}
    lines += _counts(counts, tally.rows)
    if summary.fields:
        lines.append("Fields that change:")
        lines += [f"  {count:>9,} {name}" for name, count in summary.fields.items()]
    for example in summary.examples:
        lines.append(f"  line {example.line}: {example.kind} {mask_phone(example.phone)}")
        lines += [
            f"      {field.name}: {_shown(field, field.old)} -> {_shown(field, field.new)}" for field in example.fields
        ]
    lines += _codes(summary.codes) + _examples(summary.rejects) + _notes(summary.notes)
    pace = f", about {_duration(summary.seconds)} at the request limit" if summary.seconds else ""
    lines.append(f"The import needs about {summary.requests:,} requests{pace}.")
    return "\n".join(lines)


def export_text(summary: ExportSummary) -> str:
    """Return the end of an export as text."""
    if summary.snapshot is None:
        kept = f" The {summary.contacts:,} contacts read so far are kept for the next call." if summary.contacts else ""
        return f"Export: stopped before its end; no snapshot was published.{kept}"
    counted = {
        "verified": "the account's own count agrees",
        "count_unavailable": "the account gives no count to compare with",
        "count_differs": "the account's own count DIFFERS",
    }[summary.count_check]
    whole = "complete" if summary.complete else "PARTIAL"
    lines = [f"Export: {summary.contacts:,} contacts, {whole}; {counted}"]
    if summary.reason:
        lines.append(f"  It is partial because {summary.reason}.")
    lines.append(f"{summary.requests:,} requests for {summary.pages:,} pages, {_duration(summary.seconds)}.")
    lines.append(f"Snapshot: {summary.snapshot}")
    return "\n".join(lines)


def snapshots_text(snapshots: Iterable[SnapshotInfo]) -> str:
    """Return the list of snapshots as text."""
    return "\n".join(_snapshot_line(found) for found in snapshots) or "No snapshots yet."


def _snapshot_line(found: SnapshotInfo) -> str:
    if found.problem:
        return f"{found.name}  UNREADABLE: {found.problem}"
    state = "complete" if found.complete else "PARTIAL"
    age = f"{_duration(found.age.total_seconds())} old" if found.age else ""
    return f"{found.name}  {state:<8} {found.contacts:>11,} contacts  {_size(found.bytes):>9}  {age}  {found.account}"


def verification_text(found: Verification) -> str:
    """Return what verifying a snapshot found, as text."""
    if found.problems:
        return "\n".join([f"{found.path}: DAMAGED", *(f"  {problem}" for problem in found.problems)])
    partial = f", but PARTIAL: {found.reason}" if found.exit_code else ""
    return f"{found.path}: whole, {found.contacts:,} contacts{partial}"


def runs_text(runs: Iterable[RunEntry]) -> str:
    """Return the list of runs as text."""
    lines = []
    for run in runs:
        counts = ", ".join(f"{getattr(run.tally, name):,} {name}" for name in _TALLY_NAMES if getattr(run.tally, name))
        lines.append(f"{run.run_id}  {run.state:<13} {run.tally.rows:>9,} rows  {run.source}  {counts}".rstrip())
    return "\n".join(lines) or "No runs yet."


def fields_text(fields: Iterable[CustomField]) -> str:
    """Return the custom fields as text."""
    return "\n".join(f"{field.id:>12}  {field.title or '(no title)'}" for field in fields) or "No custom fields."


def doctor_text(report: DoctorReport) -> str:
    """Return the doctor's findings as text."""
    return "\n".join(f"[{finding.state:^7}] {finding.name}: {finding.text}" for finding in report.findings)


_TALLY_NAMES = tuple(kind.value for kind in OutcomeKind)


def _ending(summary: RunSummary) -> str:
    if summary.error:
        return "stopped before its end" if summary.run_id else "not started"
    return "finished, with rows to look at" if summary.exit_code else "finished"


def _counts(counts: Mapping[str, int], rows: int) -> list[str]:
    lines = [f"  {count:>9,} {name}" for name, count in counts.items() if count]
    return [*lines, f"  {rows:>9,} rows in all" if rows else "  The file has a header and no rows."]


def _codes(codes: Mapping[str, int]) -> list[str]:
    return ["By reason:", *(f"  {count:>9,} {code}" for code, count in codes.items())] if codes else []


def _examples(examples: Iterable[Example]) -> list[str]:
    lines = []
    for example in examples:
        where = f", column {example.column!r}" if example.column else ""
        # Not repr: it would double the backslashes of bytes that are shown as escapes.
        shown = _short(" ".join(example.value.split()))
        value = f" '{shown}':" if shown else ""
        lines.append(f"  line {example.line}{where}:{value} {example.reason} [{example.code}]")
    return ["For example:", *lines] if lines else []


def _notes(notes: Mapping[str, int]) -> list[str]:
    lines = [f"  {count:>9,} {_NOTES.get(note, note.replace('_', ' '))}" for note, count in notes.items()]
    return ["Worth knowing:", *lines] if lines else []


def _shown(field: FieldChange, value: Json) -> str:
    if field.name == "tags":
        return "tags " + ", ".join(str(tag) for tag in value) if value else "(none)"
    if value is None or value == "":
        return "(empty)"
    return _short(str(value))


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def _size(count: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:,.0f} {unit}"
        count //= 1000
    return f"{count:,} GB"
