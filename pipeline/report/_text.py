"""Summaries as a person reads them on a terminal."""

from collections.abc import Iterable, Mapping

from pipeline.models import CustomField, Json, OutcomeKind, mask_phone
from pipeline.report._masking import mask_example
from pipeline.report._plan import field_lines, shown_value
from pipeline.report._words import NOTES, WARNINGS
from pipeline.results import CheckSummary, DoctorReport, Example, PlanSummary, RunDetails, RunSummary
from pipeline.runs import PurgeSummary, RunEntry, RunKind
from pipeline.runs.journal import Journal

EXAMPLES_PER_CODE = 3


def find_examples(journal: Journal, kinds: Iterable[OutcomeKind]) -> tuple[Example, ...]:
    """Return up to three rows of each code, phones masked where a row got as far as having one."""
    kinds = tuple(kinds)
    return tuple(
        mask_example(row)
        for code in journal.outcomes.codes(*kinds)
        for row in journal.outcomes.rows(*kinds, code=code, limit=EXAMPLES_PER_CODE)
    )


def run_text(summary: RunSummary) -> str:
    """Return the end of an import as text."""
    return "\n".join([f"Import of {summary.source}: {ending(summary)}", *run_lines(summary)])


def run_lines(summary: RunSummary) -> list[str]:
    """Return what a run did, its reasons and its files, line by line."""
    tally = summary.tally
    lines = []
    if summary.run_id and (tally.rows or summary.kind == "import"):
        lines += _counts({name: getattr(tally, name) for name in _TALLY_NAMES}, tally.rows)
    if summary.pending:
        lines.append(f"  {summary.pending:>9,} without an outcome yet")
    lines += code_lines(summary.codes) + example_lines(summary.examples) + note_lines(summary.notes)
    again = f" in {summary.attempts} attempts" if summary.attempts > 1 else ""
    limited = f", {summary.traffic.rate_limited} of them rate limited" if summary.traffic.rate_limited else ""
    lines.append(f"{summary.traffic.requests:,} requests{limited}, {duration(summary.seconds)}{again}.")
    if summary.rejects:
        lines.append(f"{_REJECTS[summary.kind]}: {summary.rejects}")
    if summary.report:
        lines.append(f"Report: {summary.report}")
    if summary.run_id:
        lines.append(f"Run: {summary.run_id}")
    return lines


_REJECTS: Mapping[RunKind, str] = {
    "import": "Rows to mend and import again",
    "delete": "Rows whose contacts were not deleted, and why",
    "undo": "Contacts that could not be brought back, and why (IDs and phones: not a file to import)",
    "restore": "Contacts that were not restored, and why (IDs and phones: a list for --only, not a file to import)",
}
"""What the reject file of a run is for. Imported, one that holds no more than phones would make blank contacts."""


def check_text(summary: CheckSummary) -> str:
    """Return the end of a check as text."""
    lines = [f"Check of {summary.source}: nothing was sent"]
    lines += [f"  {file_line(file)}" for file in summary.files]
    counts = {"accepted": summary.accepted, "rejected": summary.rejected, "skipped": summary.skipped}
    lines += _counts(counts, summary.rows)
    lines.append("Columns:")
    width = min(max((len(header) for header in summary.columns), default=0), 40)
    lines += [f"  {header:<{width}} -> {target or '(not imported)'}" for header, target in summary.columns.items()]
    lines += code_lines(summary.codes) + example_lines(summary.examples) + note_lines(summary.notes)
    return "\n".join(lines)


def file_line(file: Mapping[str, Json]) -> str:
    """Return how a file was read: its encoding and why, its delimiter, its header, what was left out."""
    parts = [f"{file['encoding']} ({file['found_by']})", delimiter_name(str(file["delimiter"]))]
    if file.get("compression"):
        parts.insert(0, str(file["compression"]))
    parts.append(f"header in line {file['header_line']}" if file["header_line"] else "no header")
    left_out = {"preamble_lines": "lines above it left out", "comment_lines": "comment lines left out"}
    parts += [f"{file[key]:,} {text}" for key, text in left_out.items() if file[key]]
    if file.get("left_out"):
        parts.append(f"NOT read, beside it: {', '.join(file['left_out'])}")
    return f"{file['name']}: {', '.join(parts)}"


def delimiter_name(delimiter: str) -> str:
    """Return what a person calls a delimiter."""
    return {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}.get(delimiter, repr(delimiter))


def plan_text(summary: PlanSummary) -> str:
    """Return a plan as text."""
    tally = summary.tally
    against = f" against {summary.against}" if summary.against else ""
    lines = [f"Plan for {summary.source}{against}: nothing was written"]
    counts = {"to create": tally.created, "to update": tally.updated}
    counts |= {name: getattr(tally, name) for name in ("unchanged", "skipped", "rejected")}
    lines += _counts(counts, tally.rows)
    if summary.fields:
        lines.append("Fields that change:")
        lines += field_lines(summary.field_totals)
    for example in summary.examples:
        lines.append(f"  line {example.line}: {example.kind} {mask_phone(example.phone)}")
        lines += [
            f"      {field.name}: {shown_value(field, field.old)} -> {shown_value(field, field.new)}"
            for field in example.fields
        ]
    if summary.fields_to_create:
        lines.append(f"Custom fields to be made: {', '.join(summary.fields_to_create)}")
    if summary.channel_adds:
        lines.append(f"Further phones and addresses to be added where they are not there: {summary.channel_adds:,}")
    lines += [f"Contacts to be added to list {number}: {count:,}" for number, count in summary.list_adds.items()]
    if summary.unverifiable:
        said = ", ".join(f"{count:,} {name}" for name, count in summary.unverifiable.items())
        lines.append(f"Unverifiable, and not planned again: {said}")
    lines += code_lines(summary.codes) + example_lines(summary.rejects) + note_lines(summary.notes)
    pace = f", about {duration(summary.seconds)} at the request limit" if summary.seconds else ""
    lines.append(f"The import needs about {summary.requests:,} requests{pace}.")
    if summary.plan:
        lines.append(f"Apply exactly this with: hmpipe import --plan {summary.plan}")
    return "\n".join(lines)


