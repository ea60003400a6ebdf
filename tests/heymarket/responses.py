"""aioresponses for the installed aiohttp: the one place that knows about their mismatch.

aioresponses 0.7.9 builds a ClientResponse without `stream_writer`, which aiohttp >= 3.14 requires
(`ClientResponse.__init__`). `ApiResponses` gives every answer a response class that fills the gap.
"""

from types import SimpleNamespace
from typing import Any, Self

from aiohttp import ClientResponse
from aioresponses import aioresponses
from yarl import URL

from pipeline import jsontext

BASE_URL = "https://api.heymarket.test"


class StreamlessResponse(ClientResponse):
    """A response whose request was never written to a stream."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        writer: Any = SimpleNamespace(output_size=0)
        super().__init__(*args, stream_writer=writer, **kwargs)


class ApiResponses(aioresponses):
    """Exact answers for exact requests; anything else is a connection error."""

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def answer(self, method: str, path: str, **answer: Any) -> None:
        """Answer the next `method` on `path` (with its query) as aioresponses' `add` describes."""
        self.add(BASE_URL + path, method, response_class=StreamlessResponse, **answer)

    def sent(self, method: str, path: str) -> list[dict[str, Any]]:
        """Return what was sent to `path` (with its query): `json` and `headers` of each request, in order."""
        calls = self.requests.get((method, URL(BASE_URL + path)), [])
        return [_as_sent(call.kwargs) for call in calls]


def _as_sent(kwargs: dict[str, Any]) -> dict[str, Any]:
    data = kwargs["data"]
    return {"json": None if data is None else jsontext.decode(data), "headers": dict(kwargs["headers"])}
