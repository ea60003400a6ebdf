"""The command that shows one person whole: find."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline import report
from pipeline.cli._account import open_account
from pipeline.cli._output import ask, can_ask
from pipeline.cli._session import Session, Yes, with_session
from pipeline.cli._work import run_job
from pipeline.errors import UsageProblem
from pipeline.jobs.duplicates import write_duplicates
from pipeline.jobs.find import export_person, find_people
from pipeline.jobs.forget import forget_people


@with_session
def find(
    session: Session,
    who: Annotated[
        str,
        typer.Argument(metavar="PHONE|EMAIL|UUID|ID", help="Whom to look for; a bare number may be a phone or an ID."),
    ] = "",
    *,
    history: Annotated[
        bool,
        typer.Option("--history", help="Also what runs of this machine wrote, and what else snapshots saw change."),
    ] = False,
    export: Annotated[
        Path | None,
        typer.Option(
            "--export",
            metavar="FILE",
            help="Write all that account, snapshots, runs and state hold of them into a new private file, as JSON.",
        ),
    ] = None,
    forget: Annotated[
        bool, typer.Option("--forget", help="Delete them for good, and let no old file or snapshot bring them back.")
    ] = False,
    duplicates: Annotated[
        Path | None,
        typer.Option(
            "--duplicates", metavar="FILE", help="Write who shares a phone or an address with another, instead."
        ),
    ] = None,
    snapshot: Annotated[
        str, typer.Option("--in", metavar="SNAPSHOT", help="The snapshot in which --duplicates looks.")
    ] = "last",
    yes: Yes = False,
) -> None:
    """Show what the account holds of somebody: fields, tags, channels, who opted them out.

    What the service does not tell is said to be unknown. Ends with 3 where nobody is found. Reads only, but for
    --forget, which deletes whom it shows after a yes, and names the snapshots and runs that still hold them.

    \b
    Examples:
      hmpipe find +14155550132
      hmpipe find ann@example.com --history
      hmpipe find 14155550132 --json
      hmpipe find ann@example.com --export ann.json
      hmpipe find --duplicates doubles.csv --in last
    """
    if bool(who) == bool(duplicates):
        raise UsageProblem("Say whom to look for, or --duplicates FILE (one of them). Nothing was asked.")
    if duplicates:
        session.keep_settings(duplicates)
        doubles = write_duplicates(session.settings(), snapshot, duplicates)
        session.end(report.duplicates_text(doubles), doubles.as_json(), 0)
    if export and forget:
        raise UsageProblem("Say --export or --forget: first the one, then the other. Nothing was asked.")
    account = open_account(session)
    if export:
        session.keep_settings(export)
        found = run_job(session, lambda _: export_person(account, who, export))
        session.end(f"{report.people_text(found)}\nWritten: {export}", found.as_json(), found.exit_code)
    found = run_job(session, lambda _: find_people(account, who, history=history))
    if not (forget and found.people):
        session.end(report.people_text(found), found.as_json(), found.exit_code)
    if not yes:
        if not can_ask():
            raise UsageProblem(
                "To forget somebody has to be confirmed, and there is no terminal to ask on. Nothing was sent.",
                advice="Look at them without --forget, then say --yes.",
            )
        ask(report.people_text(found), "Delete them for good?", "nothing was sent")
    done = run_job(session, lambda progress: forget_people(account, found.people, progress))
    session.end(report.forgotten_text(done), done.as_json(), done.deletion.exit_code, done.deletion.error)
