"""A check that looks up the account as well: loaded only where it is asked for."""

from pipeline.cli._account import open_account
from pipeline.cli._session import Files, Session
from pipeline.cli._work import run_job
from pipeline.jobs.check import CheckOutputs, run_check_online
from pipeline.reader.tables import expand_sources
from pipeline.results import CheckSummary


def check_online(session: Session, files: Files, outputs: CheckOutputs) -> CheckSummary:
    """Validate files with the account at hand. Raises PipelineError."""
    account = open_account(session)
    return run_job(session, lambda progress: run_check_online(account, expand_sources(files), progress, outputs))
