"""The client against the emulated API: promises that need a server with a memory."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from time import time as real_time
from typing import Any, TypeVar
from uuid import uuid4

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import AnswerLost, CredentialsRefused, RequestRefused
from pipeline.heymarket import ClientConfig, HeymarketClient, open_client
from pipeline.models._contacts import Status, further_channels
from pipeline.models._pages import PageRequest
from pipeline.sandbox import API_KEY, SECRET_ID, SECRET_KEY, Fault, Sandbox, Traits
from pipeline.wire import channel_body

T = TypeVar("T")

PHONE = "14155550100"


class SharedTime:
    """One clock for client and server (unix seconds), moved by sleeping and by every look at it."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def read(self) -> float:
        self.now += 0.001
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await anyio.lowlevel.checkpoint()


@asynccontextmanager
async def connected(sandbox: Sandbox, time: SharedTime, **changes: Any) -> AsyncIterator[HeymarketClient]:
    async with sandbox.serve() as base_url:
        settings = {"secret_id": SECRET_ID, "secret_key": SECRET_KEY, "timeout_seconds": 5.0, **changes}
        config = ClientConfig(base_url, **settings)
        async with open_client(config, sleep=time.sleep, clock=time.read, wall=time.read) as client:
            yield client


@pytest.fixture
def time() -> SharedTime:
    return SharedTime()


@pytest.fixture
def sandbox(time: SharedTime) -> Sandbox:
    return Sandbox(clock=time.read, requests_per_minute=0, fields=["Plan"], tags=["vip"])


@pytest.mark.parametrize("secrets", [{}, {"secret_id": "", "secret_key": "", "api_key": API_KEY}], ids=["jwt", "key"])
async def test_a_contact_makes_the_round_trip(sandbox: Sandbox, time: SharedTime, secrets: dict[str, str]) -> None:
    async with connected(sandbox, time, **secrets) as client:
        (plan,) = await client.list_custom_fields()
        tags = await client.list_tags()
        body = {
            "phone": PHONE,
            "first": "Zo\u00eb",
            "custom": {str(plan.id): "Gold"},
            "tags": [{"tag_id": tags["vip"]}],
        }
        created = await client.create_contact(body)
        assert created.id is not None
        await client.update_contact(created.id, {"phone": PHONE, "first": "Zoe"}, overwrite=False)

        (found,) = await client.search_by_phone([PHONE, "14155550101"])
        assert (found.id, found.phone, found.first) == (created.id, PHONE, "Zoe")
        assert found.custom == {str(plan.id): "Gold"}
        assert found.tags == (tags["vip"],)
        assert await client.get_contact(created.id) == found
        assert await client.get_contact(created.id + 1) is None
        assert (await client.list_contacts(PageRequest())).records == (found,)
        assert await client.count_contacts() == 1
        assert await client.list_inboxes() > 0
        assert (await client.team())["id"]
        assert created.request_id.startswith("sandbox-")


@pytest.mark.parametrize("kind", ["drop_after", "error_after", "truncated", "wrong_json"])
@pytest.mark.parametrize("is_update", [False, True], ids=["create", "update"])
async def test_a_write_whose_answer_is_lost_took_effect_once(
    sandbox: Sandbox, time: SharedTime, kind: str, is_update: bool
) -> None:
    contact = sandbox.add_contact("14155550101")
    sandbox.faults = [Fault(kind, "* /v1/contact*", count=1)]
    async with connected(sandbox, time) as client:
        await client.list_inboxes()
        if is_update:
            write = client.update_contact(contact["id"], {"phone": "14155550101", "first": "A"}, overwrite=False)
        else:
            write = client.create_contact({"phone": PHONE})
        with pytest.raises(AnswerLost):
            await write

        assert len(sandbox.writes) == 1
        assert client.traffic.requests == len(sandbox.requests) == 2


@pytest.mark.parametrize("kind", ["drop_before", "error_before", "html_502", "truncated", "wrong_json", "drop_after"])
async def test_a_read_gets_over_every_fault(sandbox: Sandbox, time: SharedTime, kind: str) -> None:
    sandbox.add_contact(PHONE)
    sandbox.faults = [Fault(kind, count=2)]
    async with connected(sandbox, time) as client:
        assert len(await client.search_by_phone([PHONE])) == 1
        assert client.traffic.retries == 2


