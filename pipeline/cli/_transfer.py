"""The commands that move contacts: check, plan, import, export.

What only some of them need is imported by those: the client takes half a second to load.
"""

from pathlib import Path
from typing import Annotated

import typer

from pipeline import report
from pipeline.cli._session import Session, with_session
from pipeline.models import OnExisting
from pipeline.reader.tables import expand_sources

_Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...",
        help="CSV files (also .gz .zip .zst .xlsx), globs, addresses (s3://...), or - for standard input.",
    ),
]
_FilesOrPlan = Annotated[list[str] | None, _Files.__metadata__[0]]
_PlanOutput = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Save the plan, for 'hmpipe import --plan'.")
]
_Plan = Annotated[
    Path | None, typer.Option("--plan", metavar="FILE", help="Apply exactly this saved plan, instead of a file.")
]
_Against = Annotated[
    str | None,
    typer.Option(metavar="SNAPSHOT", help="Compare with this snapshot (a folder, an address, last), offline."),
]
_Existing = Annotated[
    OnExisting | None, typer.Option(help="What to do with contacts that exist (overrides import.on_existing).")
]
_AllowOptIn = Annotated[bool, typer.Option("--allow-opt-in", help="Let rows that say so opt contacts back in.")]
_NewRun = Annotated[bool, typer.Option("--new-run", help="Do not continue an unfinished run of the same file.")]
_Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the normalised contacts as JSON lines.")
]
_AllowLists = Annotated[
    bool, typer.Option("--allow-lists", help="Let columns add contacts to lists; one that feeds a campaign sends.")
]
_Online = Annotated[
    bool, typer.Option("--online", help="Look up the account's fields, tags and team as well. Reads only.")
]
_Html = Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the result as a page to send on.")]
_Since = Annotated[
    str | None,
    typer.Option(metavar="SNAPSHOT", help="Only what changed since this snapshot; 'last' is the newest complete one."),
]
_Full = Annotated[bool, typer.Option("--full", help="With --since: read everything, which finds deleted contacts.")]
_Rejects = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write the rejected rows there, to mend and import again.")
]


@with_session
def check(
    session: Session,
    files: _Files,
    output: _Output = None,
    rejects: _Rejects = None,
    html: _Html = None,
    online: _Online = False,
) -> None:
    """Validate files without touching the network.

    Says what an import would take, what it would reject and why, and where every column goes.

    \b
    Examples:
      hmpipe check contacts.csv
      hmpipe check 'exports/*.csv' --html report.html
      hmpipe check contacts.csv --rejects to_mend.csv
      hmpipe check contacts.csv --output normalised.jsonl --json
    """
    from pipeline.jobs.check import CheckOutputs, run_check  # noqa: PLC0415

    session.keep_settings(output, rejects, html)
    outputs = CheckOutputs(output, rejects, html)
    if online:
        from pipeline.jobs.check import run_check_online  # noqa: PLC0415

        account = session.account()
        summary = session.run(lambda progress: run_check_online(account, expand_sources(files), progress, outputs))
    else:
        settings = session.settings()
        summary = session.run(lambda progress: run_check(settings, expand_sources(files), progress, outputs))
    session.end(report.check_text(summary), summary.as_json(), summary.exit_code)


@with_session
def plan(
    session: Session,
    files: _Files,
    *,
    on_existing: _Existing = None,
    allow_opt_in: _AllowOptIn = False,
    allow_lists: _AllowLists = False,
    output: _PlanOutput = None,
    html: _Html = None,
    against: _Against = None,
) -> None:
    """Say what an import would do now. Reads the account, writes nothing.

    A plan that is saved with --output can be looked at, passed on (it holds the contacts: keep it private), and
    applied exactly with 'hmpipe import --plan'.

    \b
    Examples:
      hmpipe plan contacts.csv
      hmpipe plan contacts.csv --on-existing overwrite --html plan.html
      hmpipe plan contacts.csv --output plan.json.gz
      hmpipe plan contacts.csv --against snapshots/20261123T041200Z-full
    """
    from pipeline.jobs import import_ as run  # noqa: PLC0415
    from pipeline.jobs import plan as planning  # noqa: PLC0415

    session.override("import.on_existing", on_existing)
    session.keep_settings(output, html)
    # Only a plan that is to be applied needs to know the credential offline.
    account = session.account(needs_credentials=against is None or output is not None)
    job = run.ImportJob(account, expand_sources(files), allow_opt_in=allow_opt_in, allow_lists=allow_lists)
    outputs = planning.PlanOutputs(output, html)
    if against:
        summary = session.run(lambda progress: planning.run_plan_against(job, against, progress, outputs))
    else:
        summary = session.run(lambda progress: planning.run_plan(job, progress, outputs))
    session.end(report.plan_text(summary), summary.as_json(), summary.exit_code)


@with_session
def import_(
    session: Session,
    files: _FilesOrPlan = None,
    on_existing: _Existing = None,
    allow_opt_in: _AllowOptIn = False,
    allow_lists: _AllowLists = False,
    new_run: _NewRun = False,
    plan: _Plan = None,
) -> None:
    """Bring the contacts of files to the account, and prove each outcome by reading it back.

    A run that was interrupted or killed is continued by the same command: nothing that is settled is sent again, and
    what may have arrived is looked up first. Rows that could not be imported are in rejects.csv of the run's folder.

    \b
    Examples:
      hmpipe import contacts.csv
      hmpipe import contacts.csv.gz -c nightly.toml --json --quiet
      hmpipe import --plan plan.json.gz
      psql -c "copy ... to stdout csv header" | hmpipe import -
    """
    from pipeline.jobs import import_ as run  # noqa: PLC0415
    from pipeline.jobs import plan as planning  # noqa: PLC0415

    if plan:
        if files or on_existing or allow_opt_in or allow_lists:
            raise typer.BadParameter("a plan is applied as it is; give no file and no policy", param_hint="--plan")
        account = session.account()
        summary = session.run(lambda progress: planning.run_planned_import(account, plan, progress, new_run=new_run))
    else:
        if not files:
            raise typer.BadParameter("give a file, or a plan with --plan", param_hint="FILE...")
        session.override("import.on_existing", on_existing)
        job = run.ImportJob(
            session.account(),
            expand_sources(files),
            allow_opt_in=allow_opt_in,
            allow_lists=allow_lists,
            new_run=new_run,
        )
        summary = session.run(lambda progress: run.run_import(job, progress))
    session.end(report.run_text(summary), summary.as_json(), summary.exit_code, summary.error)


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
    from pipeline.jobs.export import ExportJob, run_export  # noqa: PLC0415

    job = ExportJob(session.account(), since, full)
    summary = session.run(lambda progress: run_export(job, progress))
    session.end(report.export_text(summary), summary.as_json(), summary.exit_code, summary.error)
