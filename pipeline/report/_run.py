"""Runs as a person reads them on a terminal: imports, undos, deletions and restores, lists of runs, their removal."""

from collections.abc import Iterable, Mapping

from pipeline.models import OutcomeKind, Tally
from pipeline.report._text import consent_lines, count_lines, duration, reason_lines, row_lines, size_text
from pipeline.results import RunDetails, RunSummary
from pipeline.runs import PurgeSummary, RunEntry, RunKind

TITLES: Mapping[RunKind, str] = {
    "import": "Import of",
    "undo": "Undo of",
    "delete": "Deletion by",
    "restore": "Restore of",
}

_REJECTS: Mapping[RunKind, str] = {
    "import": "Rows to mend and import again",
    "delete": "Rows whose contacts were not deleted, and why",
    "undo": "Contacts that could not be brought back, and why (IDs and phones: not a file to import)",
    "restore": "Contacts that were not restored, and why (IDs and phones: a list for --only, not a file to import)",
}
"""What the reject file of a run is for. Imported, one that holds no more than phones would make blank contacts."""

NOT_RESTORED = (
    "A snapshot does not hold conversations or memberships of lists: these do not come back; further channels do where"
    " it holds them (export.detail)."
)


def run_text(summary: RunSummary) -> str:
    """Return the end of a run as text: what it did, its reasons, its files, and how it is taken back."""
    tally, traffic = summary.tally, summary.traffic
    lines = [*consent_lines(summary.consent), f"{TITLES[summary.kind]} {summary.source}: {_ending(summary)}"]
    if summary.run_id and (tally.rows or summary.kind == "import"):
        lines += row_lines(_outcomes(tally), tally.rows)
    lines += count_lines({"without an outcome yet": summary.pending})
    lines += reason_lines(summary.codes, summary.skipped_codes, summary.examples, summary.notes)
    again = f" in {summary.attempts} attempts" if summary.attempts > 1 else ""
    limited = f", {traffic.rate_limited} of them rate limited" if traffic.rate_limited else ""
    lines.append(f"{traffic.requests:,} requests{limited}, {duration(summary.seconds)}{again}.")
    left_out = "Cells that were left out of their contacts, and why"
    files = {
        _REJECTS[summary.kind]: summary.rejects,
        left_out: summary.warnings,
        "Contacts that may be texted although an older no is known": summary.came_back_list,
        "Report": summary.report,
        "Run": summary.run_id,
    }
    lines += [f"{what}: {path}" for what, path in files.items() if path]
    return "\n".join([*lines, *_reversal_lines(summary)])


def _ending(summary: RunSummary) -> str:
    if summary.error:
        return "stopped before its end" if summary.run_id else "not started"
    return "finished, with rows to look at" if summary.exit_code else "finished"


def _reversal_lines(summary: RunSummary) -> list[str]:
    """Return what only an undo, a deletion or a restore has to say."""
    tally, lines = summary.tally, []
    if summary.kind != "import" and not tally.rows and not summary.error:
        lines.append("There was nothing to do.")
    if summary.kept_list:
        lines.append(f"Contacts that were left as they are, and why: {summary.kept_list}")
    if summary.kind == "delete" and tally.deleted:
        lines.append(f"The deleted contacts are saved in the run; 'hmpipe undo {summary.run_id}' makes them anew.")
    if summary.kind == "restore" and summary.run_id and not summary.error:
        lines.append(NOT_RESTORED)
        if tally.created:
            lines.append(
                f"'hmpipe undo {summary.run_id} --delete-created' takes it back; without --delete-created the"
                f" {tally.created:,} that were made anew stay."
            )
        elif tally.updated:
            lines.append(f"'hmpipe undo {summary.run_id}' takes it back.")
    return lines


def _outcomes(tally: Tally) -> dict[str, int]:
    return {kind.value: getattr(tally, kind.value) for kind in OutcomeKind}


def runs_text(runs: Iterable[RunEntry]) -> str:
    """Return the list of runs as text."""
    lines = []
    for run in runs:
        counts = ", ".join(f"{count:,} {name}" for name, count in _outcomes(run.tally).items() if count)
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
