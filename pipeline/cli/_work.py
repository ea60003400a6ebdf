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

_COLLECT_AFTER = 20_000
"""How many objects more than before call the garbage collector; Python's own answer, 700, is for small programs."""


def open_account(session: Session, *, needs_credentials: bool = True) -> "Account":
    """Load the settings and, where they are needed, the credentials. Raises SettingsError."""
    from pipeline.account import Account  # noqa: PLC0415 - a check without an account has no use for the client

    return Account(session.settings(), load_credentials() if needs_credentials else Credentials())


def run_job(session: Session, job: Callable[[SilentProgress], Awaitable[Result]]) -> Result:
    """Run a job with its progress on stderr."""
    quiet = session.quiet or sys.stderr is None
    progress = open_progress(sys.stderr, quiet=quiet, log_format=session.log_format)
    _spare_the_collector()
    try:
        return anyio.run(job, progress)
    finally:
        progress.close()


def _spare_the_collector() -> None:
    """Let the garbage collector leave alone what was loaded, and come less often.

    Each of its rounds looks at every module's objects, which never go; the jobs make few cycles. It is a sixth of the
    time of a long upload.
    """
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 20)
