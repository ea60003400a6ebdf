"""Undos, deletions and restores as a person reads them on a terminal."""

from pipeline.models import mask_phone
from pipeline.report._plan import shown_value
from pipeline.report._text import code_lines, ending, example_lines, note_lines, run_lines
from pipeline.results import ReversalPlan, RunSummary

_TITLES = {"undo": "Undo of", "delete": "Deletion by", "restore": "Restore of"}
_NAMES = {"undo": "undo of", "delete": "deletion by", "restore": "restore of"}


_NOT_RESTORED = (
    "A snapshot does not hold conversations, memberships of lists, or further channels: these do not come back."
)


def reversal_text(summary: RunSummary) -> str:
    """Return the end of an undo, a deletion or a restore as text."""
    lines = [f"{_TITLES[summary.kind]} {summary.source}: {ending(summary)}", *run_lines(summary)]
    if not summary.tally.rows and not summary.error:
        lines.append("There was nothing to do.")
    if summary.kept_list:
        lines.append(f"Contacts that were left as they are, and why: {summary.kept_list}")
    if summary.tally.deleted and summary.kind == "delete":
        lines.append(f"The deleted contacts are saved in the run; 'hmpipe undo {summary.run_id}' makes them anew.")
    if summary.kind == "restore" and summary.run_id and not summary.error:
        lines.append(_NOT_RESTORED)
        if summary.tally.created:
            lines.append(
                f"'hmpipe undo {summary.run_id} --delete-created' takes it back; without --delete-created the"
                f" {summary.tally.created:,} that were made anew stay."
            )
        elif summary.tally.updated:
            lines.append(f"'hmpipe undo {summary.run_id}' takes it back.")
    return "\n".join(lines)


def reversal_plan_text(found: ReversalPlan) -> str:
    """Return the plan of an undo, a deletion or a restore as text."""
    plan, tally = found.plan, found.plan.tally
    lines = [f"Plan for the {_NAMES[found.kind]} {plan.source}: nothing was written"]
    counts = {"to restore": tally.updated, "to make anew": tally.created, "to delete": tally.deleted}
    counts |= {name: getattr(tally, name) for name in ("unchanged", "skipped", "rejected")}
    lines += [f"  {count:>9,} {name}" for name, count in counts.items() if count]
    lines.append(f"  {tally.rows:>9,} contacts in all" if tally.rows else "There is nothing to do.")
    if plan.fields:
        lines.append("Fields that change:")
        lines += [f"  {count:>9,} {name}" for name, count in plan.fields.items()]
    for example in plan.examples:
        lines.append(f"  {example.kind} {mask_phone(example.phone)}")
        lines += [
            f"      {each.name}: {shown_value(each, each.old)} -> {shown_value(each, each.new)}"
            for each in example.fields
        ]
    lines += code_lines(plan.codes) + example_lines(found.left) + note_lines(plan.notes)
    pace = f", about {plan.seconds / 60:.0f} min at the request limit" if plan.seconds >= 60 else ""
    if found.kind == "restore":
        lines.append(_NOT_RESTORED)
    return "\n".join([*lines, f"It needs about {plan.requests:,} requests{pace}."])
