"""A number of slots of which tasks hold one each."""

from collections import deque
from types import TracebackType

import anyio


class CapacityLimiter:
    """A capacity limiter: who comes first is served first. One event loop only.

    anyio's own gives way to all other tasks each time and keeps books of who borrowed; with requests of a millisecond
    both are a part of their time. Here a task goes through at once where there is room.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._taken = 0
        self._waiting: deque[anyio.Event] = deque()

    def resize(self, total: int) -> None:
        """Change the number of slots; who holds one keeps it."""
        self._total = total
        self._let_in()

    async def __aenter__(self) -> None:
        """Take a slot, waiting for one where all are taken."""
        if self._taken < self._total and not self._waiting:
            self._taken += 1
            return
        turn = anyio.Event()
        self._waiting.append(turn)
        try:
            await turn.wait()
        except BaseException:
            # Cancelled: in the queue, or a moment after the slot was given.
            if turn.is_set():
                self._give_back()
            else:
                self._waiting.remove(turn)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the slot back."""
        self._give_back()

    def _give_back(self) -> None:
        self._taken -= 1
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self._taken < self._total:
            self._taken += 1
            self._waiting.popleft().set()