async def test_a_429_on_a_write_is_repeated_and_written_once(sandbox: Sandbox, time: SharedTime) -> None:
    sandbox.faults = [Fault("rate_limited", count=3)]
    began = time.now
    async with connected(sandbox, time) as client:
        await client.create_contact({"phone": PHONE})

        assert client.traffic.rate_limited == 3
    assert len(sandbox.writes) == 1
    assert 7 <= time.now - began < 8


async def test_the_servers_own_limit_is_never_met(time: SharedTime) -> None:
    sandbox = Sandbox(clock=time.read, requests_per_minute=60)
    async with connected(sandbox, time, requests_per_minute=60) as client:
        began = time.now

        async def work() -> None:
            for _ in range(75):
                await client.list_inboxes()

        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(work)

        assert client.traffic.rate_limited == 0
        assert client.traffic.requests == 300
        # 300 requests at 60 a minute are 5 minutes; the tokens of 4 minutes were renewed on the way.
        assert 60 * 4.8 <= time.now - began <= 60 * 5.3


@pytest.mark.parametrize("retry_after", ["missing", "seconds", "date"])
async def test_a_limit_lower_than_expected_is_survived(time: SharedTime, retry_after: str) -> None:
    sandbox = Sandbox(traits=Traits(retry_after=retry_after), clock=time.read, requests_per_minute=60)
    async with connected(sandbox, time, requests_per_minute=450, max_attempts=2) as client:
        for _ in range(150):
            await client.list_inboxes()

        assert client.traffic.rate_limited > 0
        assert client.traffic.requests == 150 + client.traffic.rate_limited


@pytest.mark.parametrize("hours", [-1, 1], ids=["behind", "ahead"])
async def test_a_machine_with_a_wrong_clock_is_let_in(hours: int) -> None:
    sandbox = Sandbox()
    async with sandbox.serve() as base_url:
        config = ClientConfig(base_url, secret_id=SECRET_ID, secret_key=SECRET_KEY)
        async with open_client(config, wall=lambda: real_time() + 3600 * hours) as client:
            await client.list_inboxes()
            await client.list_inboxes()

    assert [exchange.status for exchange in sandbox.requests] == [401, 200, 200]


async def test_a_wrong_key_is_refused_after_two_requests(sandbox: Sandbox, time: SharedTime) -> None:
    async with connected(sandbox, time, secret_key="wrong-" + SECRET_KEY) as client:
        with pytest.raises(CredentialsRefused, match="sandbox-"):
            await client.create_contact({"phone": PHONE})

    assert len(sandbox.requests) == 2
    assert sandbox.writes == []


async def test_an_existing_phone_is_the_callers_to_judge(sandbox: Sandbox, time: SharedTime) -> None:
    sandbox.add_contact(PHONE)
    async with connected(sandbox, time) as client:
        with pytest.raises(RequestRefused) as caught:
            await client.create_contact({"phone": PHONE})

    assert caught.value.status == 400
    assert PHONE not in str(caught.value)


async def tried(call: Awaitable[T]) -> T | RequestRefused:
    try:
        return await call
    except RequestRefused as error:
        return error


MAIL, OTHER = ("email", "zoe@example.com"), ("phone", "14155550177")


async def test_a_contact_without_a_phone_lives_and_dies_by_its_uuid(sandbox: Sandbox, time: SharedTime) -> None:
    sandbox.traits = Traits(uuid_readable="v2", channels_shown="v2")
    async with connected(sandbox, time) as client:
        created = await client.create_with_channels({"first": "Zoe", "contact_channels": [channel_body(*MAIL)]})
        (found,) = await client.search(*MAIL[:1], [MAIL[1].upper()])
        assert (found.id, found.phone, found.email, found.channels) == (created.id, "", MAIL[1], (MAIL,))
        assert await client.search("id", [found.uuid, str(uuid4())]) == [found]
        assert await client.get_by_uuid(found.uuid) == found
        assert await client.get_by_uuid(str(uuid4())) is None
        assert await client.knows_uuids(found.uuid)
        updated = await client.update_by_uuid(found.uuid, {"first": "Ann"}, overwrite=False)
        assert (updated.id, updated.rev) == (created.id, 2)
        await client.delete_by_uuid(found.uuid)
        with pytest.raises(RequestRefused):
            await client.delete_by_uuid(found.uuid)
    assert [write.kind for write in sandbox.writes] == ["create", "update", "delete"]


