"""The gate every request passes: faults, credentials, limit, endpoint, and the record of what was answered."""

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping
from email.utils import formatdate
from typing import NamedTuple

from aiohttp import web

from pipeline.sandbox._answers import Problem, refusal
from pipeline.sandbox._auth import NotAuthorized, verify
from pipeline.sandbox._faults import Fault, FaultPlan
from pipeline.sandbox._limits import Limits
from pipeline.sandbox._world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ADMIN_PREFIX = "/_sandbox/"
KEPT_EXCHANGES = 200_000
NO_ANSWER = 0

_PROXY_PAGE = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


class Exchange(NamedTuple):
    """One request and the status of its answer; 0 when the connection was cut instead."""

    method: str
    path: str
    status: int


class Gate:
    """Holds what decides about a request before and after its endpoint."""

    def __init__(
        self, world: World, *, secrets: Mapping[str, str], api_keys: frozenset[str], limits: Limits, faults: FaultPlan
    ) -> None:
        self._world = world
        self._secrets = secrets
        self._api_keys = api_keys
        self._numbered = 0
        self.limits = limits
        self.faults = faults
        self.exchanges: deque[Exchange] = deque(maxlen=KEPT_EXCHANGES)
        self.statuses: Counter[int] = Counter()
        self.endpoints: Counter[str] = Counter()
        self.go_away: Callable[[float], None] = lambda _seconds: None

    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer one request."""
        if request.path.startswith(ADMIN_PREFIX):
            return await self._guarded(request, handler)
        self._numbered += 1
        request_id = f"sandbox-{self._numbered:08d}"
        response = await self._exchange(request, handler, request_id)
        status = NO_ANSWER if response is None else response.status
        self.exchanges.append(Exchange(request.method, request.path, status))
        self.statuses[status] += 1
        self.endpoints[f"{request.method} {_route_of(request)}"] += 1
        if response is None:
            return _cut(request)
        response.headers["X-Request-Id"] = request_id
        return response

    async def _exchange(self, request: web.Request, handler: Handler, request_id: str) -> web.StreamResponse | None:
        """Return the answer, or None when the connection is to be cut."""
        # The whole request is taken in first, so that a slow write takes effect even after its client has gone.
        unread = await self._taken_in(request)
        if unread is not None:
            return unread
        for fault in self.faults.pick(request.method, request.path, early=True):
            if fault.kind != "slow":
                return self._early(fault)
            await asyncio.sleep(fault.seconds)
        response = await self._guarded(request, self._checked(handler))
        if response.status >= 400:
            return response
        for fault in self.faults.pick(request.method, request.path, early=False):
            if fault.kind != "slow":
                response.headers["X-Request-Id"] = request_id
                return await self._late(fault, request, response)
            await asyncio.sleep(fault.seconds)
        return response

    async def _taken_in(self, request: web.Request) -> web.StreamResponse | None:
        """Read the body, which the endpoint finds again; return a refusal where that failed."""
        try:
            await request.read()
        except web.HTTPException as error:
            return refusal(Problem(error.status, error.reason), self._world.traits.error_shape)
        except ConnectionError:
            return refusal(Problem(400, "the request ended early"), self._world.traits.error_shape)
        return None

    def _checked(self, handler: Handler) -> Handler:
        async def run(request: web.Request) -> web.StreamResponse:
            now = self._world.clock()
            header = request.headers.get("Authorization", "")
            try:
                caller = verify(header, secrets=self._secrets, api_keys=self._api_keys, now=now)
            except NotAuthorized as error:
                raise Problem(401, str(error)) from error
            self._charge(caller, now)
            return await handler(request)

        return run

    def _charge(self, caller: str, now: float) -> None:
        traits = self._world.traits
        name = caller if traits.limit_scope == "key" else "team"
        wait = self.limits.wait(name, traits.limit_window, now)
        if not wait:
            return
        headers: dict[str, str] = {}
        if traits.retry_after == "seconds":
            headers["Retry-After"] = str(int(wait) + 1)
        elif traits.retry_after == "date":
            headers["Retry-After"] = formatdate(now + wait + 1, usegmt=True)
        raise Problem(429, "too many requests", headers=headers)

    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        shape = self._world.traits.error_shape
        try:
            return await handler(request)
        except Problem as problem:
            return refusal(problem, shape)
        except web.HTTPException as error:
            return refusal(Problem(error.status, error.reason), shape)

    def _early(self, fault: Fault) -> web.Response | None:
        shape = self._world.traits.error_shape
        match fault.kind:
            case "error_before":
                return refusal(Problem(fault.status, "something went wrong", code="server_error"), shape)
            case "rate_limited":
                headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
                return refusal(Problem(429, "too many requests", headers=headers), shape)
            case "html_502":
                return web.Response(status=502, text=_PROXY_PAGE, content_type="text/html")
            case "refuse":
                self.go_away(fault.seconds)
        return None

    async def _late(
        self, fault: Fault, request: web.Request, response: web.StreamResponse
    ) -> web.StreamResponse | None:
        match fault.kind:
            case "error_after":
                problem = Problem(fault.status, "something went wrong", code="server_error")
                return refusal(problem, self._world.traits.error_shape)
            case "wrong_json":
                return web.Response(body=_half(response) + b",,", content_type="application/json")
            case "truncated":
                return await _truncated(request, response)
        return None


def _route_of(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return request.path if resource is None else resource.canonical


def _cut(request: web.Request) -> web.Response:
    """Cut the connection; the answer returned goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _half(response: web.StreamResponse) -> bytes:
    body = response.body if isinstance(response, web.Response) and isinstance(response.body, bytes) else b""
    return body[: len(body) // 2]


async def _truncated(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    half = _half(response)
    short = web.StreamResponse(
        headers={"Content-Type": "application/json", "X-Request-Id": response.headers["X-Request-Id"]}
    )
    short.content_length = len(half) + max(len(half), 10)
    with contextlib.suppress(ConnectionError):
        # Whoever asked may be gone already, and then there is nobody to be cut short.
        await short.prepare(request)
        await short.write(half)
    if request.transport is not None:
        request.transport.close()
    return short
