"""The command that shows one person whole: find."""

from typing import Annotated

import typer

from pipeline import report
from pipeline.cli._session import Session, with_session
from pipeline.cli._work import open_account, run_job
from pipeline.jobs.find import find_people


@with_session
def find(
    session: Session,
    who: Annotated[
        str,
        typer.Argument(metavar="PHONE|EMAIL|UUID|ID", help="Whom to look for; a bare number may be a phone or an ID."),
    ],
    history: Annotated[
        bool, typer.Option("--history", help="Also what runs of this machine wrote: when, old, new, by which run.")
    ] = False,
) -> None:
    """Show what the account holds of somebody: fields, tags, channels, who opted them out. Reads only.

    What the service does not tell is said to be unknown. Ends with 3 where nobody is found.

    \b
    Examples:
      hmpipe find +14155550132
      hmpipe find ann@example.com --history
      hmpipe find 14155550132 --json
    """
    account = open_account(session)
    found = run_job(session, lambda _: find_people(account, who, history=history))
    session.end(report.people_text(found), found.as_json(), found.exit_code)
