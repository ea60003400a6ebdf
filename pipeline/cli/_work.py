"""What the commands that start a job have besides their session: the account, and progress on stderr."""

import gc
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import anyio

from pipeline.cli._progress import SilentProgress, open_progress
from pipeline.cli._session import Session
from pipeline.settings import Credentials, load_credentials

if TYPE_CHECKING:
    from pipeline.account import Account

Result = TypeVar("Result")


def open_account(session: Session, *, needs_credentials: bool = True) -> "Account":
    """Load the settings and, where they are needed, the credentials. Raises SettingsError."""
    from pipeline.account import Account  # noqa: PLC0415 - a check without an account has no use for the client

    return Account(session.settings(), load_credentials() if needs_credentials else Credentials())


def run_job(session: Session, job: Callable[[SilentProgress], Awaitable[Result]]) -> Result:
    """Run a job with its progress on stderr."""
    quiet = session.quiet or sys.stderr is None
    progress = open_progress(sys.stderr, quiet=quiet, log_format=session.log_format)
    # The garbage collector leaves alone from now on what was loaded and never goes.
    gc.freeze()
    try:
        return anyio.run(job, progress)
    finally:
        progress.close()
