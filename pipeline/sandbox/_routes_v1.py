"""The v1 contact endpoints: contacts by integer id, the list, status and batch."""

import json
from typing import Any

from aiohttp import web

from pipeline.sandbox._answers import Problem, answer, bad_data, read_body, read_flag, read_number, read_object
from pipeline.sandbox._listing import list_page, read_archived
from pipeline.sandbox._records import StoredContact
from pipeline.sandbox._world import World
from pipeline.sandbox._writes import create, create_or_follow, delete, phone_taken, read_write, touch, update

STATUS_CHANGES: dict[str, dict[str, bool]] = {
    "active": {"is_opted_out": False, "blocked": False},
    "blocked": {"blocked": True},
    "unblocked": {"blocked": False},
    "subscribed": {"is_opted_out": False},
    "unsubscribed": {"is_opted_out": True},
}


class V1Contacts:
    """Handlers of the v1 contact endpoints on one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add the endpoints to `router`."""
        router.add_post("/v1/contact", self.create)
        router.add_post("/v1/contact/get", self.find)
        router.add_post("/v1/contact/status", self.status)
        router.add_post("/v1/contact/set_status", self.set_status)
        router.add_get("/v1/contact/{id}", self.get)
        router.add_put("/v1/contact/{id}", self.update)
        router.add_delete("/v1/contact/{id}", self.delete)
        router.add_post("/v1/contacts", self.list_contacts)
        router.add_post("/v1/contacts/count", self.count)
        router.add_post("/v1/batch/contacts", self.batch)

    async def create(self, request: web.Request) -> web.Response:
        """POST /v1/contact."""
        body = read_write(await read_body(request), self._world)
        overwrite = self._world.traits.overwrite_default
        contact = create_or_follow(self._world, body, self._world.traits.create_existing, overwrite=overwrite)
        return answer(self._world.receipt(contact))

    async def get(self, request: web.Request) -> web.Response:
        """GET /v1/contact/{id}."""
        return answer(self._world.shown(self._addressed(request)))

    async def update(self, request: web.Request) -> web.Response:
        """PUT /v1/contact/{id}?overwrite=."""
        overwrite = read_flag(request, "overwrite", default=self._world.traits.overwrite_default)
        body = read_write(await read_body(request), self._world)
        contact = update(self._world, self._addressed(request), body, overwrite=overwrite)
        return answer(self._world.receipt(contact))

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE /v1/contact/{id}."""
        delete(self._world, self._addressed(request))
        return answer("ok")

    async def find(self, request: web.Request) -> web.Response:
        """POST /v1/contact/get by phone or id."""
        return answer(self._world.shown(self._named(await read_object(request))))

    async def status(self, request: web.Request) -> web.Response:
        """POST /v1/contact/status by phone or id."""
        traits = self._world.traits
        if traits.status_call == "missing":
            raise self._world.no_endpoint()
        contact = self._named(await read_object(request))
        shown = {"id": contact.id, "phone": contact.phone, "unsubscribed": contact.is_opted_out}
        if traits.blocked_shown != "nowhere":
            shown["blocked"] = contact.blocked
        if traits.status_shape == "long":
            shown["unsubscribed_admin"] = contact.unsubscribed_admin
            shown["unsubscribed_contact"] = contact.unsubscribed_contact
        return answer(shown)

    async def set_status(self, request: web.Request) -> web.Response:
        """POST /v1/contact/set_status by phone or id."""
        body = await read_object(request)
        word = body.get("status")
        if not isinstance(word, str) or word not in STATUS_CHANGES:
            raise bad_data(f"status must be one of {', '.join(STATUS_CHANGES)}")
        touches = self._world.traits.status_touches
        touch(self._world, self._named(body), "status", touches=touches, **STATUS_CHANGES[word])
        return answer("success")

    async def list_contacts(self, request: web.Request) -> web.Response:
        """POST /v1/contacts: one page."""
        body = await read_object(request)
        return answer([self._world.shown(contact) for contact in list_page(self._world, body)])

    async def count(self, request: web.Request) -> web.Response:
        """POST /v1/contacts/count."""
        traits = self._world.traits
        if traits.count == "missing":
            raise self._world.no_endpoint()
        number = self._world.store.count(archived=read_archived(traits, await read_object(request)))
        return answer({"object": {"count": number}, "number": number, "text": str(number)}[traits.count_shape])

    async def batch(self, request: web.Request) -> web.Response:
        """POST /v1/batch/contacts?overwrite=."""
        traits = self._world.traits
        overwrite = read_flag(request, "overwrite", default=traits.overwrite_default)
        entries = await read_body(request)
        if not isinstance(entries, list):
            raise bad_data("the body must be an array of contacts")
        if traits.batch_limit and len(entries) > traits.batch_limit:
            raise Problem(traits.too_large_status, f"at most {traits.batch_limit} contacts a call")
        stamp = self._world.bulk_stamp()
        stored: dict[int, StoredContact] = {}
        failed: list[Any] = []
        for entry in entries:
            try:
                contact = self._take(entry, overwrite=overwrite, stamp=stamp)
            except Problem:
                failed.append(entry)
            else:
                stored[contact.id] = contact
        if traits.batch_answer == "contacts":
            return answer([self._world.shown(contact) for contact in stored.values()])
        return answer(failed if failed and traits.batch_answer == "failed" else "ok")

    def _take(self, entry: object, *, overwrite: bool, stamp: int | None) -> StoredContact:
        world, traits = self._world, self._world.traits
        body = read_write(self._without_dropped(entry), world)
        twins = world.store.by_handle("phone", body.phone)
        policy = traits.batch_existing
        if policy == "flag":
            policy = "update" if overwrite else "skip"
        if not twins or policy == "duplicate":
            return create(world, body, stamp)
        if policy == "error":
            raise phone_taken(world)
        if policy == "skip":
            return twins[0]
        return update(world, twins[0], body, overwrite=overwrite, stamp=stamp, is_batch=True)

    def _without_dropped(self, entry: object) -> object:
        if not isinstance(entry, dict):
            return entry
        traits = self._world.traits
        dropped = {"custom": traits.batch_custom == "drop", "tags": traits.batch_tags == "drop"}
        return {key: value for key, value in entry.items() if not dropped.get(key)}

    def _addressed(self, request: web.Request) -> StoredContact:
        number = read_number(request.match_info["id"], "the contact id")
        contact = self._world.store.by_id(number)
        if contact is None:
            raise self._world.missing()
        return contact

    def _named(self, body: dict[str, Any]) -> StoredContact:
        if body.get("id") is not None:
            contact = self._world.store.by_id(read_number(body["id"], "id"))
        elif isinstance(body.get("phone"), str):
            contact = next(iter(self._world.store.by_handle("phone", body["phone"])), None)
        else:
            raise bad_data(f"id or phone is required, not {json.dumps(sorted(body))}")
        if contact is None:
            raise self._world.missing()
        return contact
