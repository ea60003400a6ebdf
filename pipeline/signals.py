"""How a run reports progress, and how it is asked to stop: by a switch, which signals set."""

import contextlib
import signal
from collections.abc import AsyncIterator, Callable
from typing import Protocol

import anyio
from anyio.abc import TaskStatus

from pipeline.errors import Interrupted, PipelineError


class StopSwitch:
    """Asks a stage to take nothing new, to finish what is in flight, and to return."""

    def __init__(self) -> None:
        self.requested = False

    def request(self) -> None:
        """Set the switch; it stays set."""
        self.requested = True


@contextlib.asynccontextmanager
async def interruptible(stop: StopSwitch, say: Callable[[str], None], grace: float) -> AsyncIterator[None]:
    """Let SIGINT and SIGTERM set the stop switch; `grace` seconds later, or at a second signal, cancel.

    Raises Interrupted when a signal came and the body did not fail by itself.
    """
    caught: list[int] = []
    failure: PipelineError | None = None
    async with anyio.create_task_group() as watchers:
        with anyio.CancelScope() as work:
            # Awaited, so that no signal can arrive before the receiver is ready.
            await watchers.start(_watch_signals, stop, say, grace, caught, work)
            try:
                yield
            except PipelineError as error:
                failure = error
        watchers.cancel_scope.cancel()
    # A body that noticed the switch raises Interrupted itself, but does not know by which signal.
    if failure and not (caught and isinstance(failure, Interrupted)):
        raise failure
    if caught:
        name = signal.Signals(caught[0]).name
        raise Interrupted(
            f"Stopped by {name}.",
            advice="Run the same command again: it goes on where this one stopped.",
            signal_number=caught[0],
        ) from failure


async def _watch_signals(
    stop: StopSwitch,
    say: Callable[[str], None],
    grace: float,
    caught: list[int],
    work: anyio.CancelScope,
    *,
    task_status: TaskStatus[None],
) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        task_status.started()
        async for number in signals:
            caught.append(int(number))
            if len(caught) > 1:
                work.cancel()
                return
            stop.request()
            # Requests in flight end within their time-out; the deadline is for a network that does not answer at all.
            work.deadline = anyio.current_time() + grace
            say("Stopping: finishing what is in flight (again to stop at once).")


class Progress(Protocol):
    """Where a job says how far it is. Nothing is printed here; the command line decides how it looks."""

    def stage(self, name: str, total: int | None) -> None:
        """Begin a stage of `total` steps, or of an unknown number."""
        ...

    def advance(self, steps: int) -> None:
        """Take `steps` further in the stage."""
        ...

    def say(self, line: str) -> None:
        """Tell a fact worth a line."""
        ...
