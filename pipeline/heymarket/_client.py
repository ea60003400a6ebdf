"""The client: one method for each endpoint that the tool uses."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from urllib.parse import quote

import anyio

from pipeline import wire as _wire
from pipeline.errors import RequestRefused, SettingsError
from pipeline.heymarket._policy import Request
from pipeline.heymarket._transport import ClientConfig, Transport, open_transport
from pipeline.limiter import Clock, Sleep
from pipeline.models import CustomField, Json, Listed, Member, Page, PageRequest, Record, Traffic, WriteAnswer

MOST_TAG_PAGES = 1000
"""A bound on the walk over the tags: far more than any account has, so it only ends a server that goes in circles."""


class HeymarketClient:
    """The Heymarket API, as far as the tool needs it. Use `open_client`.

    Every method may raise CredentialsRefused and ServiceUnavailable; the two writes may also raise AnswerLost (in
    doubt: look before repeating) and RequestRefused. Any number of tasks may share one client.
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
        """Return the contacts that have one of `phones` (E.164 digits without the plus).

        Raises RequestRefused; with status 400 or 413 the list may be too long, and the caller halves it.
        """
        if not phones:
            return []
        request = Request("POST", "/v2/contacts/search", _wire.read_records, body=_wire.search_body(phones))
        return list((await self._transport.send(request)).value)

    async def search_by_email(self, emails: Sequence[str]) -> list[Record]:
        """Return the contacts that have one of `emails`. Raises RequestRefused as `search_by_phone` does."""
        if not emails:
            return []
        body = _wire.search_body(emails, "email")
        return list(
            (await self._transport.send(Request("POST", "/v2/contacts/search", _wire.read_records, body=body))).value
        )

    async def create_contact(self, body: Mapping[str, Json]) -> WriteAnswer:
        """Create a contact from the write shape."""
        return await self._write(
            Request("POST", "/v1/contact", _wire.read_write_answer, body=dict(body), is_write=True)
        )

    async def update_contact(self, contact_id: int, body: Mapping[str, Json], *, overwrite: bool) -> WriteAnswer:
        """Update a contact; with `overwrite` all its custom values are replaced, without it they are merged."""
        return await self._write(
            Request(
                "PUT",
                f"/v1/contact/{contact_id}",
                _wire.read_write_answer,
                body=dict(body),
                query={"overwrite": "true" if overwrite else "false"},
                is_write=True,
            )
        )

    async def write_batch(self, bodies: Sequence[Mapping[str, Json]], *, overwrite: bool) -> Mapping[str, WriteAnswer]:
        """Create or update many contacts by one call; return the identities that the answer shows, by phone.

        What the answer means is contradicted (failed contacts, all contacts, a word), so it proves nothing: an ID only
        says where to look. Raises AnswerLost for the whole call and RequestRefused.
        """
        return (
            await self._transport.send(
                Request(
                    "POST",
                    "/v1/batch/contacts",
                    _wire.read_shown_contacts,
                    body=[dict(body) for body in bodies],
                    query={"overwrite": "true" if overwrite else "false"},
                    is_write=True,
                )
            )
        ).value

    async def delete_contact(self, contact_id: int) -> None:
        """Delete a contact for good, its conversation history included. One that is not there counts as deleted.

        Raises AnswerLost and RequestRefused. Source: docs/api.md, section Guide.
        """
        request = Request("DELETE", f"/v1/contact/{contact_id}", _wire.read_anything, is_write=True)
        try:
            await self._transport.send(request)
        except RequestRefused as error:
            if error.status != 404:
                raise

    async def get_contact(self, contact_id: int) -> Record | None:
        """Return a contact, or None when there is none with this id."""
        try:
            return (await self._transport.send(Request("GET", f"/v1/contact/{contact_id}", _wire.read_record))).value
        except RequestRefused as error:
            if error.status == 404:
                return None
            raise

    async def get_opt_out(self, contact_id: int) -> bool | None:
        """Return whether a contact is opted out, or None when the server does not tell (one contact a call).

        Source: docs/api.md, section Endpoints.
        """
        request = Request("POST", "/v1/contact/status", _wire.read_opt_out, body={"id": contact_id})
        try:
            return (await self._transport.send(request)).value
        except RequestRefused:
            return None

    async def opt_out(self, contact_id: int) -> None:
        """Opt a contact out, apart from its other fields. Raises RequestRefused.

        Twice is the same as once here, so it is repeated like a read. Source: docs/api.md, section Endpoints.
        """
        body = {"id": contact_id, "status": "unsubscribed"}
        await self._transport.send(Request("POST", "/v1/contact/set_status", _wire.read_anything, body=body))

    async def list_contacts(self, request: PageRequest) -> Page[Record]:
        """Return one page of the contact list, in the server's order."""
        asked = Request("POST", "/v1/contacts", _wire.read_records, body=_wire.page_body(request))
        return Page(request, (await self._transport.send(asked)).value)

    async def list_page(self, request: PageRequest) -> Page[Listed]:
        """Return one page of the contact list, read as far as a walk needs it."""
        return await self._list_page("/v1/contacts", request)

    async def list_page_v2(self, request: PageRequest) -> Page[Listed]:
        """Return one page of the newer contact list. Source: docs/api.md, section Endpoints."""
        return await self._list_page("/v2/contacts/list", request)

    async def _list_page(self, path: str, request: PageRequest) -> Page[Listed]:
        asked = Request("POST", path, _wire.read_listed, body=_wire.page_body(request))
        return Page(request, (await self._transport.send(asked)).value)

    async def count_contacts(self) -> int | None:
        """Return how many contacts the account has, or None when the server does not tell.

        It does not where it answers 404, 405 or 501, or something without a number.
        """
        try:
            return (await self._transport.send(Request("POST", "/v1/contacts/count", _wire.read_count, body={}))).value
        except RequestRefused as error:
            if error.status in {404, 405, 501}:
                return None
            raise

    async def list_custom_fields(self) -> tuple[CustomField, ...]:
        """Return the custom fields of the account; titles may be empty or shared by two fields."""
        request = Request("POST", "/v1/contact-fields", _wire.read_custom_fields, body={})
        return (await self._transport.send(request)).value

    async def list_tags(self) -> dict[str, int]:
        """Return tag name -> tag ID of the whole account; of tags that share a name the newest counts."""
        tags: dict[str, int] = {}
        for tag_id, name in await self.list_all_tags():
            tags.setdefault(name, tag_id)
        tags.pop("", None)
        return tags

    async def list_all_tags(self) -> list[tuple[int, str]]:
        """Return ID and name of every tag of the account, the newest first.

        The list comes newest first, 30 at a time, and `date` asks for older ones (docs/api.md, section Endpoints).
        The walk ends at a page without a tag not seen before, so a server that ignores `date` ends it too.
        """
        tags: dict[int, str] = {}
        body: dict[str, Json] = {}
        for _ in range(MOST_TAG_PAGES):
            page = (await self._transport.send(Request("POST", "/v1/tags", _wire.read_tags, body=body))).value
            fresh = [tag for tag in page if tag[0] not in tags]
            tags |= {tag_id: name for tag_id, name, _date in fresh}
            if not fresh or not page[-1][2]:
                break
            body = {"date": page[-1][2]}
        return list(tags.items())

    async def list_inboxes(self) -> int:
        """Return how many inboxes the account has; the recommended check of the credentials."""
        return (await self._transport.send(Request("GET", "/v1/inboxes", _wire.read_array_length))).value

    async def team(self) -> Mapping[str, Json]:
        """Return `id` and `name` of the team that the credentials belong to."""
        return (await self._transport.send(Request("GET", "/v1/team", _wire.read_team))).value

    async def describe_team(self) -> dict[str, Json]:
        """Return `id`, `name` and `members` (`id`, `name`, `email`) of the team."""
        request = Request("GET", "/v1/team", lambda body: (_wire.read_team(body), _wire.read_members(body)))
        team, members = (await self._transport.send(request)).value
        return {**team, "members": [asdict(member) for member in members]}

    async def list_members(self) -> tuple[Member, ...]:
        """Return the members of the team. Source: docs/api.md, section Endpoints."""
        return (await self._transport.send(Request("GET", "/v1/team", _wire.read_members))).value

    async def create_custom_fields(self, titles: Sequence[str]) -> None:
        """Create custom fields. Raises AnswerLost and RequestRefused; the list of fields says what came of it.

        Source: docs/api.md, section Endpoints.
        """
        body = [{"title": title} for title in titles]
        await self._transport.send(
            Request("POST", "/v1/contacts/fields", _wire.read_anything, body=body, is_write=True)
        )

    async def list_channels(self, uuid: str) -> frozenset[tuple[str, str]]:
        """Return the channels of a contact as (type, value).

        Source: docs/api.md, section Endpoints.
        """
        request = Request("GET", f"/v2/contact/{quote(uuid, safe='')}/channels", _wire.read_channels)
        return (await self._transport.send(request)).value

    async def add_channel(self, uuid: str, kind: str, value: str) -> None:
        """Give a contact a further channel. Raises AnswerLost and RequestRefused.

        Source: docs/api.md, section Endpoints.
        """
        path = f"/v2/contact/{quote(uuid, safe='')}/channel"
        body = {"channel_type": kind, "channel_id": value}
        await self._transport.send(Request("POST", path, _wire.read_anything, body=body, is_write=True))

    async def add_to_list(self, list_id: int, contact_ids: Sequence[int]) -> None:
        """Add contacts to a list; one that feeds a campaign starts sending. Raises AnswerLost and RequestRefused.

        Source: docs/api.md, section Endpoints.
        """
        body = {"add_contacts": list(contact_ids)}
        await self._transport.send(
            Request("PUT", f"/v2/lists/{list_id}", _wire.read_anything, body=body, is_write=True)
        )

    async def _write(self, request: Request[WriteAnswer]) -> WriteAnswer:
        answer = await self._transport.send(request)
        told = answer.value
        return WriteAnswer(told.id, told.rev, told.uuid, answer.request_id)


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
