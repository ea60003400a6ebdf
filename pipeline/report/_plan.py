"""A plan as text and as a page: what a run would do, field by field, phones masked."""

import re
from collections.abc import Iterable

from pipeline.models import FieldChange, Json, mask_phone
from pipeline.report._run import NOT_RESTORED, TITLES
from pipeline.report._tables import consent_table, reasons_tables
from pipeline.report._text import consent_lines, count_lines, duration, reason_lines, row_lines, shortened
from pipeline.report._words import AUTOMATIONS
from pipeline.report.page import Breakdown, Count, HtmlPage, HtmlTable, Tone, render_page
from pipeline.results import FieldTotals, PlannedExample, PlanSummary, ReversalPlan

_OPT_OUTS = "Contacts to be opted out because a rejected or skipped row says so"

_PHONE = re.compile(r"\+?[\d\s().-]{9,24}")


def plan_text(summary: PlanSummary) -> str:
    """Return the plan of an import as text."""
    tally = summary.tally
    against = f" against {summary.against}" if summary.against else ""
    lines = [*consent_lines(summary.consent), f"Plan for {summary.source}{against}: nothing was written"]
    counts = {"to create": tally.created, "to update": tally.updated}
    counts |= {name: getattr(tally, name) for name in ("unchanged", "skipped", "rejected")}
    lines += row_lines(counts, tally.rows)
    if summary.fields:
        lines.append("Fields that change:")
        lines += _field_lines(summary.field_totals)
    for example in summary.examples:
        lines += _example_lines(example, f"line {example.line}: ")
    if summary.opted_out_of_rejected_row:
        lines.append(f"{_OPT_OUTS}: {summary.opted_out_of_rejected_row:,}")
    if summary.fields_to_create:
        lines.append(f"Custom fields to be made: {', '.join(summary.fields_to_create)}")
    lines += _call_lines(summary)
    lines += [f"Contacts to be added to list {number}: {count:,}" for number, count in summary.list_adds.items()]
    if summary.unverifiable:
        said = ", ".join(f"{count:,} {name}" for name, count in summary.unverifiable.items())
        lines.append(f"Unverifiable, and not planned again: {said}")
    lines += reason_lines(summary.codes, summary.skipped_codes, summary.rejects, summary.notes)
    pace = f", about {duration(summary.seconds)} at the request limit" if summary.seconds else ""
    lines += [AUTOMATIONS] if summary.tally.created else []
    lines.append(f"The import needs about {summary.requests:,} requests{pace}.")
    if summary.plan:
        lines.append(f"Apply exactly this with: hmpipe import --plan {summary.plan}")
    return "\n".join(lines)


def reversal_plan_text(found: ReversalPlan) -> str:
    """Return the plan of an undo, a deletion or a restore as text."""
    plan, tally = found.plan, found.plan.tally
    lines = [f"Plan for the {TITLES[found.kind].lower()} {plan.source}: nothing was written"]
    counts = {"to restore": tally.updated, "to make anew": tally.created, "to delete": tally.deleted}
    counts |= {name: getattr(tally, name) for name in ("unchanged", "skipped", "rejected")}
    lines += count_lines(counts)
    lines.append(f"  {tally.rows:>9,} contacts in all" if tally.rows else "There is nothing to do.")
    if plan.fields:
        lines += ["Fields that change:", *count_lines(plan.fields)]
    for example in plan.examples:
        lines += _example_lines(example)
    lines += _call_lines(plan)
    lines += reason_lines(plan.codes, plan.skipped_codes, found.left, plan.notes)
    pace = f", about {plan.seconds / 60:.0f} min at the request limit" if plan.seconds >= 60 else ""
    lines += [AUTOMATIONS] if tally.created else []
    if found.kind == "restore":
        lines.append(NOT_RESTORED)
    return "\n".join([*lines, f"It needs about {plan.requests:,} requests{pace}."])


def _call_lines(plan: PlanSummary) -> list[str]:
    """Say what is done by calls of their own, apart from the fields of a contact."""
    counts = {
        "Further phones and addresses to be taken away again": plan.channel_drops,
        "Contacts to be blocked or unblocked, where they are not so": plan.status_sets,
        "Further phones and addresses to be added where they are not there": plan.channel_adds,
    }
    return [f"{what}: {count:,}" for what, count in counts.items() if count]


