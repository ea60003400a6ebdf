"""The report of a run: one page from its journal alone, also of one that stopped or was killed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from pipeline.models import BAD_KINDS, OutcomeKind, mask_phone
from pipeline.report._changes import KINDS
from pipeline.report._course import Course, Stretch, read_course
from pipeline.report._examples import mask_example, mask_numbers, mask_reason, sample_rows
from pipeline.report._run import TITLES
from pipeline.report._tables import files_table, notes_tables
from pipeline.report._text import duration
from pipeline.report._words import code_text
from pipeline.report.page import Breakdown, CellValue, Chart, Count, HtmlPage, HtmlTable, Series, Tone, render_page
from pipeline.results import RunDetails, RunSummary
from pipeline.runs import RunKind
from pipeline.runs.journal import Journal, SettledRow, SourceFacts

_TONES = {
    OutcomeKind.CREATED: Tone.GOOD,
    OutcomeKind.UPDATED: Tone.GOOD,
    OutcomeKind.UNCHANGED: Tone.GOOD,
    OutcomeKind.SKIPPED: Tone.NEUTRAL,
    OutcomeKind.REJECTED: Tone.BAD,
    OutcomeKind.FAILED: Tone.BAD,
    OutcomeKind.UNKNOWN: Tone.BAD,
    OutcomeKind.DELETED: Tone.GOOD,
}
_UNITS: Mapping[RunKind, str] = {"import": "rows", "undo": "contacts", "delete": "rows", "restore": "contacts"}
_OF_CONTACTS = ("undo", "restore")
"""The kinds of runs that read no file of rows."""

_LEFT: Mapping[RunKind, str] = {
    "import": "Rows that were not imported",
    "undo": "Contacts that were left as they are",
    "delete": "Rows whose contacts were not deleted",
    "restore": "Contacts that were not restored",
}
_SKIPPED: Mapping[RunKind, str] = {
    "import": "Rows that were skipped: nothing has to be mended",
    "undo": "Contacts that were kept on purpose",
    "delete": "Rows that were skipped",
    "restore": "Contacts that were kept on purpose",
}
_EXPLAINED = (*BAD_KINDS, OutcomeKind.SKIPPED)


def run_page(summary: RunSummary, details: RunDetails, journal: Journal) -> str:
    """Return the report of a run as an HTML document. Phones are masked wherever they stand.

    `summary` and `details` are what the journal says about the run. Raises StorageFailed.
    """
    course = read_course(journal)
    sources = journal.facts.sources
    sections: tuple[HtmlTable | Chart, ...] = (
        _next_steps(summary, details),
        _field_changes(details),
        *_reasons(journal, summary.kind),
        *((_contacts_left(journal),) if summary.kind in _OF_CONTACTS else _examples(journal, sources)),
        *notes_tables(summary.notes),
        *_charts(course, summary.kind),
        _attempts(course),
        # What they say of a file is the form of their list.
        files_table([each.as_json() for each in sources if summary.kind not in _OF_CONTACTS], "Files that were read"),
        HtmlTable("How the service was seen to behave", ("Trait", "What was seen"), tuple(details.traits.items())),
    )
    return render_page(
        HtmlPage(
            title=f"{TITLES[summary.kind]} {summary.source}",
            subtitle=f"Run {summary.run_id}, begun {_moment(details.started)}",
            verdict=_verdict(summary, details),
            tone=Tone.BAD if summary.exit_code or summary.pending else Tone.GOOD,
            counts=_counts(summary),
            facts=tuple(_facts(summary)),
            sections=sections,
            footer="Made from the run's journal. Phone numbers are masked; times are UTC."
            + ("" if summary.kind in _OF_CONTACTS else " Rows are numbered by their line in the file."),
        )
    )


# --- what became of it -----------------------------------------------------------------------------------------------


def _verdict(summary: RunSummary, details: RunDetails) -> str:
    if details.state == "undone":
        return f"Undone before its end, and not continued. {_pending(summary)}"
    if details.state == "refused":
        return f"Refused before anything was written. {mask_numbers(summary.error)}"
    if summary.error:
        return f"Stopped before its end. {mask_numbers(summary.error)}"
    if details.state != "finished":
        return (
            f"Not finished: it was killed, or it is still running. {_pending(summary)} The same command goes on from"
            " here."
        )
    return _finished(summary)


def _pending(summary: RunSummary) -> str:
    unit = _UNITS[summary.kind]
    return f"{summary.pending:,} {f'{unit[:-1]} has' if summary.pending == 1 else f'{unit} have'} no outcome yet."


def _finished(summary: RunSummary) -> str:
    if not summary.tally.rows:
        return "The file has a header and no rows." if summary.kind == "import" else "There was nothing to do."
    unit = _UNITS[summary.kind][:-1]
    bad = sum(getattr(summary.tally, kind.value) for kind in BAD_KINDS)
    if bad:
        need = f"{unit} needs" if bad == 1 else f"{unit}s need"
        return f"Finished. {bad:,} {need} to be looked at; all others are done."
    if summary.exit_code:
        return "Finished, but it is not certain that all contacts are on their lists: see below."
    return f"Finished. Every {unit} has its outcome, and nothing needs to be looked at."


def _counts(summary: RunSummary) -> Breakdown:
    tally = summary.tally
    # An import deletes nothing, and its identity has no such term.
    kinds = [kind for kind in OutcomeKind if kind is not OutcomeKind.DELETED or summary.kind != "import"]
    counts = {kind: getattr(tally, kind.value) for kind in kinds}
    # None of them is neither good nor bad.
    parts = [Count(kind.value, count, _TONES[kind] if count else Tone.NEUTRAL) for kind, count in counts.items()]
    if summary.pending:
        parts.append(Count("without an outcome yet", summary.pending))
    unit = _UNITS[summary.kind]
    # The sum that holds on every run: rows = created + updated + ...
    identity = f"{tally.rows:,} {unit} = {' + '.join(f'{part.count:,} {part.label}' for part in parts)}"
    return Breakdown(unit, tuple(parts), identity)


def _facts(summary: RunSummary) -> Iterator[tuple[str, str | int]]:
    traffic, seconds = summary.traffic, summary.seconds
    yield "Took", duration(seconds)
    yield "Attempts", summary.attempts
    if seconds > 0:
        yield (
            f"{_UNITS[summary.kind].capitalize()} settled a minute, on average",
            round(summary.tally.settled * 60 / seconds),
        )
    yield "Requests", traffic.requests
    yield "Answered 429 (too many requests)", traffic.rate_limited
    yield "Requests repeated", traffic.retries
    if traffic.waited and traffic.requests:
        yield "A request was answered within, on average", f"{1000 * traffic.waited / traffic.requests:,.0f} ms"
    yield "Exit code", summary.exit_code


def _next_steps(summary: RunSummary, details: RunDetails) -> HtmlTable:
    """Return what a person can do now, most urgent first."""
    tally, rows = summary.tally, [("Undone", f"by run {run} ({state})") for run, state in details.undone_by]
    if details.state == "unfinished":
        rows.append(("Go on", f"{_again(summary)}: nothing that is settled is sent twice."))
    if details.state == "refused":
        rows.append(("Look first", "Nothing was written. The reason above says which setting refused it."))
    if summary.rejects and summary.kind == "import":
        how = "Mend their cells there, and import that file with the same settings."
        rows.append(
            ("Mend and import again", f"{summary.rejects} holds the rows that were not imported, and why. {how}")
        )
    elif summary.rejects:
        what = "" if summary.kind not in _OF_CONTACTS else " It holds IDs and phones alone: it is not a file to import."
        rows.append(("Look at", f"{summary.rejects} holds what could not be done, and why.{what}"))
    if tally.unknown:
        rows.append(("Make sure", "Whether the rows that are unknown took effect could not be found out."))
    if summary.kept_list:
        rows.append(("Kept", f"{summary.kept_list} lists the contacts that were left as they are, and why."))
    if (tally.created + tally.updated + tally.deleted + tally.unknown) and not details.undone_by:
        rows.append(
            ("Undo", f"hmpipe undo {summary.run_id} --plan shows what an undo would do; without --plan it does it.")
        )
    return HtmlTable("What to do next", ("What", "How"), tuple(rows))


def _again(summary: RunSummary) -> str:
    return f"Run 'hmpipe undo {summary.undone}' again" if summary.kind == "undo" else "Run the same command again"


# --- what was written, and what was not -------------------------------------------------------------------------------


def _field_changes(details: RunDetails) -> HtmlTable:
    rows: tuple[tuple[CellValue, ...], ...] = tuple(
        (name, *(found.get(kind, 0) for kind in KINDS)) for name, found in details.fields.items()
    )
    return HtmlTable(
        "Fields that were written",
        ("Field", "On new contacts", "Filled", "Changed", "Cleared"),
        rows,
        note="On how many contacts. Filled: it was empty before. Only writes that were read back count.",
    )


def _reasons(journal: Journal, run_kind: RunKind) -> Iterator[HtmlTable]:
    """Yield why rows were not taken, and why others were skipped: only the first are to be mended."""
    for heading, kinds in ((_LEFT[run_kind], BAD_KINDS), (_SKIPPED[run_kind], (OutcomeKind.SKIPPED,))):
        rows = tuple(
            (kind.value, code_text(code), code, count)
            for kind in kinds
            for code, count in journal.outcomes.codes(kind).items()
        )
        yield HtmlTable(heading, ("Outcome", "Reason", "Code", _UNITS[run_kind].capitalize()), rows)


def _examples(journal: Journal, sources: Sequence[SourceFacts]) -> Iterator[HtmlTable]:
    several = len(sources) > 1
    columns = (*(["File"] if several else []), "Line", "Code", "Column", "Value")
    for heading, why, kinds in (
        ("Examples", "What is wrong", BAD_KINDS),
        ("Examples of skipped rows", "Why", (OutcomeKind.SKIPPED,)),
    ):
        rows = tuple(
            (*([sources[row.source].name] if several else []), *_example(row))
            for kind in kinds
            for row in sample_rows(journal, kind)
        )
        yield HtmlTable(heading, (*columns, why), rows, note="Up to three for each reason.")


def _example(row: SettledRow) -> tuple[str | int, ...]:
    example = mask_example(row)
    # A line is a name, not an amount: without commas.
    return (str(example.line), example.code, example.column, " ".join(example.value.split()), example.reason)


def _contacts_left(journal: Journal) -> HtmlTable:
    """Return examples of an undo, whose rows are contacts: by their IDs, which stand in its list of what was kept."""
    rows = tuple(
        (row.cells[0], mask_phone(row.cells[1]), row.code, mask_reason(row.reason))
        for kind in _EXPLAINED
        for row in sample_rows(journal, kind)
    )
    return HtmlTable("Examples", ("Contact ID", "Phone", "Code", "Why"), rows, note="Up to three for each reason.")


# --- how it went ------------------------------------------------------------------------------------------------------


def _charts(course: Course, kind: RunKind) -> tuple[Chart, ...]:
    if not course.stretches:
        return ()
    points, gaps = _points(course.stretches)

    def series(label: str, tone: Tone, values: Sequence[float | None]) -> Series:
        left = list(values)
        for gap in gaps:
            left.insert(gap, None)
        return Series(label, tuple(left), tone)

    along = course.stretches
    charts = [
        Chart(
            f"{_UNITS[kind].capitalize()} a minute",
            "From (UTC)",
            points,
            (
                series(f"{_UNITS[kind]} settled", Tone.GOOD, [part.per_minute(part.done.settled) for part in along]),
                series("writes answered", Tone.NEUTRAL, [part.per_minute(part.written) for part in along]),
            ),
            note="A batch is settled as a whole, when all its writes are proved: the line rises in steps.",
        ),
        Chart(
            "Requests a minute",
            "From (UTC)",
            points,
            (series("requests", Tone.NEUTRAL, [part.per_minute(part.done.requests) for part in along]),),
        ),
        Chart(
            "Milliseconds to an answer",
            "From (UTC)",
            points,
            (series("on average", Tone.NEUTRAL, [_milliseconds(part.wait) for part in along]),),
            note="From a request's leaving to its answer; waiting for its turn at the request limit is no part of it.",
        ),
    ]
    if any(part.done.rate_limited or part.done.retries for part in along):
        troubles = (
            series("answered 429", Tone.BAD, [part.per_minute(part.done.rate_limited) for part in along]),
            series("repeated", Tone.NEUTRAL, [part.per_minute(part.done.retries) for part in along]),
        )
        charts.append(Chart("429s and repeated requests a minute", "From (UTC)", points, troubles))
    return tuple(charts)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else 1000 * seconds


def _points(stretches: Sequence[Stretch]) -> tuple[tuple[str, ...], list[int]]:
    """Return the words below the axis, and where a gap lies between two attempts."""
    words: list[str] = []
    gaps: list[int] = []
    form = "%H:%M:%S" if min(stretch.seconds for stretch in stretches) < 60 else "%H:%M"
    for before, stretch in zip((None, *stretches), stretches, strict=False):
        if before and before.attempt != stretch.attempt:
            gaps.append(len(words))
            words.append("")
        words.append(datetime.fromtimestamp(stretch.began, UTC).strftime(form))
    return tuple(words), gaps


def _attempts(course: Course) -> HtmlTable:
    rows = tuple(
        (
            part.number,
            _moment(datetime.fromtimestamp(part.began, UTC).isoformat()),
            duration(part.ended - part.began),
            round(part.done.settled),
            round(part.done.requests),
            round(part.done.rate_limited),
            round(part.done.retries),
        )
        for part in course.attempts
    )
    return HtmlTable(
        "Attempts",
        ("Attempt", "Began to send (UTC)", "Seen at work for", "Rows settled", "Requests", "Answered 429", "Repeated"),
        # One attempt is the run itself, and the facts above say the same.
        rows if len(rows) > 1 else (),
        note="The run was stopped or killed, and the same command went on with it.",
    )


def _moment(text: str) -> str:
    """Return a moment as a person reads it; the journal has ISO 8601."""
    try:
        return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    except ValueError:
        return text or "at an unknown time"
