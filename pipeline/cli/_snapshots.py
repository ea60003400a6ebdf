"""The commands that look after snapshots: list, verify, materialize, diff, prune. None of them needs the account."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline import report
from pipeline.cli._output import ask, can_ask, say
from pipeline.cli._session import DryRun, Session, Yes, command_group, with_session
from pipeline.errors import UsageProblem
from pipeline.jobs import snapshots as jobs
from pipeline.snapshots import RetentionRules

snapshots = command_group("List, verify, compare, join and remove snapshots.")

_Place = Annotated[str, typer.Argument(metavar="SNAPSHOT", help="A folder, an address, a name, last or previous.")]
_Keep = Annotated[int, typer.Option(min=0, metavar="N")]


@snapshots.command(name="list")
@with_session
def snapshots_list(session: Session) -> None:
    """List the snapshots of the settings' folder or address, newest first, and what lies beside them.

    Beside them may lie drafts of exports that did not end, and what a removal that was cut short has left.

    \b
    Example:
      hmpipe snapshots list
    """
    found, left = jobs.list_backups(session.settings()), jobs.list_leftovers(session.settings())
    result = {
        "snapshots": [each.as_json() for each in found],
        "leftovers": [each.as_json() for each in left],
        "exit_code": 0,
    }
    session.end(report.snapshots_text(found, left, jobs.describe_place(session.settings())), result, 0)


@snapshots.command(name="verify")
@with_session
def snapshots_verify(session: Session, path: _Place) -> None:
    """Recompute every checksum, count and order of a snapshot, and of all that it builds on. Asks no account.

    Ends with 0 when it is whole, 3 when it is intact but partial, 1 when it is damaged.

    \b
    Examples:
      hmpipe snapshots verify snapshots/20261123T041200Z-full
      hmpipe snapshots verify last
    """
    found = jobs.verify_backup(path, session.settings)
    result = {
        "snapshot": found.path,
        "contacts": found.contacts,
        "complete": found.exit_code == 0,
        "problems": list(found.problems),
        "reason": found.reason,
        "chain": list(found.chain),
        "looked_inside": found.looked_inside,
        "exit_code": found.exit_code,
    }
    session.end(report.verification_text(found), result, found.exit_code)


@snapshots.command(name="materialize")
@with_session
def snapshots_materialize(
    session: Session,
    path: _Place,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="PLACE", help="The folder or address for it, beside its own.")
    ] = "",
    plain: Annotated[
        bool, typer.Option("--plain", help="Write it unencrypted, also of snapshots that are encrypted.")
    ] = False,
) -> None:
    """Make one full snapshot of a delta and all that it builds on: the account as it was then.

    \b
    Examples:
      hmpipe snapshots materialize last
      hmpipe snapshots materialize snapshots/20261123T041200Z-delta -o archive
    """
    made = jobs.materialize_backup(path, output, session.settings(), plain=plain)
    session.end(f"Snapshot: {made}", {"snapshot": made, "exit_code": 0}, 0)


@snapshots.command(name="diff")
@with_session
def snapshots_diff(
    session: Session,
    old: Annotated[str, typer.Argument(metavar="OLD", help="The earlier snapshot: as above.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The later snapshot: as above.")],
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write every change, a line each.")] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page to send on.")] = None,
) -> None:
    """Say which contacts were added, deleted and changed between two snapshots, field by field.

    Ends with 0 whether or not they differ. The screen and the page mask phones and values; the CSV file holds them.

    \b
    Examples:
      hmpipe snapshots diff previous last
      hmpipe snapshots diff last previous --csv changes.csv
    """
    session.keep_settings(csv, html)
    found = jobs.compare_backups(old, new, session.settings, csv, html)
    session.end(report.difference_text(found), found.as_json(), 0)


@snapshots.command(name="prune")
@with_session
def snapshots_prune(
    session: Session,
    *,
    keep_last: _Keep = 0,
    keep_daily: _Keep = 0,
    keep_weekly: _Keep = 0,
    keep_monthly: _Keep = 0,
    max_shrink: Annotated[
        float, typer.Option(min=0, max=1, help="A snapshot that shrank by more than this share counts for no rule.")
    ] = 0.2,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Remove snapshots that no rule keeps.

    Never removed: the newest complete one, what a kept delta builds on, what cannot be read or used, what is older than
    one that cannot be read, what shrank, and what has a name of your own.

    \b
    Examples:
      hmpipe snapshots prune --keep-daily 7 --keep-weekly 5 --keep-monthly 12 --dry-run
      hmpipe snapshots prune --keep-last 3 --yes
    """
    rules = RetentionRules(keep_last, keep_daily, keep_weekly, keep_monthly)
    if not rules.any:
        raise UsageProblem(
            "No rule says what to keep; nothing was removed.",
            advice="Say at least one of --keep-last, --keep-daily, --keep-weekly, --keep-monthly.",
        )
    plan = jobs.plan_pruning(session.settings(), rules, max_shrink)
    if dry_run:
        session.end(report.pruning_text(plan, is_done=False), plan.as_json(removed=0), 0)
    if plan.remove and not yes:
        _ask(report.pruning_text(plan, is_done=False), len(plan.remove))
    plan = jobs.prune(session.settings(), plan)
    session.end(report.pruning_text(plan, is_done=True), plan.as_json(removed=len(plan.remove)), 0)


def _ask(plan: str, count: int) -> None:
    """Show what would be removed and ask. Raises UsageProblem for anything but a yes."""
    if not can_ask():
        say(plan, sys.stderr)
        raise UsageProblem(
            f"{count} snapshots would be removed; nothing was.", advice="Say --yes where nobody can be asked."
        )
    ask(plan, f"Remove {count} snapshots?", "nothing was removed")
