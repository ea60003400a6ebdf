"""Each endpoint: exactly what is sent, and what is made of the answer."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import anyio.lowlevel
import pytest
from aioresponses import CallbackResult
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import jsontext
from pipeline.errors import (
    AnswerLost,
    CredentialsRefused,
    PipelineError,
    RequestRefused,
    ServiceUnavailable,
    SettingsError,
)
from pipeline.heymarket import ClientConfig, HeymarketClient, open_client
from pipeline.heymarket._client import MOST_TAG_PAGES
from pipeline.models._changes import WriteAnswer
from pipeline.models._contacts import CustomField, Json, Record
from pipeline.models._outcomes import Traffic
from pipeline.models._pages import PageRequest
from tests.heymarket.responses import BASE_URL, ApiResponses, StreamlessResponse
from tests.test_wire import json_values

CONFIG = ClientConfig(BASE_URL, api_key="key-of-the-team", requests_per_minute=0, max_attempts=2)


async def no_sleep(_seconds: float) -> None:
    await anyio.lowlevel.checkpoint()


@pytest.fixture
async def client() -> AsyncIterator[HeymarketClient]:
    async with open_client(CONFIG, sleep=no_sleep) as opened:
        yield opened


async def test_a_search_asks_for_all_phones_at_once(client: HeymarketClient) -> None:
    with ApiResponses() as api:
        api.answer("POST", "/v2/contacts/search", body='[{"id": 1, "phone": "14155550100"}]')
        found = await client.search_by_phone(["14155550100", "14155550101"])

        (sent,) = api.sent("POST", "/v2/contacts/search")
    assert [(record.id, record.phone) for record in found] == [(1, "14155550100")]
    assert sent["json"] == {
        "contact_channels": [{"channel_type": "phone", "channel_ids": ["14155550100", "14155550101"]}]
    }
    assert sent["headers"]["Authorization"] == "Bearer key-of-the-team"
    assert sent["headers"]["Content-Type"] == "application/json"


async def test_a_search_for_nothing_sends_nothing(client: HeymarketClient) -> None:
    assert await client.search_by_phone([]) == []
    assert client.traffic == Traffic()


@pytest.mark.parametrize("status", [400, 413])
async def test_a_search_that_is_too_long_is_the_callers_to_halve(client: HeymarketClient, status: int) -> None:
    with ApiResponses() as api:
        api.answer("POST", "/v2/contacts/search", status=status, body='"too many"')
        with pytest.raises(RequestRefused) as caught:
            await client.search_by_phone(["14155550100"])

    assert caught.value.status == status


async def test_a_create_sends_the_write_shape(client: HeymarketClient) -> None:
    body = {"phone": "14155550100", "first": "Zo\u00eb", "custom": {"12": "Gold"}, "tags": [{"tag_id": 3}]}
    with ApiResponses() as api:
        api.answer("POST", "/v1/contact", body='{"id": 9, "rev": 1, "uuid": "u-9"}', headers={"X-Request-Id": "req-9"})
        answer = await client.create_contact(body)

        (sent,) = api.sent("POST", "/v1/contact")
    assert answer == WriteAnswer(9, 1, "u-9", "req-9")
    assert sent["json"] == body


@pytest.mark.parametrize(("overwrite", "flag"), [(True, "true"), (False, "false")])
async def test_an_update_names_its_overwrite_flag(client: HeymarketClient, overwrite: bool, flag: str) -> None:
    with ApiResponses() as api:
        api.answer("PUT", f"/v1/contact/7?overwrite={flag}", body='{"id": 7, "rev": 3}')
        answer = await client.update_contact(7, {"phone": "14155550100"}, overwrite=overwrite)

        (sent,) = api.sent("PUT", f"/v1/contact/7?overwrite={flag}")
    assert answer == WriteAnswer(7, 3)
    assert sent["json"] == {"phone": "14155550100"}


async def test_a_write_without_a_usable_answer_is_in_doubt(client: HeymarketClient) -> None:
    with ApiResponses() as api:
        api.answer("POST", "/v1/contact", body="<html>", headers={"X-Request-Id": "req-9"})
        with pytest.raises(AnswerLost, match="request id req-9"):
            await client.create_contact({"phone": "14155550100"})
        api.answer("PUT", "/v1/contact/7?overwrite=false", status=500)
        with pytest.raises(AnswerLost):
            await client.update_contact(7, {"phone": "14155550100"}, overwrite=False)

    assert client.traffic.requests == 2


async def test_a_bare_word_answers_a_write_without_an_id(client: HeymarketClient) -> None:
    with ApiResponses() as api:
        api.answer("POST", "/v1/contact", body='"ok"')

        assert await client.create_contact({"phone": "14155550100"}) == WriteAnswer(None)


async def test_a_contact_is_read_by_id_and_none_where_there_is_none(client: HeymarketClient) -> None:
    with ApiResponses() as api:
        api.answer("GET", "/v1/contact/7", body='{"id": 7}')
        api.answer("GET", "/v1/contact/8", status=404)

        assert await client.get_contact(7) == Record(7, "", raw=b'{"id":7}')
        assert await client.get_contact(8) is None
        assert api.sent("GET", "/v1/contact/7")[0]["json"] is None


async def test_another_refusal_of_a_contact_is_an_error(client: HeymarketClient) -> None:
    with ApiResponses() as api:
        api.answer("GET", "/v1/contact/7", status=400)
        with pytest.raises(RequestRefused):
            await client.get_contact(7)


@pytest.mark.parametrize("status", [404, 400])
async def test_a_uuid_that_nobody_has_is_none(client: HeymarketClient, status: int) -> None:
    with ApiResponses() as api:
        api.answer("GET", "/v2/contact/u-7%2F", status=status)
        assert await client.get_by_uuid("u-7/") is None


@pytest.mark.parametrize(("status", "has_none"), [(403, True), (405, True), (501, True), (422, False)])
async def test_a_call_that_the_service_lacks_is_refused_and_known_by_its_status(
    client: HeymarketClient, status: int, has_none: bool
) -> None:
    with ApiResponses() as api:
        api.answer("GET", "/v2/contact/u-7", status=status)
        with pytest.raises(RequestRefused) as caught:
            await client.get_by_uuid("u-7")
    assert (caught.value.status, caught.value.has_no_endpoint) == (status, has_none)


async def test_a_403_of_a_call_that_every_service_has_is_about_the_credentials(client: HeymarketClient) -> None:
    with ApiResponses() as api:
        api.answer("GET", "/v1/contact/7", status=403)
        with pytest.raises(CredentialsRefused):
            await client.get_contact(7)


async def test_a_page_keeps_the_order_and_the_request(client: HeymarketClient) -> None:
    request = PageRequest(date="2026-01-01T00:00:00.10Z", ascending=True, limit=2)
    with ApiResponses() as api:
        api.answer("POST", "/v1/contacts", body='[{"id": 5}, {"id": 2}]')
        page = await client.list_contacts(request)

        (sent,) = api.sent("POST", "/v1/contacts")
    assert [record.id for record in page.records] == [5, 2]
    assert page.request == request
    assert sent["json"] == {"date": "2026-01-01T00:00:00.10Z", "ascending": True, "limit": 2}


@pytest.mark.parametrize(
    ("status", "body", "count"),
    [
        (200, "12", 12),
        (200, '{"count": 12}', 12),
        (200, '{"contacts": "none of your business"}', None),
        (404, "", None),
        (405, "", None),
        (501, "", None),
    ],
)
async def test_a_count_is_a_number_or_unknown(
    client: HeymarketClient, status: int, body: str, count: int | None
) -> None:
    with ApiResponses() as api:
        api.answer("POST", "/v1/contacts/count", status=status, body=body)

        assert await client.count_contacts() == count
        assert api.sent("POST", "/v1/contacts/count")[0]["json"] == {}


async def test_a_count_that_is_refused_otherwise_is_an_error(client: HeymarketClient) -> None:
    with ApiResponses() as api:
        api.answer("POST", "/v1/contacts/count", status=400)
        with pytest.raises(RequestRefused):
            await client.count_contacts()


async def test_custom_fields_are_read_from_either_shape(client: HeymarketClient) -> None:
    with ApiResponses() as api:
        api.answer("POST", "/v1/contact-fields", body='[{"id": 1, "title": "Plan"}]')
        api.answer("POST", "/v1/contact-fields", body='{"fields": [{"id": "2", "title": ""}]}')

        assert await client.list_custom_fields() == (CustomField(1, "Plan"),)
        assert await client.list_custom_fields() == (CustomField(2, ""),)


async def test_tags_are_read_page_by_page_until_nothing_is_new(client: HeymarketClient) -> None:
    with ApiResponses() as api:
        api.answer(
            "POST", "/v1/tags", body='[{"id": 5, "tag": "vip", "updated": "d5"}, {"id": 4, "tag": "", "updated": "d4"}]'
        )
        api.answer(
            "POST", "/v1/tags", body='[{"id": 4, "tag": "", "updated": "d4"}, {"id": 2, "tag": "vip", "updated": "d2"}]'
        )
        api.answer("POST", "/v1/tags", body='[{"id": 2, "tag": "vip", "updated": "d2"}]')

        assert await client.list_tags() == {"vip": 5}
        assert [sent["json"] for sent in api.sent("POST", "/v1/tags")] == [{}, {"date": "d4"}, {"date": "d2"}]


@pytest.mark.parametrize(
    "page", ['[{"id": 5, "tag": "vip", "updated": "d5"}]', "[]", "null", '[{"id": 5, "tag": "vip"}]']
)
async def test_a_tag_list_that_ignores_the_date_ends_too(client: HeymarketClient, page: str) -> None:
    with ApiResponses() as api:
        api.answer("POST", "/v1/tags", body=page, repeat=True)

        assert await client.list_tags() == ({"vip": 5} if "vip" in page else {})
        assert client.traffic.requests <= 2


async def test_a_tag_list_without_end_is_left_at_last(client: HeymarketClient) -> None:
    numbers = itertools.count(1)

    def another(*_: object, **__: object) -> CallbackResult:
        number = next(numbers)
        body = f'[{{"id": {number}, "tag": "t{number}", "updated": "d{number}"}}]'
        return CallbackResult("POST", body=body, response_class=StreamlessResponse)

    with ApiResponses() as api:
        api.answer("POST", "/v1/tags", callback=another, repeat=True)

        assert len(await client.list_tags()) == MOST_TAG_PAGES


async def test_inboxes_are_counted_and_the_team_named(client: HeymarketClient) -> None:
    with ApiResponses() as api:
        api.answer("GET", "/v1/inboxes", body='[{"id": 1}, {"id": 2}]')
        api.answer("GET", "/v1/team", body='{"id": 3, "name": "Acme", "members": []}')

        assert await client.list_inboxes() == 2
        assert await client.team() == {"id": 3, "name": "Acme"}


async def test_the_traffic_is_counted_on_the_wire(client: HeymarketClient) -> None:
    with ApiResponses() as api:
        api.answer("GET", "/v1/inboxes", status=503)
        api.answer("GET", "/v1/inboxes", status=429, headers={"Retry-After": "1"})
        api.answer("GET", "/v1/inboxes", body="[]")
        await client.list_inboxes()

    assert client.traffic == Traffic(requests=3, rate_limited=1, retries=2)
    assert client.requests_per_minute == 0


async def test_a_read_with_the_wrong_shape_is_repeated_and_then_unavailable(client: HeymarketClient) -> None:
    with ApiResponses() as api:
        api.answer("POST", "/v1/contacts", body='{"surprise": 1}', repeat=True)
        with pytest.raises(ServiceUnavailable, match="holds no list"):
            await client.list_contacts(PageRequest())

    assert client.traffic.requests == 2


@pytest.mark.parametrize(
    "config",
    [ClientConfig(BASE_URL), ClientConfig(BASE_URL, secret_id="only"), ClientConfig(BASE_URL, secret_key="only")],
)
async def test_without_credentials_nothing_is_opened(config: ClientConfig) -> None:
    with pytest.raises(SettingsError, match="HEYMARKET_SECRET_ID"):
        async with open_client(config):
            pytest.fail("a client without credentials was opened")


CALLS: list[Callable[[HeymarketClient], Awaitable[Any]]] = [
    lambda client: client.search_by_phone(["14155550100"]),
    lambda client: client.create_contact({"phone": "14155550100"}),
    lambda client: client.update_contact(7, {"phone": "14155550100"}, overwrite=False),
    lambda client: client.get_contact(7),
    lambda client: client.list_contacts(PageRequest()),
    lambda client: client.count_contacts(),
    lambda client: client.list_custom_fields(),
    lambda client: client.list_tags(),
    lambda client: client.list_inboxes(),
    lambda client: client.team(),
    lambda client: client.get_status(7),
    lambda client: client.set_status(7, "blocked"),
    lambda client: client.get_by_uuid("u"),
    lambda client: client.create_with_channels({"contact_channels": []}),
    lambda client: client.update_by_uuid("u", {}, overwrite=False),
    lambda client: client.delete_by_uuid("u"),
    lambda client: client.list_channels("u"),
    lambda client: client.add_channel("u", "line", "x"),
    lambda client: client.replace_channel("u", "line", "x"),
    lambda client: client.delete_channel("u", "line"),
]
ENDPOINTS = [
    ("POST", "/v2/contacts/search"),
    ("POST", "/v1/contact"),
    ("PUT", "/v1/contact/7?overwrite=false"),
    ("GET", "/v1/contact/7"),
    ("POST", "/v1/contacts"),
    ("POST", "/v1/contacts/count"),
    ("POST", "/v1/contact-fields"),
    ("POST", "/v1/tags"),
    ("GET", "/v1/inboxes"),
    ("GET", "/v1/team"),
    ("POST", "/v1/contact/status"),
    ("POST", "/v1/contact/set_status"),
    ("GET", "/v2/contact/u"),
    ("POST", "/v2/contact"),
    ("PUT", "/v2/contact/u?overwrite=false"),
    ("DELETE", "/v2/contact/u"),
    ("GET", "/v2/contact/u/channels"),
    ("POST", "/v2/contact/u/channel"),
    ("PUT", "/v2/contact/u/channel"),
    ("DELETE", "/v2/contact/u/channel/line"),
]


@settings(max_examples=40, deadline=None)
@given(value=json_values, status=st.sampled_from([200, 200, 200, 201, 301, 400, 404, 500, 599]))
def test_no_answer_raises_anything_but_our_own_errors(value: Json, status: int) -> None:
    async def call_all() -> None:
        async with open_client(CONFIG, sleep=no_sleep) as client:
            with ApiResponses() as api:
                for method, path in ENDPOINTS:
                    api.answer(method, path, status=status, body=jsontext.encode(value), repeat=True)
                for call in CALLS:
                    await outcome(call(client))

    asyncio.run(call_all())


async def outcome(call: Awaitable[Any]) -> str:
    try:
        await call
    except PipelineError as error:
        return str(error)
    return "fine"
