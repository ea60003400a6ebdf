"""A capacity limiter: how many tasks may do something at the same time."""

from collections import deque
from types import TracebackType

import anyio


class CapacityLimiter:
    """Lets `total` tasks in at a time, first come, first served. One event loop only.

    anyio.CapacityLimiter yields to the event loop and records the borrower at every entry, which costs a noticeable
    part of a request of one millisecond. Here a task enters at once where there is room.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._taken = 0
        self._waiting: deque[anyio.Event] = deque()

    def resize(self, total: int) -> None:
        """Change how many tasks are let in; those that are in stay."""
        self._total = total
        self._let_in()

    async def __aenter__(self) -> None:
        """Enter, waiting while `total` tasks are in."""
        if self._taken < self._total and not self._waiting:
            self._taken += 1
            return
        turn = anyio.Event()
        self._waiting.append(turn)
        try:
            await turn.wait()
        except BaseException:
            # Cancelled while waiting, or just after being let in.
            if turn.is_set():
                self._give_back()
            else:
                self._waiting.remove(turn)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave, and let the next one in."""
        self._give_back()

    def _give_back(self) -> None:
        self._taken -= 1
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self._taken < self._total:
            self._taken += 1
            self._waiting.popleft().set()
