"""The listening socket, which can go away for a while and come back on the same port."""

import asyncio
import contextlib

from aiohttp import web


class Listener:
    """Serves one application on one address."""

    def __init__(self, app: web.Application, host: str, port: int) -> None:
        # A handler that still sleeps in a slow answer must not hold up the end.
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
        self._host = host
        self._port = port
        self._socket_server: asyncio.Server | None = None
        self._coming_back: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The base URL, with the port that was really taken."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Begin to listen; port 0 takes a free one. Raises OSError when the address is taken."""
        await self._runner.setup()
        await self._listen()

    async def stop(self) -> None:
        """Stop listening and close every connection."""
        if self._coming_back is not None:
            self._coming_back.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._coming_back
        if self._socket_server is not None:
            self._socket_server.close()
        await self._runner.cleanup()

    def go_away(self, seconds: float) -> None:
        """Stop listening now, cut the connections that are idle, and listen again after `seconds`.

        Requests that are being answered are left alone: whether they took effect must stay certain.
        """
        if self._socket_server is None:
            return
        self._socket_server.close()
        self._socket_server = None
        server = self._runner.server
        for connection in server.connections if server is not None else ():
            is_idle = connection._waiter is not None  # noqa: SLF001 - aiohttp has no public word for it
            connection.close()
            # Closed while idle, a connection of aiohttp stays open and swallows what comes next.
            if is_idle and connection.transport is not None:
                connection.transport.close()
        self._coming_back = asyncio.create_task(self._come_back(seconds))

    async def _come_back(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._listen()

    async def _listen(self) -> None:
        server = self._runner.server
        if server is None:
            raise RuntimeError("the application was not set up")
        loop = asyncio.get_running_loop()
        self._socket_server = await loop.create_server(server, self._host, self._port, reuse_address=True, backlog=512)
        self._port = self._socket_server.sockets[0].getsockname()[1]
