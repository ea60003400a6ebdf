"""The v2 contact endpoints: search, bulk, contacts by UUID, and channels."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from pipeline.sandbox._answers import Problem, answer, bad_data, read_flag, read_object
from pipeline.sandbox._gate import Handler
from pipeline.sandbox._listing import list_page
from pipeline.sandbox._records import Channel, StoredContact, channel_shape
from pipeline.sandbox._world import World
from pipeline.sandbox._writes import (
    create,
    create_or_follow,
    delete,
    infer_kind,
    phone_taken,
    read_channel,
    read_write,
    touch,
    update,
)


class V2Contacts:
    """Handlers of the v2 contact endpoints on one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add the endpoints to `router`."""
        router.add_post("/v2/contacts/search", self.search)
        for method, path, handler in (
            ("POST", "/v2/contacts/list", self.list_contacts),
            ("POST", "/v2/contacts", self.bulk),
            ("DELETE", "/v2/contacts", self.bulk_delete),
            ("POST", "/v2/contact", self.create),
            ("GET", "/v2/contact/{uuid}", self.get),
            ("PUT", "/v2/contact/{uuid}", self.update),
            ("DELETE", "/v2/contact/{uuid}", self.delete),
            ("POST", "/v2/contact/{uuid}/channel", self.add_channel),
            ("PUT", "/v2/contact/{uuid}/channel", self.put_channel),
            ("GET", "/v2/contact/{uuid}/channels", self.channels),
            ("GET", "/v2/contact/{uuid}/channel/{type}", self.channels_of_type),
            ("DELETE", "/v2/contact/{uuid}/channel/{type}", self.delete_channel),
        ):
            router.add_route(method, path, self._where_there(handler, is_of_channels="/channel" in path))

    def _where_there(self, handler: Handler, *, is_of_channels: bool) -> Handler:
        """Return a handler that answers as a server does which lacks the endpoint, where the traits say so."""

        async def run(request: web.Request) -> web.StreamResponse:
            traits = self._world.traits
            if traits.v2_surface == "forbidden":
                raise Problem(403, "this key may not do that")
            if traits.v2_surface == "missing" or (is_of_channels and traits.channel_calls == "missing"):
                raise self._world.no_endpoint()
            return await handler(request)

        return run

    async def search(self, request: web.Request) -> web.Response:
        """POST /v2/contacts/search by many phones, e-mail addresses or UUIDs at once."""
        traits = self._world.traits
        wanted = _read_wanted(await read_object(request))
        if traits.search_limit and len(wanted) > traits.search_limit:
            if traits.search_overflow == "refuse":
                raise Problem(traits.too_large_status, f"at most {traits.search_limit} values a search")
            wanted = wanted[: traits.search_limit]
        return answer([self._shown(contact) for contact in self._found(wanted)])

    async def list_contacts(self, request: web.Request) -> web.Response:
        """POST /v2/contacts/list: one page, like the v1 list."""
        body = await read_object(request)
        return answer([self._shown(contact) for contact in list_page(self._world, body)])

    async def bulk(self, request: web.Request) -> web.Response:
        """POST /v2/contacts with {contacts: [...]}."""
        world = self._world
        entries = (await read_object(request)).get("contacts")
        if not isinstance(entries, list):
            raise bad_data("contacts must be an array")
        if world.traits.batch_limit and len(entries) > world.traits.batch_limit:
            raise Problem(world.traits.too_large_status, f"at most {world.traits.batch_limit} contacts a call")
        stamp = world.bulk_stamp()
        stored: list[StoredContact] = []
        failed: list[dict[str, Any]] = []
        for entry in entries:
            try:
                stored.append(self._take(entry, stamp))
            except Problem as problem:
                failed.append({"contact": entry, "error": problem.message})
        return answer({"contacts": [self._shown(contact) for contact in stored], "failed_contacts": failed})

    async def bulk_delete(self, request: web.Request) -> web.Response:
        """DELETE /v2/contacts by UUIDs."""
        wanted = _read_wanted(await read_object(request))
        if any(kind != "id" for kind, _ in wanted):
            raise bad_data("contacts are deleted by channel_type id")
        for contact in self._found(wanted):
            delete(self._world, contact)
        return answer("ok")

    async def create(self, request: web.Request) -> web.Response:
        """POST /v2/contact: one channel of any type will do."""
        world = self._world
        body = read_write(await read_object(request), world, any_channel=True)
        contact = create_or_follow(world, body, world.traits.bulk_existing, overwrite=world.traits.overwrite_default)
        return answer(self._shown(contact))

    async def get(self, request: web.Request) -> web.Response:
        """GET /v2/contact/{uuid}."""
        return answer(self._shown(self._addressed(request)))

    async def update(self, request: web.Request) -> web.Response:
        """PUT /v2/contact/{uuid}?overwrite=."""
        world = self._world
        overwrite = read_flag(request, "overwrite", default=world.traits.overwrite_default)
        body = read_write(await read_object(request), world, any_channel=True)
        return answer(self._shown(update(world, self._addressed(request), body, overwrite=overwrite)))

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE /v2/contact/{uuid}."""
        delete(self._world, self._addressed(request))
        return answer("ok")

    async def add_channel(self, request: web.Request) -> web.Response:
        """POST /v2/contact/{uuid}/channel: one more way to reach a contact."""
        contact = self._addressed(request)
        kind, handle = read_channel(await read_object(request))
        if any(each.kind == kind and each.handle == handle for each in contact.all_channels()):
            raise bad_data("the contact has this channel")
        channel = self._new_channel(kind, handle)
        return self._changed(contact, channel, channels=(*contact.channels, channel))

    async def put_channel(self, request: web.Request) -> web.Response:
        """PUT /v2/contact/{uuid}/channel: another value for the first channel of a type."""
        contact = self._addressed(request)
        kind, handle = read_channel(await read_object(request))
        old = next((each for each in contact.all_channels() if each.kind == kind), None)
        if old is None:
            raise self._world.missing("channel")
        new = replace(self._new_channel(kind, handle), id=old.id, created=old.created)
        if old.id < 0:
            return self._changed(contact, new, **{kind: handle})
        swapped = tuple(new if each.id == old.id else each for each in contact.channels)
        return self._changed(contact, new, channels=swapped)

    async def channels(self, request: web.Request) -> web.Response:
        """GET /v2/contact/{uuid}/channels."""
        contact = self._addressed(request)
        return answer([channel_shape(contact, each, self._world.traits) for each in contact.all_channels()])

    async def channels_of_type(self, request: web.Request) -> web.Response:
        """GET /v2/contact/{uuid}/channel/{type}."""
        contact = self._addressed(request)
        kind = request.match_info["type"]
        matches = [each for each in contact.all_channels() if each.kind == kind]
        return answer([channel_shape(contact, each, self._world.traits) for each in matches])

    async def delete_channel(self, request: web.Request) -> web.Response:
        """DELETE /v2/contact/{uuid}/channel/{type}: all of a type but the primary phone."""
        contact = self._addressed(request)
        kind = request.match_info["type"]
        left = tuple(each for each in contact.channels if each.kind != kind)
        clears_email = kind == "email" and bool(contact.email)
        if left == contact.channels and not clears_email:
            raise self._world.missing("channel")
        values = {"email": ""} if clears_email else {}
        return self._changed(contact, None, channels=left, **values)

    def _take(self, entry: object, stamp: int | None) -> StoredContact:
        world, traits = self._world, self._world.traits
        uuid = entry.get("contact_id") if isinstance(entry, dict) else None
        if uuid is not None and traits.bulk_by_id == "refuse":
            raise bad_data("contact_id cannot be given")
        body = read_write(entry, world, any_channel=True)
        if uuid is not None and traits.bulk_by_id == "update":
            known = world.store.by_uuid(str(uuid))
            if known is None:
                raise world.missing()
            return update(world, known, body, overwrite=traits.overwrite_default, stamp=stamp)
        twins = world.store.by_handle("phone", body.phone) if body.phone else []
        if not twins or traits.bulk_existing == "duplicate":
            return create(world, body, stamp)
        if traits.bulk_existing == "error":
            raise phone_taken(world)
        return update(world, twins[0], body, overwrite=traits.overwrite_default, stamp=stamp)

    def _found(self, wanted: list[tuple[str, str]]) -> list[StoredContact]:
        found: dict[int, StoredContact] = {}
        for kind, handle in wanted:
            for contact in self._world.store.by_handle(kind, handle):
                found[contact.id] = contact
        return list(found.values())

    def _addressed(self, request: web.Request) -> StoredContact:
        uuid = request.match_info["uuid"]
        if uuid.isdigit():
            raise bad_data("v2 takes the contact's UUID, not its integer id")
        contact = self._world.store.by_uuid(uuid)
        if contact is None:
            raise self._world.missing()
        return contact

    def _shown(self, contact: StoredContact) -> dict[str, Any]:
        return self._world.shown(contact, version="v2")

    def _new_channel(self, kind: str, handle: str) -> Channel:
        moment = self._world.next_stamp()
        return Channel(self._world.next_channel_id(), kind, handle, moment, moment)

    def _changed(self, contact: StoredContact, sent: Channel | None, **values: Any) -> web.Response:
        """Change channels as far as the traits let it, and answer in the shape that they name."""
        traits = self._world.traits
        if traits.channel_calls == "refused":
            raise bad_data("channels cannot be changed")
        if traits.channel_calls == "work":
            contact = touch(self._world, contact, "channel", touches=traits.channel_touches, **values)
        if traits.channel_answer == "list":
            return answer([channel_shape(contact, each, traits) for each in contact.all_channels()])
        if traits.channel_answer == "one" and sent is not None:
            return answer(channel_shape(contact, sent, traits))
        return answer("ok")


def _read_wanted(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the (channel type, value) pairs that a search or bulk delete names."""
    groups = body.get("contact_channels")
    if not isinstance(groups, list):
        raise bad_data("contact_channels must be an array")
    wanted: list[tuple[str, str]] = []
    for group in groups:
        handles = group.get("channel_ids") if isinstance(group, dict) else None
        if not isinstance(handles, list) or not all(isinstance(each, str) for each in handles):
            raise bad_data("channel_ids must be an array of strings")
        kind = group.get("channel_type")
        if kind is not None and not isinstance(kind, str):
            raise bad_data("channel_type must be a string")
        wanted.extend((kind or infer_kind(handle), handle) for handle in handles)
    return wanted
