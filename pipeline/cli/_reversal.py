"""The commands that bring back or take away: undo, delete, restore."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, NoReturn

import typer

from pipeline import report
from pipeline.cli._account import open_account
from pipeline.cli._output import ask, can_ask
from pipeline.cli._session import Session, Yes, with_session
from pipeline.cli._work import run_job
from pipeline.errors import InputError, UsageProblem
from pipeline.jobs.delete import DeleteJob, plan_delete, run_delete
from pipeline.jobs.restore import RestoreJob, plan_restore, run_restore
from pipeline.jobs.undo import UndoJob, plan_undo, run_undo
from pipeline.reader.tables import Source, expand_sources
from pipeline.results import ReversalPlan, RunSummary
from pipeline.showing import quoted

_DAY = len("2026-11-20")

_Plan = Annotated[bool, typer.Option("--plan", help="Only say what would be done now; nothing is written.")]


@with_session
def undo(
    session: Session,
    run_id: Annotated[
        str, typer.Argument(metavar="RUN", help="The run's ID, the beginning of it, or last (the newest but undos).")
    ],
    plan: _Plan = False,
    delete_created: Annotated[
        bool, typer.Option("--delete-created", help="Delete the contacts that the run created and nobody has edited.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Bring what a run changed back to what it was before, and prove it.

    What was edited since is kept and listed, and no opt-out is taken back. An undo that was interrupted is continued
    by the same command, and an undo can be undone. On a terminal it shows what it would do and asks.

    \b
    Examples:
      hmpipe undo last --plan
      hmpipe undo 20261123T0412
      hmpipe undo 20261123T0412 --delete-created --yes
    """
    job = UndoJob(open_account(session), run_id, delete_created=delete_created)
    agreed: int | None = None
    if plan or (can_ask() and not yes):
        found = run_job(session, lambda progress: plan_undo(job, progress))
        _agree(session, found, only_plan=plan)
        job = UndoJob(job.account, found.undone, delete_created=delete_created)
        agreed = found.plan.tally.deleted
    elif delete_created and not yes:
        # Nobody can be asked: what would delete a contact needs a yes beforehand.
        _refuse_deletions(run_job(session, lambda progress: plan_undo(job, progress)))
        agreed = 0
    _end(session, run_job(session, lambda progress: run_undo(job, progress, most_deletions=agreed)))


def _refuse_deletions(found: ReversalPlan) -> None:
    if count := found.plan.tally.deleted:
        raise UsageProblem(
            f"This undo would delete {count:,} contacts, which has to be confirmed, and there is no terminal to ask on."
            " Nothing was sent.",
            advice="Look at it with --plan, then say --yes.",
        )


@with_session
def delete(
    session: Session,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A list of phones or contact IDs (CSV, .xlsx, ...), or - for stdin.")
    ],
    plan: _Plan = False,
    yes: Yes = False,
) -> None:
    """Delete the contacts of a list (phones, IDs, addresses, UUIDs), and prove that they are gone.

    Each is saved in the run before it goes, so that 'hmpipe undo' can make it anew; its conversation history is lost
    for good. On a terminal it shows what it would delete and asks; elsewhere it needs --yes.

    \b
    Examples:
      hmpipe delete leavers.csv --plan
      hmpipe delete leavers.csv
      hmpipe delete contact_ids.csv --yes --set import.max_changes=100
    """
    if not (plan or yes or can_ask()):
        raise UsageProblem(
            "A deletion has to be confirmed, and there is no terminal to ask on. Nothing was sent.",
            advice="Look at it with --plan, then say --yes.",
        )
    source = _single(file)
    if not (plan or yes) and source.path is None and not source.is_address:
        raise UsageProblem(
            f"{source.name} can be read only once, so it cannot be shown before it is deleted. Nothing was sent.",
            advice="Give a file, or say --yes.",
        )
    job = DeleteJob(open_account(session), source)
    agreed: int | None = None
    if plan or not yes:
        found = run_job(session, lambda progress: plan_delete(job, progress))
        _agree(session, found, only_plan=plan)
        agreed = found.plan.tally.deleted
    _end(session, run_job(session, lambda progress: run_delete(job, progress, most_deletions=agreed)))


