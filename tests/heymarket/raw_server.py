"""A server on a bare socket that answers as a script says, down to the byte, and remembers what arrived."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Act:
    """What to do with one request: write `data`, then keep the connection, close it, reset it, or hang."""

    data: bytes = b""
    then: Literal["keep", "close", "reset", "hang"] = "keep"


def reply(status: int, body: bytes = b"[]", **headers: str) -> Act:
    """A whole answer; underscores in header names stand for dashes."""
    lines = [f"HTTP/1.1 {status} Anything", f"Content-Length: {len(body)}", "Content-Type: application/json"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return Act("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


CLOSED = Act(then="close")
RESET = Act(then="reset")
HANGING = Act(then="hang")
TRUNCATED = Act(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n[{", "close")
GARBAGE = Act(b"\x00\x01\x02 no http at all\r\n\r\n", "close")


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request as it arrived. Header names are in lower case."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class RawServer:
    """`acts` are done in order, the last one again and again."""

    acts: Sequence[Act]
    port: int = 0
    seen: list[Arrived] = field(default_factory=list)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def count(self, method: str) -> int:
        """How many requests with `method` arrived."""
        return sum(request.line.startswith(f"{method} ") for request in self.seen)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until the script or the other side ends it."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await self._receive(reader)
                act = self.acts[min(len(self.seen), len(self.acts)) - 1]
                writer.write(act.data)
                if act.then == "hang":
                    await self._released.wait()
                if act.then == "reset":
                    writer.transport.abort()
                if act.then != "keep":
                    break
        writer.close()

    async def _receive(self, reader: asyncio.StreamReader) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.seen.append(Arrived(head[0], headers, body))


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.asynccontextmanager
async def raw_server(*acts: Act, port: int = 0) -> AsyncIterator[RawServer]:
    """Run a server on a free loopback port (or on `port`)."""
    server = RawServer(acts)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", port)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        server._released.set()
        listener.close()
        # Connections that the client has just closed need a turn of the loop to be seen as closed here.
        await asyncio.sleep(0.01)
