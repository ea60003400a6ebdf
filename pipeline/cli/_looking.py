"""The commands that only look: doctor, fields, runs, snapshots.

What only some of them need is imported by those: the client takes half a second to load.
"""

from pathlib import Path
from typing import Annotated

import typer

from pipeline import report, runfolder
from pipeline.cli._session import Session, with_session

fields = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Look at the account's custom fields.")
runs = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Look at earlier imports.")
backups = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List and verify snapshots.")


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
    from pipeline import run  # noqa: PLC0415

    account = session.account()
    found = session.run(
        lambda _: run.run_doctor(account, forget_traits=forget_traits, forget_unverifiable=forget_unverifiable)
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
    from pipeline import run  # noqa: PLC0415

    account = session.account()
    found = session.run(lambda _: run.list_fields(account))
    result = {"fields": [{"id": field.id, "title": field.title} for field in found], "exit_code": 0}
    session.end(report.fields_text(found), result, 0)


@runs.command(name="list")
@with_session
def runs_list(session: Session) -> None:
    """List the imports of this machine, newest first.

    \b
    Example:
      hmpipe runs list
    """
    found = runfolder.list_runs(session.settings().paths.runs)
    session.end(report.runs_text(found), {"runs": [entry.as_json() for entry in found], "exit_code": 0}, 0)


@runs.command(name="show")
@with_session
def runs_show(
    session: Session,
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="The run's ID, the beginning of it, or last.")],
) -> None:
    """Show one run: its counts, its reasons, its files, and which run has undone it.

    \b
    Example:
      hmpipe runs show 20261123T0412
    """
    from pipeline import attempt  # noqa: PLC0415

    folder = session.settings().paths.runs
    found = runfolder.open_run(folder, run_id)
    with found.journal:
        summary = attempt.summarise(found)
    undoings = runfolder.list_undoings(folder, found.run_id)
    text = report.run_text(summary) if summary.kind == "import" else report.reversal_text(summary)
    text = "\n".join([text, *(f"Undone by run {undoing} ({state})." for undoing, state in undoings)])
    result = summary.as_json() | ({"undone_by": [undoing for undoing, _ in undoings]} if undoings else {})
    session.end(text, result, 0, summary.error)


@backups.command(name="list")
@with_session
def snapshots_list(session: Session) -> None:
    """List the snapshots of the folder in the settings, newest first.

    \b
    Example:
      hmpipe snapshots list
    """
    from pipeline import snapshots  # noqa: PLC0415

    found = snapshots.list_snapshots(Path(session.settings().paths.snapshots))
    result = {
        "snapshots": [
            {
                "snapshot": str(entry.path),
                "contacts": entry.contacts,
                "bytes": entry.bytes,
                "complete": entry.complete,
                "account": entry.account,
                "age_seconds": round(entry.age.total_seconds()) if entry.age else None,
                "problem": entry.problem,
            }
            for entry in found
        ],
        "exit_code": 0,
    }
    session.end(report.snapshots_text(found), result, 0)


@backups.command(name="verify")
@with_session
def snapshots_verify(
    session: Session, path: Annotated[Path, typer.Argument(metavar="PATH", help="The folder of one snapshot.")]
) -> None:
    """Recompute every checksum, count and order of a snapshot. Works offline and needs no settings.

    Ends with 0 when it is whole, 3 when it is intact but partial, 1 when it is damaged.

    \b
    Example:
      hmpipe snapshots verify snapshots/20261123T041200Z-full
    """
    from pipeline import snapshots  # noqa: PLC0415

    found = snapshots.verify_snapshot(path)
    result = {
        "snapshot": str(found.path),
        "contacts": found.contacts,
        "complete": found.exit_code == 0,
        "problems": list(found.problems),
        "reason": found.reason,
        "exit_code": found.exit_code,
    }
    session.end(report.verification_text(found), result, found.exit_code)
