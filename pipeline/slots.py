"""A number of slots of which tasks hold one each."""

from types import TracebackType

import anyio


class Slots:
    """anyio's CapacityLimiter, but one that lets a task through at once where there is room.

    The original gives way to all other tasks each time, which for requests of a millisecond is a part of their time.
    """

    def __init__(self, total: int) -> None:
        self._limiter = anyio.CapacityLimiter(total)

    def resize(self, total: int) -> None:
        """Change the number of slots; who holds one keeps it."""
        self._limiter.total_tokens = total

    async def __aenter__(self) -> None:
        """Take a slot, waiting for one where all are taken."""
        try:
            self._limiter.acquire_nowait()
        except anyio.WouldBlock:
            await self._limiter.acquire()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the slot back."""
        self._limiter.release()