def runs_text(runs: Iterable[RunEntry]) -> str:
    """Return the list of runs as text."""
    lines = []
    for run in runs:
        counts = ", ".join(f"{getattr(run.tally, name):,} {name}" for name in _TALLY_NAMES if getattr(run.tally, name))
        what = run.problem or f"{run.tally.rows:>9,} rows  {run.source}  {counts}"
        lines.append(f"{run.run_id}  {run.state:<13} {what}".rstrip())
    return "\n".join(lines) or "No runs yet."


def details_lines(details: RunDetails) -> list[str]:
    """Return what `hmpipe runs show` says beyond the end of the run, line by line."""
    lines = ["Fields that were written:"] if details.fields else []
    for name, kinds in details.fields.items():
        lines.append(f"  {sum(kinds.values()):>9,} {name}: {', '.join(f'{n:,} {kind}' for kind, n in kinds.items())}")
    lines += ["The service was seen to behave so:"] if details.traits else []
    lines += [f"  {name}: {text}" for name, text in details.traits.items()]
    return [*lines, *(f"Undone by run {run} ({state})." for run, state in details.undone_by)]


def purge_text(summary: PurgeSummary) -> str:
    """Return what a purge removed, or would remove, as text."""
    count = len(summary.removed)
    runs = "run" if count == 1 else "runs"
    lines = []
    if count:
        verb = "would be removed" if summary.is_dry else "removed"
        lines.append(f"{count:,} {runs} {verb} ({size_text(summary.size)}):")
        lines += [f"  {line}" for line in runs_text(summary.removed).splitlines()]
        can = "could then" if summary.is_dry else "can"
        lines.append(
            f"What {'it' if count == 1 else 'they'} changed {can} no longer be undone, and"
            f" {'its' if count == 1 else 'their'} reject files go as well."
        )
    else:
        lines.append("No run is to be removed.")
    unreadable = f", {summary.unreadable:,} of them unreadable" if summary.unreadable else ""
    lines.append(f"{summary.kept:,} {'run stays' if summary.kept == 1 else 'runs stay'}{unreadable}.")
    return "\n".join(lines)


def fields_text(fields: Iterable[CustomField]) -> str:
    """Return the custom fields as text."""
    return "\n".join(f"{field.id:>12}  {field.title or '(no title)'}" for field in fields) or "No custom fields."


def doctor_text(report: DoctorReport) -> str:
    """Return the doctor's findings as text."""
    return "\n".join(f"[{finding.state:^7}] {finding.name}: {finding.text}" for finding in report.findings)


_TALLY_NAMES = tuple(kind.value for kind in OutcomeKind)


def ending(summary: RunSummary) -> str:
    """Return how a run ended, in a few words."""
    if summary.error:
        return "stopped before its end" if summary.run_id else "not started"
    return "finished, with rows to look at" if summary.exit_code else "finished"


def _counts(counts: Mapping[str, int], rows: int) -> list[str]:
    lines = [f"  {count:>9,} {name}" for name, count in counts.items() if count]
    return [*lines, f"  {rows:>9,} rows in all" if rows else "  The file has a header and no rows."]


def code_lines(codes: Mapping[str, int]) -> list[str]:
    """Return the counts by code, line by line."""
    return ["By reason:", *(f"  {count:>9,} {code}" for code, count in codes.items())] if codes else []


def example_lines(examples: Iterable[Example]) -> list[str]:
    """Return some rows and what is wrong with them, line by line."""
    lines = []
    for example in examples:
        where = f", column {example.column!r}" if example.column else ""
        # Not repr: it would double the backslashes of bytes that are shown as escapes.
        cell = _short(" ".join(example.value.split()))
        value = f" '{cell}':" if cell else ""
        lines.append(f"  line {example.line}{where}:{value} {example.reason} [{example.code}]")
    return ["For example:", *lines] if lines else []


def note_lines(notes: Mapping[str, int]) -> list[str]:
    """Return the warnings first, then what was recovered or recognised, line by line."""
    lines = []
    for heading, known in (("Doubtful, and taken all the same:", WARNINGS), ("Worth knowing:", NOTES)):
        found = {note: count for note, count in notes.items() if (note in WARNINGS) is (known is WARNINGS)}
        if found:
            lines.append(heading)
            lines += [f"  {count:>9,} {note_text(note)}" for note, count in found.items()]
    return lines


def note_text(note: str) -> str:
    """Return what a note means."""
    name, _, detail = note.partition(":")
    if name == "phone_from":
        return f"phones came from the column {detail!r}, because those before it had no valid one [phone_from]"
    text = {**NOTES, **WARNINGS}.get(name, name.replace("_", " "))
    return f"{text} [{name}]"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def duration(seconds: float) -> str:
    """Return a time as a person says it."""
    if seconds < 120:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def size_text(count: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:,.0f} {unit}"
        count //= 1000
    return f"{count:,} GB"
