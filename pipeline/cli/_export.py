"""The command that backs the account up."""

from typing import Annotated

import typer

from pipeline import report
from pipeline.cli._account import open_account
from pipeline.cli._session import Session, with_session
from pipeline.cli._work import run_job
from pipeline.jobs.export import ExportJob, run_export

_Since = Annotated[
    str | None,
    typer.Option(metavar="SNAPSHOT", help="Only what changed since this snapshot; 'last' is the newest complete one."),
]
_Full = Annotated[bool, typer.Option("--full", help="With --since: read everything, which finds deleted contacts.")]


@with_session
def export(session: Session, since: _Since = None, full: _Full = False) -> None:
    """Back up every contact of the account into a new snapshot, and prove that it is whole.

    An export that was interrupted or killed is continued by the same command. A snapshot whose walk could not be
    proved is kept, says complete: false, and the command ends with 3.

    \b
    Examples:
      hmpipe export
      hmpipe export --since last
      hmpipe export -c full_backup.toml --json
    """
    job = ExportJob(open_account(session), since, full)
    summary = run_job(session, lambda progress: run_export(job, progress))
    session.end(report.export_text(summary), summary.as_json(), summary.exit_code, summary.error)
