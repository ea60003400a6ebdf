"""The report of an import: one page from its journal alone, also of a run that stopped or was killed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from pipeline.journal import Journal, SettledRow
from pipeline.models import BAD_KINDS, Json, OutcomeKind, Tally
from pipeline.page import Chart, Count, Counts, Page, Series, Table, Tone, render_page
from pipeline.report._changes import CHANGED, CLEARED, CREATED, FILLED, count_field_changes
from pipeline.report._course import Course, Stretch, read_course
from pipeline.report._masking import mask_example, mask_numbers
from pipeline.report._page import files_table, notes_table
from pipeline.report._text import EXAMPLES_PER_CODE, duration
from pipeline.report._words import CODES, FIELDS
from pipeline.summaries import RunSummary

_TONES = {
    OutcomeKind.CREATED: Tone.GOOD,
    OutcomeKind.UPDATED: Tone.GOOD,
    OutcomeKind.UNCHANGED: Tone.GOOD,
    OutcomeKind.SKIPPED: Tone.NEUTRAL,
    OutcomeKind.REJECTED: Tone.BAD,
    OutcomeKind.FAILED: Tone.BAD,
    OutcomeKind.UNKNOWN: Tone.BAD,
}
_EXPLAINED = (*BAD_KINDS, OutcomeKind.SKIPPED)
_WAITING = (
    "From the record of a write, just before it is sent, to its answer: waiting for its turn at the request limit is"
    " part of it."
)


def run_page(summary: RunSummary, journal: Journal) -> str:
    """Return the report of a run as an HTML document. Phones are masked wherever they stand.

    `summary` is what the journal says about the run. Raises StorageFailed.
    """
    state = journal.meta("state")
    course = read_course(journal)
    sources = json.loads(journal.meta("sources") or "[]")
    sections: tuple[Table | Chart, ...] = (
        _next_steps(summary, state),
        _field_changes(journal, sources),
        _reasons(journal),
        _examples(journal, sources),
        notes_table("Doubtful, and taken all the same", summary.notes, warnings=True),
        notes_table("Recovered and recognised", summary.notes, warnings=False),
        *_charts(course),
        _attempts(course),
        files_table(sources, "Files that were read"),
        _traits(journal),
    )
    return render_page(
        Page(
            title=f"Import of {summary.source}",
            subtitle=f"Run {summary.run_id}, begun {_moment(journal.meta('started'))}",
            verdict=_verdict(summary, state),
            tone=Tone.BAD if summary.exit_code or summary.pending else Tone.GOOD,
            counts=_counts(summary),
            facts=tuple(_facts(summary, journal)),
            tables=tuple(section for section in sections if isinstance(section, Chart) or section.rows),
            footer="Made from the run's journal. Phone numbers are masked; times are UTC. Rows are numbered by their"
            " line in the file.",
        )
    )


# --- what became of it -----------------------------------------------------------------------------------------------


def _verdict(summary: RunSummary, state: str) -> str:
    if state == "refused":
        return f"Refused before anything was written. {mask_numbers(summary.error)}"
    if summary.error:
        return f"Stopped before its end. {mask_numbers(summary.error)}"
    if state != "finished":
        return (
            f"Not finished: it was killed, or it is still running. {summary.pending:,} rows have no outcome yet; the"
            " same command goes on from here."
        )
    return _finished(summary) if summary.tally.rows else "The file has a header and no rows."


def _finished(summary: RunSummary) -> str:
    bad = sum(getattr(summary.tally, kind.value) for kind in BAD_KINDS)
    if bad:
        return f"Finished. {bad:,} {'row needs' if bad == 1 else 'rows need'} to be looked at; all others are done."
    if summary.exit_code:
        return "Finished, but it is not certain that all contacts are on their lists: see below."
    return "Finished. Every row has its outcome, and nothing needs to be looked at."


def _counts(summary: RunSummary) -> Counts:
    tally = summary.tally
    parts = [Count(kind.value, getattr(tally, kind.value), _TONES[kind]) for kind in OutcomeKind]
    if summary.pending:
        parts.append(Count("without an outcome yet", summary.pending))
    return Counts("rows", tuple(parts), _identity(tally, summary.pending))


def _identity(tally: Tally, pending: int) -> str:
    """Return the sum that holds on every run: rows = created + updated + ..."""
    terms = [f"{getattr(tally, kind.value):,} {kind.value}" for kind in OutcomeKind]
    terms += [f"{pending:,} without an outcome yet"] if pending else []
    return f"{tally.rows:,} rows = {' + '.join(terms)}"


def _facts(summary: RunSummary, journal: Journal) -> Iterator[tuple[str, str | int]]:
    traffic, seconds = summary.traffic, summary.seconds
    yield "Took", duration(seconds)
    yield "Attempts", summary.attempts
    if seconds > 0:
        yield "Rows settled a minute, on average", round(summary.tally.settled * 60 / seconds)
    yield "Requests", traffic.requests
    yield "Answered 429 (too many requests)", traffic.rate_limited
    yield "Requests repeated", traffic.retries
    half, most = journal.answer_seconds(0.5), journal.answer_seconds(0.95)
    if half is not None and most is not None:
        yield "Writes answered", f"half within {half:.2f} s, 95% within {most:.2f} s"
    yield "Exit code", summary.exit_code


def _next_steps(summary: RunSummary, state: str) -> Table:
    rows = []
    if summary.rejects:
        rows.append(("Mend and import again", f"{summary.rejects} holds the rows that were not imported, and why."))
    if summary.pending and state != "refused":
        rows.append(("Go on", "Run the same import command again: nothing that is settled is sent twice."))
    if summary.tally.created + summary.tally.updated + summary.tally.unknown:
        rows.append(("Undo", f"hmpipe undo {summary.run_id}"))
    return Table("What to do next", ("What", "How"), tuple(rows))


# --- what was written, and what was not -------------------------------------------------------------------------------


def _field_changes(journal: Journal, sources: Sequence[Mapping[str, Json]]) -> Table:
    titles = json.loads(journal.meta("titles") or "{}")
    names = {f"custom.{number}": f"{title} (custom field {number})" for number, title in titles.items()}
    for source in sources:
        names |= source.get("custom", {})
    rows = tuple(
        (_field_name(name, names), found[CREATED], found[FILLED], found[CHANGED], found[CLEARED])
        for name, found in count_field_changes(journal).items()
    )
    return Table(
        "Fields that were written",
        ("Field", "On new contacts", "Filled", "Changed", "Cleared"),
        rows,
        note="On how many contacts. Filled: it was empty before. Only writes that were read back count.",
    )


def _field_name(name: str, names: Mapping[str, str]) -> str:
    return names.get(name) or FIELDS.get(name) or name.replace("custom.", "custom field ")


def _reasons(journal: Journal) -> Table:
    rows = tuple(
        (kind.value, CODES.get(code, code.replace("_", " ")), code, count)
        for kind in _EXPLAINED
        for code, count in journal.codes(kind).items()
    )
    return Table("Rows that were not imported", ("Outcome", "Reason", "Code", "Rows"), rows)


def _examples(journal: Journal, sources: Sequence[Mapping[str, Json]]) -> Table:
    several = len(sources) > 1
    rows = tuple(
        (*([str(sources[row.source]["name"])] if several else []), *_example(row))
        for kind in _EXPLAINED
        for code in journal.codes(kind)
        for row in journal.settled_rows(kind, code=code, limit=EXAMPLES_PER_CODE)
    )
    columns = (*(["File"] if several else []), "Line", "Code", "Column", "Value", "What is wrong")
    return Table("Examples", columns, rows, note="Up to three for each reason.")


def _example(row: SettledRow) -> tuple[str | int, ...]:
    example = mask_example(row)
    # A line is a name, not an amount: without commas.
    return (str(example.line), example.code, example.column, " ".join(example.value.split()), example.reason)


def _traits(journal: Journal) -> Table:
    found = json.loads(journal.meta("traits") or "{}")
    rows = tuple((str(name).replace("_", " "), str(text)) for name, text in found.items())
    return Table("How the service was seen to behave", ("Trait", "What was seen"), rows)


# --- how it went ------------------------------------------------------------------------------------------------------


def _charts(course: Course) -> tuple[Chart, ...]:
    if not course.stretches:
        return ()
    points, gaps = _points(course.stretches)

    def series(label: str, tone: Tone, values: Sequence[float | None]) -> Series:
        left = list(values)
        for gap in gaps:
            left.insert(gap, None)
        return Series(label, tuple(left), tone)

    along = course.stretches
    return (
        Chart(
            "Rows a minute",
            "From (UTC)",
            points,
            (
                series("rows settled", Tone.GOOD, [part.per_minute(part.done.settled) for part in along]),
                series("contacts written", Tone.NEUTRAL, [part.per_minute(part.written) for part in along]),
            ),
        ),
        Chart(
            "Requests a minute",
            "From (UTC)",
            points,
            (
                series("requests", Tone.NEUTRAL, [part.per_minute(part.done.requests) for part in along]),
                series("answered 429", Tone.BAD, [part.per_minute(part.done.rate_limited) for part in along]),
                series("repeated", Tone.GOOD, [part.per_minute(part.done.retries) for part in along]),
            ),
        ),
        Chart(
            "Seconds to an answer",
            "From (UTC)",
            points,
            (
                series("half of the writes within", Tone.GOOD, [part.median for part in along]),
                series("95% within", Tone.NEUTRAL, [part.slow for part in along]),
            ),
            note=_WAITING,
        ),
    )


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


def _attempts(course: Course) -> Table:
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
    return Table(
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
