"""A plain client for the sandbox's own tests; it knows nothing of the tool's client."""

import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from pipeline.sandbox import API_KEY, Sandbox

KEY_HEADER = {"Authorization": f"Bearer {API_KEY}"}
ANA = "14155550101"
BEN = "14155550102"
CY = "14155550103"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `body` is the decoded JSON, or the text where it is none."""

    status: int
    body: Any
    headers: Mapping[str, str]


class Api:
    """Calls a served sandbox."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def call(
        self, method: str, path: str, body: object = None, *, headers: Mapping[str, str] = KEY_HEADER
    ) -> Answer:
        """Send one request, with a JSON body unless `body` is None (bytes go as they are)."""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        async with self.session.request(method, self.url + path, data=data, headers=dict(headers)) as response:
            text = await response.text()
            try:
                decoded: Any = json.loads(text)
            except ValueError:
                decoded = text
            return Answer(response.status, decoded, response.headers)

    async def ok(self, method: str, path: str, body: object = None) -> Any:
        """Send one request that must succeed and return its decoded body."""
        answer = await self.call(method, path, body)
        assert answer.status == 200, answer
        return answer.body


@contextlib.asynccontextmanager
async def served(sandbox: Sandbox) -> AsyncIterator[Api]:
    """Serve a sandbox on loopback and give a client for it."""
    async with sandbox.serve() as url, aiohttp.ClientSession() as session:
        yield Api(session, url)
