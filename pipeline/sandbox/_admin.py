"""The admin surface under /_sandbox/: looking inside and steering from another process."""

import ipaddress
from collections.abc import Iterable
from typing import Any, Protocol

from aiohttp import web

from pipeline.sandbox._answers import Problem, answer, bad_data, read_body, read_object
from pipeline.sandbox._faults import Fault
from pipeline.sandbox._traits import Traits


class Steered(Protocol):
    """What can be looked into and steered: a sandbox."""

    traits: Traits

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults in force."""
        ...

    @faults.setter
    def faults(self, faults: Iterable[Fault]) -> None: ...

    def counters(self) -> dict[str, Any]:
        """Return the counters and the account, without contacts."""
        ...

    def contacts(self) -> list[dict[str, Any]]:
        """Return every contact in full."""
        ...

    def add_contact(self, phone: str, **state: Any) -> dict[str, Any]:
        """Add a contact as it is and return it in full. Raises ValueError."""
        ...

    def seed(self, count: int, *, per_stamp: int = 1, opted_out_every: int = 0) -> None:
        """Add made-up contacts."""
        ...


class Admin:
    """Handlers of the admin endpoints: no credentials, loopback only, not counted as traffic."""

    def __init__(self, sandbox: Steered) -> None:
        self._sandbox = sandbox

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add the endpoints to `router`."""
        router.add_get("/_sandbox/state", self.state)
        router.add_post("/_sandbox/faults", self.set_faults)
        router.add_post("/_sandbox/traits", self.set_traits)
        router.add_post("/_sandbox/contacts", self.add_contacts)
        router.add_post("/_sandbox/seed", self.seed)

    async def state(self, request: web.Request) -> web.Response:
        """GET /_sandbox/state: counters, account and (unless ?contacts=false) every contact in full."""
        _only_loopback(request)
        sandbox = self._sandbox
        state = sandbox.counters()
        if request.query.get("contacts") != "false":
            state["contacts"] = sandbox.contacts()
        return answer(state)

    async def set_faults(self, request: web.Request) -> web.Response:
        """POST /_sandbox/faults with an array of texts or objects: these replace the faults in force."""
        _only_loopback(request)
        entries = await read_body(request)
        if not isinstance(entries, list):
            raise bad_data("the body must be an array of faults")
        with _Translated():
            self._sandbox.faults = [_fault_of(entry) for entry in entries]
        return answer("ok")

    async def set_traits(self, request: web.Request) -> web.Response:
        """POST /_sandbox/traits with {name: value} or ["name=value"]: the others stay as they are."""
        _only_loopback(request)
        wanted = await read_body(request)
        base = self._sandbox.traits
        with _Translated():
            if isinstance(wanted, dict):
                self._sandbox.traits = Traits.from_mapping(wanted, base)
            elif isinstance(wanted, list):
                self._sandbox.traits = Traits.parse(map(str, wanted), base)
            else:
                raise bad_data("the body must be an object or an array of name=value texts")
        return answer("ok")

    async def add_contacts(self, request: web.Request) -> web.Response:
        """POST /_sandbox/contacts with an array of contacts (inner state or read shape): they are added as they are."""
        _only_loopback(request)
        entries: Iterable[dict[str, Any]] = await read_body(request) or []
        with _Translated():
            return answer([self._sandbox.add_contact(**entry) for entry in entries])

    async def seed(self, request: web.Request) -> web.Response:
        """POST /_sandbox/seed with {count, per_stamp?, opted_out_every?}: that many made-up contacts."""
        _only_loopback(request)
        body = await read_object(request)
        with _Translated():
            self._sandbox.seed(**body)
        return answer("ok")


class _Translated:
    """Turns what a wrong value raises into a refusal that says so."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ValueError | TypeError | KeyError):
            raise bad_data(str(error)) from error


def _fault_of(entry: object) -> Fault:
    return Fault.from_mapping(entry) if isinstance(entry, dict) else Fault.parse(str(entry))


def _only_loopback(request: web.Request) -> None:
    if not request.remote or not ipaddress.ip_address(request.remote).is_loopback:
        raise Problem(403, "only from this machine")
