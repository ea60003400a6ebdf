"""A plan as text and as a page: what an import would do, field by field, phones masked."""

import re
from collections.abc import Iterable

from pipeline.models import FieldChange, Json, mask_phone
from pipeline.report._words import CODES
from pipeline.report.page import Count, Counts, Page, Table, Tone, render_page
from pipeline.results import FieldTotals, PlanSummary

_PHONE = re.compile(r"\+?[\d\s().-]{9,24}")


def shown_value(field: FieldChange, value: Json) -> str:
    """Return a field's value as it may be shown: short, and masked where it is written like a phone."""
    if field.name == "tags" and not isinstance(value, str):
        return "tags " + ", ".join(str(tag) for tag in value) if value else "(none)"
    if value is None or value == "":
        return "(empty)"
    text = str(value)
    digits = re.sub(r"\D", "", text)
    if len(digits) >= 9 and _PHONE.fullmatch(text.strip()):
        return mask_phone(digits)
    return text if len(text) <= 60 else text[:57] + "..."


def field_lines(totals: Iterable[FieldTotals]) -> list[str]:
    """Return the table of field changes as lines of a terminal."""
    lines = []
    for each in totals:
        words = {"filled": each.filled, "changed": each.changed, "erased": each.erased}
        said = ", ".join(f"{count:,} {word}" for word, count in words.items() if count)
        lines.append(f"  {each.filled + each.changed + each.erased:>9,} {each.name}: {said}")
        lines += [f"            {count:>9,} {_arrow(pair)}" for pair, count in each.pairs if count > 1]
    return lines


def plan_page(summary: PlanSummary) -> str:
    """Return a plan as an HTML document."""
    tally = summary.tally
    return render_page(
        Page(
            title=f"Plan for {summary.source}",
            subtitle=f"What an import would do to {summary.against or 'the account'}. Nothing was written.",
            verdict=_verdict(summary),
            tone=Tone.BAD if tally.rejected else Tone.GOOD,
            counts=Counts(
                "rows",
                (
                    Count("to create", tally.created, Tone.GOOD),
                    Count("to update", tally.updated, Tone.GOOD),
                    Count("unchanged", tally.unchanged),
                    Count("skipped", tally.skipped),
                    Count("rejected", tally.rejected, Tone.BAD),
                ),
            ),
            facts=_facts(summary),
            tables=tuple(table for table in _tables(summary) if table.rows),
            footer="Phones are masked. Each row is counted once: none is lost.",
        )
    )


def _verdict(summary: PlanSummary) -> str:
    changes = summary.tally.created + summary.tally.updated
    said = f"{changes:,} contacts would be written" if changes else "Nothing would be written"
    return f"{said}; {summary.tally.rejected:,} rows are rejected." if summary.tally.rejected else f"{said}."


def _facts(summary: PlanSummary) -> tuple[tuple[str, str | int], ...]:
    facts: list[tuple[str, str | int]] = [("Requests needed, about", summary.requests)]
    if summary.seconds:
        facts.append(("Minutes at the request limit, about", max(1, round(summary.seconds / 60))))
    if summary.fields_to_create:
        facts.append(("Custom fields to be made", ", ".join(summary.fields_to_create)))
    if summary.plan:
        facts.append(("Saved as", summary.plan))
    return tuple(facts)


def _tables(summary: PlanSummary) -> tuple[Table, ...]:
    changes = tuple(
        (
            each.name,
            each.filled,
            each.changed,
            each.erased,
            "; ".join(f"{_arrow(pair)} ({n:,})" for pair, n in each.pairs),
        )
        for each in summary.field_totals
    )
    examples = tuple(
        (f"line {example.line}", example.kind, mask_phone(example.phone), field.name, *_both(field))
        for example in summary.examples
        for field in example.fields
    )
    return (
        Table("Fields that change", ("Field", "Filled", "Changed", "Erased", "Most frequent changes"), changes),
        Table("Examples", ("Row", "What", "Phone", "Field", "Old", "New"), examples),
        Table("Lists", ("List", "Contacts to be added"), tuple((f"list {n}", c) for n, c in summary.list_adds.items())),
        Table(
            "Unverifiable",
            ("Field", "Contacts"),
            tuple(summary.unverifiable.items()),
            note="Written by an earlier import or not shown by the service: it cannot be compared and is not planned.",
        ),
        Table(
            "Why rows are rejected or skipped",
            ("Reason", "Code", "Rows"),
            tuple((CODES.get(code, code.replace("_", " ")), code, count) for code, count in summary.codes.items()),
        ),
        Table(
            "Examples of rejected rows",
            ("Line", "Column", "Value", "What is wrong"),
            tuple(
                (str(each.line), each.column, shown_value(FieldChange("", "", ""), each.value), each.reason)
                for each in summary.rejects
            ),
        ),
    )


def _both(field: FieldChange) -> tuple[str, str]:
    return shown_value(field, field.old), shown_value(field, field.new)


def _arrow(field: FieldChange) -> str:
    old, new = _both(field)
    return f"{old} -> {new}"