@settings(max_examples=40, deadline=None)
@given(
    traits=st.fixed_dictionaries(
        {},
        optional={
            "v2_surface": st.sampled_from(["there", "missing", "forbidden"]),
            "channel_calls": st.sampled_from(["work", "ignored", "refused", "missing"]),
            "channel_answer": st.sampled_from(["list", "one", "word"]),
            "channel_id_shape": st.sampled_from(["int", "string"]),
            "channels_shown": st.sampled_from(["none", "v2", "all"]),
            "uuid_readable": st.sampled_from([False, "v2", True]),
            "missing_status": st.sampled_from([404, 400]),
            "error_shape": st.sampled_from(["object", "string", "text"]),
        },
    )
)
def test_what_is_read_of_channels_is_what_is_there_whatever_the_service_does(traits: dict[str, Any]) -> None:
    async def try_all() -> None:
        time = SharedTime()
        sandbox = Sandbox(clock=time.read, requests_per_minute=0, traits=Traits(**traits))
        contact = sandbox.add_contact(PHONE, email=MAIL[1])
        shows = sandbox.traits
        async with connected(sandbox, time) as client:
            has_surface = shows.v2_surface == "there"
            assert await client.knows_uuids(contact["uuid"]) is has_surface
            works = has_surface and shows.channel_calls == "work"
            shown = await tried(client.add_channel(contact["uuid"], *OTHER))
            if isinstance(shown, RequestRefused):
                assert not works
                assert shown.has_no_endpoint or shows.channel_calls == "refused"
            else:
                assert shown is None or OTHER in shown or shows.channel_calls == "ignored"
            there = (("phone", PHONE), MAIL, *((OTHER,) if works else ()))
            if has_surface and shows.channel_calls != "missing":
                assert await client.list_channels(contact["uuid"]) == there
            (found,) = await client.search_by_phone([PHONE])
            read = await client.get_contact(contact["id"])
            assert read is not None
            for record, is_shown, has_uuid in (
                (found, shows.channels_shown != "none", shows.uuid_readable is not False),
                (read, shows.channels_shown == "all", shows.uuid_readable is True),
            ):
                assert record.channels == (there if is_shown else None)
                assert further_channels(record) == (there[2:] if is_shown else None)
                assert record.uuid == (contact["uuid"] if has_uuid or is_shown else "")
            if works:
                await client.replace_channel(contact["uuid"], "email", "other@example.com")
                await client.delete_channel(contact["uuid"], "phone")
                assert await client.list_channels(contact["uuid"]) == (there[0], ("email", "other@example.com"))

    anyio.run(try_all)


@settings(max_examples=40, deadline=None)
@given(
    traits=st.fixed_dictionaries(
        {
            "status_shape": st.sampled_from(["short", "long"]),
            "status_call": st.sampled_from(["there", "missing"]),
            "blocked_shown": st.sampled_from(["list", "status", "nowhere"]),
            "opt_out_readable": st.booleans(),
        }
    ),
    words=st.lists(st.sampled_from(["active", "blocked", "unblocked", "subscribed", "unsubscribed", "STOP", "START"])),
)
def test_a_status_is_read_as_it_is_or_as_unknown(traits: dict[str, Any], words: list[str]) -> None:
    async def try_all() -> None:
        time = SharedTime()
        sandbox = Sandbox(clock=time.read, requests_per_minute=0, traits=Traits(**traits))
        number = sandbox.add_contact(PHONE)["id"]
        async with connected(sandbox, time) as client:
            for word in words:
                if word.isupper():
                    sandbox.receive(number, word)
                else:
                    await client.set_status(number, word)
            (held,) = sandbox.contacts()
            status = await client.get_status(number)
            (record,) = await client.search_by_phone([PHONE])
            opt_out = await client.get_opt_out(number)
        is_long = sandbox.traits.status_shape == "long"
        assert opt_out == (status.unsubscribed if status else None)
        assert status == (
            None
            if sandbox.traits.status_call == "missing"
            else Status(
                held["is_opted_out"],
                None if sandbox.traits.blocked_shown == "nowhere" else held["blocked"],
                held["unsubscribed_admin"] if is_long else None,
                held["unsubscribed_contact"] if is_long else None,
            )
        )
        assert held["is_opted_out"] == (held["unsubscribed_admin"] or held["unsubscribed_contact"])
        assert record.is_blocked == (held["blocked"] if sandbox.traits.blocked_shown == "list" else None)

    anyio.run(try_all)