@with_session
def restore(
    session: Session,
    snapshot: Annotated[
        str, typer.Argument(metavar="[SNAPSHOT]", help="A folder, an address, a name, last or previous.")
    ] = "",
    *,
    at: Annotated[
        str,
        typer.Option(
            "--at", metavar="DATE", help="The newest complete one of then, instead: 2026-11-20, or with a time (UTC)."
        ),
    ] = "",
    only: Annotated[
        str | None, typer.Option("--only", metavar="FILE", help="A list of the phones (or contact IDs) to restore.")
    ] = None,
    fields: Annotated[
        str, typer.Option("--fields", metavar="NAMES", help="Only these, divided by commas: Plan,owner,tags.")
    ] = "",
    plan: _Plan = False,
    into_other_account: Annotated[
        bool, typer.Option("--into-other-account", help="The snapshot may be of another account: match by phone only.")
    ] = False,
    allow_opt_in: Annotated[
        bool,
        typer.Option(
            "--allow-opt-in",
            help="Contacts made anew may be texted unless this snapshot says that they had opted out, whatever newer"
            " ones say.",
        ),
    ] = False,
    match_phone: Annotated[
        bool,
        typer.Option(
            "--match-phone",
            help="Where a contact is gone, and one of other names that is not in the snapshot has its phone: take it as"
            " the same person.",
        ),
    ] = False,
    yes: Yes = False,
) -> None:
    """Bring contacts back to what they are in a snapshot: make deleted ones anew, put changed ones back, and prove it.

    Contacts that the snapshot does not hold stay as they are, and no opt-out is taken back. A restore that was
    interrupted is continued by the same command; 'hmpipe undo' takes it back. On a terminal it shows what it would do
    and asks.

    \b
    Examples:
      hmpipe restore last --plan
      hmpipe restore snapshots/20261123T041200Z-full --only lost.csv
      hmpipe restore --at 2026-11-20 --plan
      hmpipe restore last --fields Plan,owner
    """
    source = _single(only) if only else None
    if bool(snapshot) == bool(at):
        raise UsageProblem("Say what to restore: a snapshot, or --at DATE (one of them). Nothing was sent.")
    moment = _moment(at) if at else None
    names = tuple(name.strip() for name in fields.split(",") if name.strip())
    flags = (into_other_account, allow_opt_in, match_phone)
    job = RestoreJob(open_account(session), snapshot, source, *flags, moment, names)
    if plan or (can_ask() and not yes):
        _agree(session, run_job(session, lambda progress: plan_restore(job, progress)), only_plan=plan)
    _end(session, run_job(session, lambda progress: run_restore(job, progress)))


def _moment(text: str) -> datetime:
    """Read a day (its end) or a moment in UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageProblem(f"--at {quoted(text)} is no date: say 2026-11-20, or 2026-11-20T04:00.") from None
    if len(text) == _DAY:
        moment += timedelta(days=1, microseconds=-1)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _single(file: str) -> Source:
    sources = expand_sources([file])
    if len(sources) != 1:
        raise InputError(
            f"{file} holds {len(sources)} tables; a deletion takes one list. Nothing was sent.",
            advice="Name one file.",
        )
    return sources[0]


def _agree(session: Session, found: ReversalPlan, *, only_plan: bool) -> None:
    """Show what would be done and ask; end the command where `only_plan` is wanted, or nothing is to be done.

    Raises UsageProblem for anything but a yes.
    """
    text = report.reversal_plan_text(found)
    what = ", ".join(f"{verb} {count:,}" for verb, count in found.effects.items() if count)
    if only_plan or not what:
        session.end(text, found.as_json(), found.exit_code)
    ask(text, f"This will {what}. Go on?", "nothing was sent")


def _end(session: Session, summary: RunSummary) -> NoReturn:
    session.end(report.run_text(summary), summary.as_json(), summary.exit_code, summary.error)
