"""The commands about opt-outs that are known: list, add, export, release."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline import report
from pipeline.cli._account import open_account
from pipeline.cli._session import Session, command_group, with_session
from pipeline.cli._work import run_job
from pipeline.errors import UsageProblem
from pipeline.jobs.consent import add_consents, export_consents, list_consents, release_consents
from pipeline.reader.tables import expand_sources

consent = command_group("Look at the opt-outs that are known, add to them, pass them on, release some.")


@consent.command(name="list")
@with_session
def consent_list(session: Session) -> None:
    """List every phone that a no is known of, with where and when it was learned. Shows phones whole.

    \b
    Example:
      hmpipe consent list
    """
    found = list_consents(open_account(session))
    session.end(report.consents_text(found), found.as_json(), 0)


@consent.command(name="add")
@with_session
def consent_add(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A list of phones (CSV, .xlsx, ...), or - for stdin.")],
) -> None:
    """Put the phones of a list on the do-not-contact list of the account; nothing is sent.

    An import makes contacts of these phones opted out and opts out those that are there, whatever its rows say, until
    'hmpipe consent release'.

    \b
    Example:
      hmpipe consent add dnc.csv
    """
    sources = expand_sources([file])
    if len(sources) != 1:
        raise UsageProblem(f"{len(sources)} files match; one list at a time. Nothing was kept.")
    account = open_account(session)
    found = run_job(session, lambda progress: add_consents(account, sources[0], progress))
    session.end(report.consent_added_text(found), found.as_json(), found.exit_code)


@consent.command(name="export")
@with_session
def consent_export(
    session: Session,
    since: Annotated[
        str, typer.Option("--since", metavar="last|all", help="Only what is new since the last export, or all of it.")
    ] = "last",
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where the list is written.")] = Path(
        "consents.csv"
    ),
) -> None:
    """Write who said no, who may be texted again and who was released as a CSV file, for the CRM that feeds imports.

    What the service shows is learned by exports and imports: run 'hmpipe export' first for new STOPs.

    \b
    Examples:
      hmpipe consent export --since last -o stops.csv
      hmpipe consent export --since all -o everybody.csv
    """
    if since not in ("last", "all"):
        raise typer.BadParameter("it is last or all", param_hint="--since")
    session.keep_settings(output)
    found = export_consents(open_account(session), output, since_last=since == "last")
    session.end(report.consent_export_text(found), found.as_json(), 0)


@consent.command(name="release")
@with_session
def consent_release(
    session: Session,
    what: Annotated[str, typer.Argument(metavar="[PHONE|FILE]", help="A phone, or a list of phones.")] = "",
    run: Annotated[
        str, typer.Option("--run", metavar="RUN", help="What this run has said, instead: a wrong file was imported.")
    ] = "",
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Why; it is kept.")] = "",
) -> None:
    """Take back what is known against phones, the do-not-contact list included. Nobody is opted in by it.

    \b
    Examples:
      hmpipe consent release +14155550132 --why "asked by mail on 1 December"
      hmpipe consent release --run 20261123T0412 --why "the columns were swapped"
    """
    if bool(what) == bool(run):
        raise UsageProblem("Say whom: a phone, a list, or --run RUN (one of them). Nothing was released.")
    if not why.strip():
        raise UsageProblem("A release needs its reason. Nothing was released.", advice='Say --why "...".')
    account = open_account(session)
    found = run_job(session, lambda progress: release_consents(account, what, run, why.strip(), progress))
    session.end(report.consent_released_text(found), found.as_json(), found.exit_code)
