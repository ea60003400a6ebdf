"""The sandbox: an emulated account with its API, in process or as a server of its own."""

import asyncio
import contextlib
import gc
import signal
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from pipeline.sandbox import _save
from pipeline.sandbox._admin import Admin
from pipeline.sandbox._faults import Fault, FaultPlan
from pipeline.sandbox._gate import Exchange, Gate, Handler
from pipeline.sandbox._limits import Limits
from pipeline.sandbox._listener import Listener
from pipeline.sandbox._records import inner_state
from pipeline.sandbox._routes_account import AccountRoutes
from pipeline.sandbox._routes_v1 import V1Contacts
from pipeline.sandbox._routes_v2 import V2Contacts
from pipeline.sandbox._seed import seed_contacts
from pipeline.sandbox._store import collector_paused
from pipeline.sandbox._traits import Traits
from pipeline.sandbox._world import World, Write
from pipeline.sandbox._writes import hear

# Published on purpose: a newcomer copies them, and they open nothing but this emulator.
SECRET_ID = "sandbox-id"  # noqa: S105
SECRET_KEY = "sandbox-key"  # noqa: S105
API_KEY = "sandbox-api-key"
LARGEST_BODY = 64 * 1024 * 1024


class Sandbox:
    """An emulated Heymarket account. Source of its behaviour: docs/api.md; open points are `Traits`.

    `secrets` maps secret ids to keys (several may exist at once), `requests_per_minute` 0 means no limit, `clock`
    gives seconds since 1970, `fields` and `tags` are titles to begin with. The same `seed` gives the same faults
    and UUIDs.
    """

    # Each argument stands alone and has a default; a settings object would only repeat their names.
    def __init__(  # noqa: PLR0913
        self,
        *,
        traits: Traits | None = None,
        faults: Iterable[Fault] = (),
        secrets: Mapping[str, str] | None = None,
        api_keys: Collection[str] = (API_KEY,),
        requests_per_minute: int = 500,
        seed: int = 1,
        clock: Callable[[], float] = time.time,
        fields: Sequence[str] = (),
        tags: Sequence[str] = (),
    ) -> None:
        self._seed = seed
        self._world = World(traits or Traits(), clock, seed)
        self._gate = Gate(
            self._world,
            secrets=dict({SECRET_ID: SECRET_KEY} if secrets is None else secrets),
            api_keys=frozenset(api_keys),
            limits=Limits(requests_per_minute),
            faults=FaultPlan(faults, seed),
        )
        for title in fields:
            self.add_field(title)
        for name in tags:
            self.add_tag(name)

    @property
    def traits(self) -> Traits:
        """How the server behaves now; may be set while it runs."""
        return self._world.traits

    @traits.setter
    def traits(self, traits: Traits) -> None:
        self._world.traits = traits

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults in force; setting them while the server runs begins their counts anew."""
        return self._gate.faults.faults

    @faults.setter
    def faults(self, faults: Iterable[Fault]) -> None:
        self._gate.faults = FaultPlan(faults, self._seed)

    @property
    def fault_counts(self) -> tuple[int, ...]:
        """How often each of `faults` has happened."""
        return self._gate.faults.happened

    @property
    def requests_per_minute(self) -> int:
        """The limit; 0 is none. Setting it begins the count anew."""
        return self._gate.limits.most

    @requests_per_minute.setter
    def requests_per_minute(self, most: int) -> None:
        self._gate.limits = Limits(most)

    @property
    def requests(self) -> list[Exchange]:
        """The latest requests (200,000 at most) as (method, path, status); status 0: the connection was cut."""
        return list(self._gate.exchanges)

    @property
    def writes(self) -> list[Write]:
        """Every effect on a contact since the start, as (kind, contact id, revision afterwards)."""
        return list(self._world.writes)

    def counters(self) -> dict[str, Any]:
        """Return the counters and the account, without contacts."""
        account = self._world.account
        return {
            "contact_count": len(self._world.store),
            "requests": sum(self._gate.statuses.values()),
            "statuses": {str(status): count for status, count in self._gate.statuses.items()},
            "endpoints": dict(self._gate.endpoints),
            "writes": len(self._world.writes),
            "faults": list(self.fault_counts),
            "fields": {str(number): title for number, title in account.fields.items()},
            "tags": {str(number): name for number, name in account.tags.items()},
            "lists": list(account.lists.values()),
        }

    def contacts(self) -> list[dict[str, Any]]:
        """Return every contact in full (also what the API does not show), by ascending id."""
        return [inner_state(contact) for contact in self._world.store]

    def contact(self, contact_id: int) -> dict[str, Any] | None:
        """Return one contact in full, or None."""
        found = self._world.store.by_id(contact_id)
        return None if found is None else inner_state(found)

    def add_contact(self, phone: str, **state: Any) -> dict[str, Any]:
        """Add a contact as it is and return it in full; no effect is recorded.

        `state` is any part of the inner state or of a read shape, also `id`, `created`, `updated` and `custom` by ID.
        Raises ValueError when the id is taken or a value cannot be used.
        """
        contact = _save.contact_of(self._world, {"phone": phone, **state})
        _save.register(self._world, contact)
        self._world.store.insert(contact)
        return inner_state(contact)

    def receive(self, contact_id: int, text: str) -> None:
        """Take a text message from a contact: a keyword opts it out, or back in whoever had opted it out.

        Source: docs/api.md, section Web import. Raises ValueError for another text, KeyError for no such contact.
        """
        contact = self._world.store.by_id(contact_id)
        if contact is None:
            raise KeyError(contact_id)
        hear(self._world, contact, text)

    def add_field(self, title: str) -> int:
        """Add a custom field and return its id; a title may be empty or there already."""
        return self._world.account.add_field(title)

    def add_tag(self, name: str) -> int:
        """Add a tag and return its id."""
        return self._world.account.add_tag(name)

    def add_list(self, title: str) -> int:
        """Add an empty list and return its id."""
        return int(self._world.account.add_list(title, "", self._seed)["id"])

    def list_members(self, list_id: int) -> list[int]:
        """Return the ids of the contacts on a list."""
        return list(self._world.account.lists[list_id]["contacts"])

    def seed(self, count: int, *, per_stamp: int = 1, opted_out_every: int = 0) -> None:
        """Add made-up contacts, written in the past a second apart.

        `per_stamp` of them share one stamp (0: all), every `opted_out_every`th is opted out (0: none).
        """
        with collector_paused():
            seed_contacts(self._world, count, per_stamp=per_stamp, opted_out_every=opted_out_every)

    def save(self, path: Path) -> None:
        """Save the account's contacts, fields and tags; a name ending .gz is compressed. Raises OSError."""
        _save.save(self._world, path)

    def load(self, path: Path) -> int:
        """Add the contacts of a saved file or of a snapshot's contacts.jsonl.gz; return how many.

        Raises OSError, or ValueError naming the line that cannot be read.
        """
        with collector_paused():
            return _save.load(self._world, path)

    @contextlib.asynccontextmanager
    async def serve(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
        """Serve the API and give its base URL; port 0 takes a free one. Raises OSError when the address is taken."""
        listener = Listener(self._application(), host, port)
        self._gate.go_away = listener.go_away
        await listener.start()
        try:
            yield listener.url
        finally:
            await listener.stop()

    def run_forever(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        on_ready: Callable[[str], None] = lambda _url: None,
        save: Path | None = None,
    ) -> None:
        """Serve until SIGINT or SIGTERM, then save the contacts to `save` if given. Blocks; main thread only.

        `on_ready` is called with the base URL once requests are answered. Raises OSError.
        """
        # What is loaded by now stays: looking through a million contacts for garbage would stall answers.
        gc.freeze()
        asyncio.run(self._serve_until_told(host, port, on_ready))
        if save is not None:
            self.save(save)

    async def _serve_until_told(self, host: str, port: int, on_ready: Callable[[str], None]) -> None:
        told = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, told.set)
        try:
            async with self.serve(host, port) as url:
                on_ready(url)
                await told.wait()
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def _application(self) -> web.Application:
        @web.middleware
        async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._gate.answer(request, handler)

        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[gate])
        for routes in (V1Contacts(self._world), V2Contacts(self._world), AccountRoutes(self._world), Admin(self)):
            routes.add_routes(app.router)
        return app
