"""The commands that bring files to the account: plan, import."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline import report
from pipeline.cli._account import open_account
from pipeline.cli._session import Files, Html, Session, with_session
from pipeline.cli._work import run_job
from pipeline.jobs.import_ import ImportJob, run_import
from pipeline.jobs.plan import PlanOutputs, run_plan, run_plan_against, run_planned_import
from pipeline.models import OnExisting
from pipeline.reader.tables import expand_sources

_FilesOrPlan = Annotated[list[str] | None, Files.__metadata__[0]]
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
_AllowUnblock = Annotated[bool, typer.Option("--allow-unblock", help="Let rows that say so unblock contacts.")]
_NewRun = Annotated[bool, typer.Option("--new-run", help="Do not continue an unfinished run of the same file.")]
_AllowLists = Annotated[
    bool, typer.Option("--allow-lists", help="Let columns add contacts to lists; one that feeds a campaign sends.")
]


@with_session
def plan(
    session: Session,
    files: Files,
    *,
    on_existing: _Existing = None,
    allow_opt_in: _AllowOptIn = False,
    allow_unblock: _AllowUnblock = False,
    allow_lists: _AllowLists = False,
    output: _PlanOutput = None,
    html: Html = None,
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
    session.override("import.on_existing", on_existing)
    session.keep_settings(output, html)
    # Only a plan that is to be applied needs to know the credential offline.
    account = open_account(session, needs_credentials=against is None or output is not None)
    flags = {"allow_opt_in": allow_opt_in, "allow_unblock": allow_unblock, "allow_lists": allow_lists}
    job = ImportJob(account, expand_sources(files), **flags)
    outputs = PlanOutputs(output, html)
    if against:
        summary = run_job(session, lambda progress: run_plan_against(job, against, progress, outputs))
    else:
        summary = run_job(session, lambda progress: run_plan(job, progress, outputs))
    session.end(report.plan_text(summary), summary.as_json(), summary.exit_code)


@with_session
def import_(
    session: Session,
    files: _FilesOrPlan = None,
    *,
    on_existing: _Existing = None,
    allow_opt_in: _AllowOptIn = False,
    allow_unblock: _AllowUnblock = False,
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
    if plan:
        if files or on_existing or allow_opt_in or allow_unblock or allow_lists:
            raise typer.BadParameter("a plan is applied as it is; give no file and no policy", param_hint="--plan")
        account = open_account(session)
        summary = run_job(session, lambda progress: run_planned_import(account, plan, progress, new_run=new_run))
    else:
        if not files:
            raise typer.BadParameter("give a file, or a plan with --plan", param_hint="FILE...")
        session.override("import.on_existing", on_existing)
        job = ImportJob(
            open_account(session),
            expand_sources(files),
            allow_opt_in=allow_opt_in,
            allow_unblock=allow_unblock,
            allow_lists=allow_lists,
            new_run=new_run,
        )
        summary = run_job(session, lambda progress: run_import(job, progress))
    session.end(report.run_text(summary), summary.as_json(), summary.exit_code, summary.error)
