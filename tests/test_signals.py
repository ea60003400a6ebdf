"""A signal asks a run to stop, a second one or the end of patience makes it, and the exit code is the shell's."""

import os
import signal
from collections.abc import Awaitable, Callable

import anyio
import pytest

from pipeline.errors import CanarySurprise, Interrupted, PipelineError
from pipeline.signals import StopSwitch, interruptible

STOPPING = "Stopping: finishing what is in flight (again to stop at once)."


class Stage:
    """Runs a body under guard and notes what it was told."""

    def __init__(self) -> None:
        self.stop = StopSwitch()
        self.said: list[str] = []
        self._heard = anyio.Event()

    async def run(self, body: Callable[[], Awaitable[None]], grace: float = 30) -> None:
        async with interruptible(self.stop, self._say, grace):
            # Let the watcher begin to listen before a signal is sent.
            await anyio.wait_all_tasks_blocked()
            await body()

    async def send(self, number: signal.Signals) -> None:
        """Send this very process a signal and wait until it was taken in."""
        os.kill(os.getpid(), number)
        await self._heard.wait()

    def _say(self, line: str) -> None:
        self.said.append(line)
        self._heard.set()


async def nothing() -> None:
    """Do nothing."""


def test_a_switch_stays_thrown() -> None:
    stop = StopSwitch()
    assert not stop.requested
    stop.request()
    stop.request()
    assert stop.requested


async def test_without_a_signal_nothing_is_said_and_nothing_raised() -> None:
    stage = Stage()
    await stage.run(nothing)
    assert not stage.stop.requested
    assert stage.said == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_the_first_signal_throws_the_switch_and_lets_the_stage_finish(number: signal.Signals, code: int) -> None:
    stage = Stage()
    seen: list[bool] = []

    async def body() -> None:
        await stage.send(number)
        await anyio.sleep(0.01)
        seen.append(stage.stop.requested)

    with pytest.raises(Interrupted) as caught:
        await stage.run(body)
    assert seen == [True]
    assert stage.said == [STOPPING]
    assert caught.value.exit_code == code
    assert str(caught.value) == (
        f"Stopped by {number.name}. Run the same command again: it goes on where this one stopped."
    )


async def test_a_second_signal_stops_at_once_and_the_first_counts() -> None:
    stage = Stage()

    async def body() -> None:
        await stage.send(signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        await anyio.sleep_forever()

    with anyio.fail_after(10), pytest.raises(Interrupted) as caught:
        await stage.run(body)
    assert caught.value.exit_code == 143
    assert stage.said == [STOPPING]


async def test_patience_ends_after_the_grace() -> None:
    stage = Stage()
    waited: list[float] = []

    async def body() -> None:
        await stage.send(signal.SIGINT)
        began = anyio.current_time()
        try:
            await anyio.sleep_forever()
        finally:
            waited.append(anyio.current_time() - began)

    with anyio.fail_after(10), pytest.raises(Interrupted):
        await stage.run(body, grace=0.05)
    assert 0.02 < waited[0] < 5


async def test_a_stage_that_fails_by_itself_keeps_its_error() -> None:
    error = CanarySurprise("It read back differently.")

    async def body() -> None:
        raise error

    with pytest.raises(CanarySurprise) as caught:
        await Stage().run(body)
    assert caught.value is error


async def test_a_failure_after_a_signal_is_not_called_an_interruption() -> None:
    stage = Stage()
    error = CanarySurprise("It read back differently.")

    async def body() -> None:
        await stage.send(signal.SIGTERM)
        raise error

    with pytest.raises(PipelineError) as caught:
        await stage.run(body)
    assert caught.value is error


async def test_a_stage_that_says_it_was_stopped_ends_with_the_signals_code() -> None:
    stage = Stage()

    async def body() -> None:
        await stage.send(signal.SIGTERM)
        raise Interrupted("Stopped while reading; nothing was sent.")

    with pytest.raises(Interrupted) as caught:
        await stage.run(body)
    assert caught.value.exit_code == 143
    assert isinstance(caught.value.__cause__, Interrupted)


async def test_afterwards_signals_are_the_process_own_again() -> None:
    before = signal.getsignal(signal.SIGTERM)
    await Stage().run(nothing)
    assert signal.getsignal(signal.SIGTERM) == before
