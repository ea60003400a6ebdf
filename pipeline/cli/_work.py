"""What the commands that start a job have beside their session: progress on stderr."""

import gc
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from pipeline.cli._progress import SilentProgress, open_progress
from pipeline.cli._session import Session

Result = TypeVar("Result")


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