def _example_lines(example: PlannedExample, where: str = "") -> list[str]:
    fields = [f"      {field.name}: {_arrow(field)}" for field in example.fields]
    return [f"  {where}{example.kind} {mask_phone(example.phone)}", *fields]


def _field_lines(totals: Iterable[FieldTotals]) -> list[str]:
    lines = []
    for each in totals:
        words = {"filled": each.filled, "changed": each.changed, "erased": each.erased}
        if each.name == "is_opted_out":
            words = {"opted out, and not to be texted": each.filled + each.changed, "opted in again": each.erased}
        said = ", ".join(f"{count:,} {word}" for word, count in words.items() if count)
        lines.append(f"  {sum(words.values()):>9,} {each.name}: {said}")
        lines += [f"            {count:>9,} {_arrow(pair)}" for pair, count in each.pairs if count > 1]
    return lines


def _arrow(field: FieldChange) -> str:
    return f"{_shown(field.old, field.name)} -> {_shown(field.new, field.name)}"


def _shown(value: Json, name: str = "") -> str:
    """Return the value of a field as it may be shown: short, and masked where it is written like a phone."""
    if name == "tags" and not isinstance(value, str):
        return "tags " + ", ".join(str(tag) for tag in value) if value else "(none)"
    if value is None or value == "":
        return "(empty)"
    text = str(value)
    digits = re.sub(r"\D", "", text)
    if len(digits) >= 9 and _PHONE.fullmatch(text.strip()):
        return mask_phone(digits)
    return shortened(text)


def plan_page(summary: PlanSummary) -> str:
    """Return a plan as an HTML document."""
    tally = summary.tally
    return render_page(
        HtmlPage(
            title=f"Plan for {summary.source}",
            subtitle=f"What an import would do to {summary.against or 'the account'}. Nothing was written.",
            verdict=_verdict(summary),
            tone=Tone.BAD if tally.rejected else Tone.GOOD,
            counts=Breakdown(
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
            sections=_tables(summary),
            footer="Phones are masked. Each row is counted once: none is lost.",
        )
    )


def _verdict(summary: PlanSummary) -> str:
    changes = summary.tally.created + summary.tally.updated + summary.opted_out_of_rejected_row
    said = f"{changes:,} contacts would be written" if changes else "Nothing would be written"
    return f"{said}; {summary.tally.rejected:,} rows are rejected." if summary.tally.rejected else f"{said}."


def _facts(summary: PlanSummary) -> tuple[tuple[str, str | int], ...]:
    facts: list[tuple[str, str | int]] = [("Requests needed, about", summary.requests)]
    if summary.seconds:
        facts.append(("Minutes at the request limit, about", max(1, round(summary.seconds / 60))))
    if summary.opted_out_of_rejected_row:
        facts.append((_OPT_OUTS, summary.opted_out_of_rejected_row))
    if summary.fields_to_create:
        facts.append(("Custom fields to be made", ", ".join(summary.fields_to_create)))
    if summary.plan:
        facts.append(("Saved as", summary.plan))
    return tuple(facts)


def _tables(summary: PlanSummary) -> tuple[HtmlTable, ...]:
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
        (
            f"line {example.line}",
            example.kind,
            mask_phone(example.phone),
            field.name,
            _shown(field.old, field.name),
            _shown(field.new, field.name),
        )
        for example in summary.examples
        for field in example.fields
    )
    return (
        consent_table(summary.consent),
        HtmlTable("Fields that change", ("Field", "Filled", "Changed", "Erased", "Most frequent changes"), changes),
        HtmlTable("Examples", ("Row", "What", "Phone", "Field", "Old", "New"), examples),
        HtmlTable(
            "Lists", ("List", "Contacts to be added"), tuple((f"list {n}", c) for n, c in summary.list_adds.items())
        ),
        HtmlTable(
            "Unverifiable",
            ("Field", "Contacts"),
            tuple(summary.unverifiable.items()),
            note="Written by an earlier import or not shown by the service: it cannot be compared and is not planned.",
        ),
        *reasons_tables(summary.codes, summary.skipped_codes),
        HtmlTable(
            "Examples of rejected rows",
            ("Line", "Column", "Value", "What is wrong"),
            tuple((str(each.line), each.column, _shown(each.value), each.reason) for each in summary.rejects),
        ),
    )
