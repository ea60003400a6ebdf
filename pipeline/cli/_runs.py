"""The commands about earlier runs: list, show, report, purge."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline import report
from pipeline.cli._output import ask, can_ask
from pipeline.cli._session import DryRun, Session, Yes, command_group, with_session
from pipeline.errors import UsageProblem
from pipeline.jobs.runs import PurgeRule, describe_run, plan_purge, purge, report_run
from pipeline.runs import list_runs

runs = command_group("Look at earlier runs, report on them, remove old ones.")

_Run = Annotated[str, typer.Argument(metavar="RUN", help="The run's ID, the beginning of it, or last.")]
_Page = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there (default: into the run's folder).")
]
_Keep = Annotated[int | None, typer.Option(metavar="N", min=1, help="Keep the newest N runs, whatever their age.")]
_OlderThan = Annotated[
    float | None, typer.Option(metavar="DAYS", min=0, help="Remove only runs begun more than so many days ago.")
]


@runs.command(name="list")
@with_session
def runs_list(session: Session) -> None:
    """List the imports, undos and deletions of this machine, newest first.

    \b
    Example:
      hmpipe runs list
    """
    found = list_runs(session.settings().paths.runs)
    session.end(report.runs_text(found), {"runs": [entry.as_json() for entry in found], "exit_code": 0}, 0)


@runs.command(name="show")
@with_session
def runs_show(session: Session, run_id: _Run) -> None:
    """Show one run: its counts, its reasons, the fields it wrote, its files, and which run has undone it.

    \b
    Examples:
      hmpipe runs show last
      hmpipe runs show 20261123T0412 --json
    """
    summary, details = describe_run(session.settings().paths.runs, run_id)
    text = "\n".join([report.run_text(summary), *report.details_lines(details)])
    session.end(text, details.as_json(summary), 0, summary.error)


@runs.command(name="report")
@with_session
def runs_report(session: Session, run_id: _Run, output: _Page = None) -> None:
    """Write the report of a run anew, as one HTML page that opens offline and prints.

    It is made from the run's journal alone: also for a run that was killed or is still going on. Phones are masked.
    With the extra 'charts' installed (pip install 'heymarket-pipeline[charts]') it has charts, otherwise tables.

    \b
    Examples:
      hmpipe runs report last
      hmpipe runs report 20261123T0412 -o report.html
    """
    summary, details = report_run(session.settings().paths.runs, run_id, output)
    result = {"run_id": summary.run_id, "state": details.state, "report": summary.report, "exit_code": 0}
    session.end(f"Report: {summary.report}", result, 0)


@runs.command(name="purge")
@with_session
def runs_purge(
    session: Session, keep: _Keep = None, older_than: _OlderThan = None, *, dry_run: DryRun = False, yes: Yes = False
) -> None:
    """Remove the folders of old runs: journals with the contacts as they were before, summaries, reject files.

    What a removed run changed can no longer be undone. Never removed: the newest run, one that is unfinished or
    unreadable, and one that an undo needs that stays. With both options a run must be beyond the newest N and older
    than DAYS. On a terminal it shows what would go and asks; elsewhere it needs --yes.

    \b
    Examples:
      hmpipe runs purge --older-than 90 --dry-run
      hmpipe runs purge --keep 30 --older-than 90 --yes
    """
    if keep is None and older_than is None:
        raise UsageProblem(
            "It is not said which runs are old. Nothing was removed.",
            advice="Say --keep N, --older-than DAYS, or both; --dry-run shows what would go.",
        )
    folder = session.settings().paths.runs
    rule = PurgeRule.of(keep, older_than)
    planned = plan_purge(folder, rule)
    if dry_run or not planned.removed:
        session.end(report.purge_text(planned), planned.as_json() | {"dry_run": dry_run}, 0)
    if not yes:
        _ask(report.purge_text(planned))
    done = purge(folder, planned, rule)
    session.end(report.purge_text(done), done.as_json(), 0)


def _ask(plan: str) -> None:
    """Show what would be removed and ask. Raises UsageProblem for anything but a yes."""
    if not can_ask():
        raise UsageProblem(
            "A purge has to be confirmed, and there is no terminal to ask on. Nothing was removed.",
            advice="Look at it with --dry-run, then say --yes.",
        )
    ask(plan, "Remove them for good?", "nothing was removed")
