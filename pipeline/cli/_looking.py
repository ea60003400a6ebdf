"""The commands that only look at the account: doctor, fields."""

from typing import Annotated

import typer

from pipeline import report
from pipeline.cli._account import open_account
from pipeline.cli._session import Session, command_group, with_session
from pipeline.cli._work import run_job
from pipeline.jobs.doctor import list_fields, run_doctor

fields = command_group("Look at the account's custom fields.")


@with_session
def doctor(
    session: Session,
    forget_traits: Annotated[
        bool, typer.Option("--forget-traits", help="Drop what earlier imports learned; the next one learns it anew.")
    ] = False,
    forget_unverifiable: Annotated[
        bool,
        typer.Option(
            "--forget-unverifiable",
            help="Drop what earlier imports wrote and cannot read back; lists are then filled once more.",
        ),
    ] = False,
) -> None:
    """Check the credentials and say how this account's service was seen to behave. Reads only.

    \b
    Examples:
      hmpipe doctor -c nightly.toml
      hmpipe doctor --forget-traits
    """
    account = open_account(session)
    found = run_job(
        session, lambda _: run_doctor(account, forget_traits=forget_traits, forget_unverifiable=forget_unverifiable)
    )
    session.end(report.doctor_text(found), found.as_json(), found.exit_code)


@fields.command(name="list")
@with_session
def fields_list(session: Session) -> None:
    """List the account's custom fields with their numeric IDs.

    \b
    Example:
      hmpipe fields list
    """
    account = open_account(session)
    found = run_job(session, lambda _: list_fields(account))
    result = {"fields": [{"id": field.id, "title": field.title} for field in found], "exit_code": 0}
    session.end(report.fields_text(found), result, 0)
