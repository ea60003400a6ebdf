"""The client: one method for each endpoint that the tool uses. Source: docs/api.md, section Endpoints."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar
from urllib.parse import quote

import anyio

from pipeline import wire
from pipeline.errors import RequestRefused, SettingsError
from pipeline.heymarket._policy import Request, Result
from pipeline.heymarket._transport import ClientConfig, Transport, open_transport
from pipeline.limiter import Clock, Sleep
from pipeline.models import CustomField, Json, Listed, Member, Page, PageRequest, Record, Status, Traffic, WriteAnswer
from pipeline.values import as_dict, replace

T = TypeVar("T")

MOST_TAG_PAGES = 1000
"""A bound on the walk over the tags: far more than any account has, so it only ends a server that goes in circles."""


class HeymarketClient:
    """The Heymarket API, as far as the tool needs it. Use `open_client`.

    Every method may raise CredentialsRefused, ServiceUnavailable and RequestRefused. A method that writes may also
    raise AnswerLost: the write is in doubt, so look before repeating it. Any number of tasks may share one client.
    """

    def __init__(self, transport: Transport, requests_per_minute: int) -> None:
        self._transport = transport
        self._requests_per_minute = requests_per_minute

    @property
    def traffic(self) -> Traffic:
        """What was sent so far, in requests on the wire."""
        return self._transport.traffic

    @property
    def requests_per_minute(self) -> int:
        """The ceiling that this client keeps; 0 = none."""
        return self._requests_per_minute

    async def search_by_phone(self, phones: Sequence[str]) -> list[Record]:
        """Return the contacts that have one of `phones` (E.164 digits without the plus)."""
        return await self.search("phone", phones)

    async def search_by_email(self, emails: Sequence[str]) -> list[Record]:
        """Return the contacts that have one of `emails`."""
        return await self.search("email", emails)

    async def search(self, kind: str, values: Sequence[str]) -> list[Record]:
        """Return the contacts that have one of the channels; `kind` is phone, email, another type, or id for UUIDs.

        A refusal with status 400 or 413 may mean that the list is too long; the caller then halves it.
        """
        if not values:
            return []
        return list(await self._ask("POST", "/v2/contacts/search", wire.read_records, wire.search_body(values, kind)))

    async def create_contact(self, body: Mapping[str, Json]) -> WriteAnswer:
        """Create a contact from the write shape."""
        return _identified(await self._write("POST", "/v1/contact", wire.read_write_answer, dict(body)))

    async def update_contact(self, contact_id: int, body: Mapping[str, Json], *, overwrite: bool) -> WriteAnswer:
        """Update a contact; with `overwrite` all its custom values are replaced, without it they are merged."""
        path = f"/v1/contact/{contact_id}"
        return _identified(await self._write("PUT", path, wire.read_write_answer, dict(body), overwrite=overwrite))

    async def write_batch(self, bodies: Sequence[Mapping[str, Json]], *, overwrite: bool) -> Mapping[str, WriteAnswer]:
        """Create or update many contacts by one call; return the identities that the answer shows, by phone.

        What the answer means is contradicted (failed contacts, all contacts, a word), so it proves nothing: an ID only
        says where to look. AnswerLost is about the whole call.
        """
        body = [dict(each) for each in bodies]
        path = "/v1/batch/contacts"
        return (await self._write("POST", path, wire.read_shown_contacts, body, overwrite=overwrite)).value

    async def delete_contact(self, contact_id: int) -> None:
        """Delete a contact for good, its conversation history included. One that is not there counts as deleted.

        Source: docs/api.md, section Guide.
        """
        try:
            await self._write("DELETE", f"/v1/contact/{contact_id}", wire.read_anything)
        except RequestRefused as error:
            if error.status != 404:
                raise

    async def get_contact(self, contact_id: int) -> Record | None:
        """Return a contact, or None when there is none with this id."""
        try:
            return await self._ask("GET", f"/v1/contact/{contact_id}", wire.read_record)
        except RequestRefused as error:
            if error.status == 404:
                return None
            raise

    async def get_status(self, contact_id: int) -> Status | None:
        """Return the status of a contact, or None when the server does not tell (one contact a call)."""
        try:
            return await self._ask("POST", "/v1/contact/status", wire.read_status, {"id": contact_id}, is_optional=True)
        except RequestRefused:
            return None

    async def get_opt_out(self, contact_id: int) -> bool | None:
        """Return whether a contact is opted out, or None when the server does not tell (one contact a call)."""
        status = await self.get_status(contact_id)
        return None if status is None else status.unsubscribed

    async def set_status(self, contact_id: int, word: str) -> None:
        """Make a contact `active`, `blocked`, `unblocked`, `subscribed` or `unsubscribed`, apart from its other fields.

        Twice is the same as once, so it is repeated like a read.
        """
        await self._ask("POST", "/v1/contact/set_status", wire.read_anything, wire.status_body(contact_id, word))

    async def opt_out(self, contact_id: int) -> None:
        """Opt a contact out, apart from its other fields."""
        await self.set_status(contact_id, "unsubscribed")

    async def list_contacts(self, request: PageRequest) -> Page[Record]:
        """Return one page of the contact list, in the server's order."""
        return Page(request, await self._ask("POST", "/v1/contacts", wire.read_records, wire.page_body(request)))

    async def list_page(self, request: PageRequest) -> Page[Listed]:
        """Return one page of the contact list, read as far as a walk needs it."""
        return Page(request, await self._ask("POST", "/v1/contacts", wire.read_listed, wire.page_body(request)))

    async def list_page_v2(self, request: PageRequest) -> Page[Listed]:
        """Return one page of the newer contact list, read as far as a walk needs it."""
        body = wire.page_body(request)
        return Page(request, await self._ask("POST", "/v2/contacts/list", wire.read_listed, body, is_optional=True))

    async def count_contacts(self, *, archived: bool = False) -> int | None:
        """Return how many contacts the account has, or None when the server does not tell.

        It does not where it answers 404, 405 or 501, or something without a number. `archived` asks for archived
        contacts as well, as a page of the list does.
        """
        try:
            return await self._ask(
                "POST", "/v1/contacts/count", wire.read_count, {"archived": True} if archived else {}
            )
        except RequestRefused as error:
            if error.has_no_endpoint:
                return None
            raise

    async def list_custom_fields(self) -> tuple[CustomField, ...]:
        """Return the custom fields of the account; titles may be empty or shared by two fields."""
        return await self._ask("POST", "/v1/contact-fields", wire.read_custom_fields, {})

    async def list_tags(self) -> dict[str, int]:
        """Return tag name -> tag ID of the whole account; of tags that share a name the newest counts."""
        tags: dict[str, int] = {}
        for tag_id, name in await self.list_all_tags():
            tags.setdefault(name, tag_id)
        tags.pop("", None)
        return tags

    async def list_all_tags(self) -> list[tuple[int, str]]:
        """Return ID and name of every tag of the account, the newest first.

        The list comes newest first, 30 at a time, and `date` asks for older ones. The walk ends at a page without a tag
        not seen before, so a server that ignores `date` ends it too.
        """
        tags: dict[int, str] = {}
        body: dict[str, Json] = {}
        for _ in range(MOST_TAG_PAGES):
            page = await self._ask("POST", "/v1/tags", wire.read_tags, body)
            fresh = [tag for tag in page if tag[0] not in tags]
            tags |= {tag_id: name for tag_id, name, _date in fresh}
            if not fresh or not page[-1][2]:
                break
            body = {"date": page[-1][2]}
        return list(tags.items())

    async def list_inboxes(self) -> int:
        """Return how many inboxes the account has; the recommended check of the credentials."""
        return await self._ask("GET", "/v1/inboxes", wire.read_array_length)

    async def team(self) -> Mapping[str, Json]:
        """Return `id` and `name` of the team that the credentials belong to."""
        return await self._ask("GET", "/v1/team", wire.read_team)

    async def describe_team(self) -> dict[str, Json]:
        """Return `id`, `name` and `members` (`id`, `name`, `email`) of the team."""
        team, members = await self._ask("GET", "/v1/team", lambda body: (wire.read_team(body), wire.read_members(body)))
        return {**team, "members": [as_dict(member) for member in members]}

    async def list_members(self) -> tuple[Member, ...]:
        """Return the members of the team."""
        return await self._ask("GET", "/v1/team", wire.read_members)

    async def create_custom_fields(self, titles: Sequence[str]) -> None:
        """Create custom fields; the list of fields says what came of it."""
        await self._write("POST", "/v1/contacts/fields", wire.read_anything, [{"title": title} for title in titles])

    # Contacts by UUID and their channels. Some services may lack these calls, so even 403 is a RequestRefused here, and
    # `RequestRefused.has_no_endpoint` says whether that may be the reason.

    async def get_by_uuid(self, uuid: str) -> Record | None:
        """Return a contact, or None when there is none with this UUID.

        None also where the service knows no contacts by UUID and says 404: `knows_uuids` tells the two apart.
        """
        try:
            return await self._ask("GET", _contact_path(uuid), wire.read_record, is_optional=True)
        except RequestRefused as error:
            if error.status in {400, 404}:
                return None
            raise

    async def knows_uuids(self, witness: str) -> bool:
        """Return whether the service finds contacts by UUID. `witness` is one that it has just shown."""
        try:
            return await self.get_by_uuid(witness) is not None
        except RequestRefused as error:
            if error.has_no_endpoint:
                return False
            raise

    async def create_with_channels(self, body: Mapping[str, Json]) -> WriteAnswer:
        """Create a contact from the write shape with `contact_channels`; one channel of any type is enough."""
        answer = await self._write("POST", "/v2/contact", wire.read_write_answer, dict(body), is_optional=True)
        return _identified(answer)

    async def update_by_uuid(self, uuid: str, body: Mapping[str, Json], *, overwrite: bool) -> WriteAnswer:
        """Update a contact; `overwrite` as in `update_contact`."""
        path = _contact_path(uuid)
        answer = await self._write(
            "PUT", path, wire.read_write_answer, dict(body), overwrite=overwrite, is_optional=True
        )
        return _identified(answer)

    async def delete_by_uuid(self, uuid: str) -> None:
        """Delete a contact for good. A 404 raises: it may as well be that the service knows no contacts by UUID."""
        await self._write("DELETE", _contact_path(uuid), wire.read_anything, is_optional=True)

    async def list_channels(self, uuid: str) -> tuple[tuple[str, str], ...]:
        """Return the channels of a contact as (type, value), in the server's order."""
        return await self._ask("GET", f"{_contact_path(uuid)}/channels", wire.read_channels, is_optional=True)

    async def add_channel(self, uuid: str, kind: str, value: str) -> tuple[tuple[str, str], ...] | None:
        """Give a contact a further channel; return the channels that the answer shows, or None where it shows none.

        The documents say that it shows all channels afterwards, but it may be the one that was sent, whether or not the
        contact has it now: only `list_channels` or a search proves what is there.
        """
        return await self._write_channel("POST", uuid, kind, value)

    async def replace_channel(self, uuid: str, kind: str, value: str) -> tuple[tuple[str, str], ...] | None:
        """Give a channel of a type another value; which one where there are several is unknown. As `add_channel`."""
        return await self._write_channel("PUT", uuid, kind, value)

    async def delete_channel(self, uuid: str, kind: str) -> tuple[tuple[str, str], ...] | None:
        """Take a type of channel away, perhaps every channel of that type. Returns what `add_channel` does."""
        path = f"{_contact_path(uuid)}/channel/{quote(kind, safe='')}"
        return (await self._write("DELETE", path, wire.read_shown_channels, is_optional=True)).value

    async def _write_channel(self, method: str, uuid: str, kind: str, value: str) -> tuple[tuple[str, str], ...] | None:
        path = f"{_contact_path(uuid)}/channel"
        body = wire.channel_body(kind, value)
        return (await self._write(method, path, wire.read_shown_channels, body, is_optional=True)).value

    async def add_to_list(self, list_id: int, contact_ids: Sequence[int]) -> None:
        """Add contacts to a list; one that feeds a campaign starts sending."""
        await self._write("PUT", f"/v2/lists/{list_id}", wire.read_anything, {"add_contacts": list(contact_ids)})

    async def _ask(
        self, method: str, path: str, read: wire.Reader[T], body: Json = None, *, is_optional: bool = False
    ) -> T:
        """Send what may be repeated without harm, and return what `read` makes of the answer."""
        return (await self._transport.send(Request(method, path, read, body, is_optional=is_optional))).value

    async def _write(
        self,
        method: str,
        path: str,
        read: wire.Reader[T],
        body: Json = None,
        *,
        overwrite: bool | None = None,
        is_optional: bool = False,
    ) -> Result[T]:
        """Send what must not be repeated blindly. `overwrite` None leaves that parameter out."""
        query = {} if overwrite is None else {"overwrite": "true" if overwrite else "false"}
        request = Request(method, path, read, body, query, is_write=True, is_optional=is_optional)
        return await self._transport.send(request)


def _contact_path(uuid: str) -> str:
    return f"/v2/contact/{quote(uuid, safe='')}"


def _identified(result: Result[WriteAnswer]) -> WriteAnswer:
    return replace(result.value, request_id=result.request_id)


@asynccontextmanager
async def open_client(
    config: ClientConfig, *, sleep: Sleep = anyio.sleep, clock: Clock = time.monotonic, wall: Clock = time.time
) -> AsyncIterator[HeymarketClient]:
    """Open a client and close it in the end. Nothing is sent by opening it.

    `sleep` (seconds), `clock` (monotonic seconds) and `wall` (unix seconds) can be replaced by tests.
    Raises SettingsError when the configuration holds no credentials.
    """
    if not (config.api_key or (config.secret_id and config.secret_key)):
        raise SettingsError(
            "There are no credentials; nothing was sent.",
            advice="Set HEYMARKET_SECRET_ID and HEYMARKET_SECRET_KEY, or HEYMARKET_API_KEY.",
        )
    async with open_transport(config, sleep=sleep, clock=clock, wall=wall) as transport:
        yield HeymarketClient(transport, config.requests_per_minute)
