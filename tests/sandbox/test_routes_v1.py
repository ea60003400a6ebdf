"""The v1 contact endpoints as documented, and each trait that bends them."""

import pytest

from pipeline.sandbox import Sandbox, Traits
from tests.sandbox.client import ANA, BEN, Api, served


async def test_a_missing_contact_is_404_or_what_the_trait_says() -> None:
    for status in (404, 400):
        sandbox = Sandbox(traits=Traits(missing_status=status))
        async with served(sandbox) as api:
            for method, path, body in (
                ("GET", "/v1/contact/9", None),
                ("PUT", "/v1/contact/9", {"phone": ANA}),
                ("DELETE", "/v1/contact/9", None),
                ("POST", "/v1/contact/get", {"phone": ANA}),
                ("POST", "/v1/contact/status", {"id": "9"}),
                ("POST", "/v1/contact/set_status", {"id": 9, "status": "active"}),
            ):
                assert (await api.call(method, path, body)).status == status


async def test_a_uuid_is_no_v1_id() -> None:
    sandbox = Sandbox()
    ana = sandbox.add_contact(ANA)
    async with served(sandbox) as api:
        assert (await api.call("GET", f"/v1/contact/{ana['uuid']}")).status == 400


async def test_delete_is_permanent_and_answers_ok() -> None:
    sandbox = Sandbox()
    ana = sandbox.add_contact(ANA)
    async with served(sandbox) as api:
        assert await api.ok("DELETE", f"/v1/contact/{ana['id']}") == "ok"
        assert (await api.call("GET", f"/v1/contact/{ana['id']}")).status == 404
    assert sandbox.contacts() == []
    assert sandbox.writes == [("delete", ana["id"], 1)]


async def test_get_finds_by_phone_and_by_id_as_number_or_text() -> None:
    sandbox = Sandbox()
    ana = sandbox.add_contact(ANA)
    async with served(sandbox) as api:
        for body in ({"phone": ANA}, {"id": ana["id"]}, {"id": str(ana["id"])}):
            assert (await api.ok("POST", "/v1/contact/get", body))["id"] == ana["id"]
        for wrong in ({}, {"id": True}, {"phone": 5}, {"id": "x"}):
            assert (await api.call("POST", "/v1/contact/get", wrong)).status == 400


@pytest.mark.parametrize(
    ("word", "opted_out", "blocked"),
    [
        ("active", False, False),
        ("blocked", True, True),
        ("unblocked", True, False),
        ("subscribed", False, True),
        ("unsubscribed", True, True),
    ],
)
async def test_set_status_is_read_back_by_status(word: str, *, opted_out: bool, blocked: bool) -> None:
    sandbox = Sandbox()
    ana = sandbox.add_contact(ANA, is_opted_out=True, blocked=True)
    async with served(sandbox) as api:
        assert await api.ok("POST", "/v1/contact/set_status", {"phone": ANA, "status": word}) == "success"
        shown = await api.ok("POST", "/v1/contact/status", {"id": ana["id"]})
        assert shown == {"id": ana["id"], "phone": ANA, "unsubscribed": opted_out, "blocked": blocked}
        sandbox.traits = Traits(status_shape="long")
        long = await api.ok("POST", "/v1/contact/status", {"phone": ANA})
        assert long == {**shown, "unsubscribed_admin": False, "unsubscribed_contact": opted_out}
        assert (await api.call("POST", "/v1/contact/set_status", {"phone": ANA, "status": "gone"})).status == 400
    assert sandbox.writes == [("status", ana["id"], 2)]


async def test_who_opted_a_contact_out_is_kept_apart() -> None:
    sandbox = Sandbox(traits=Traits(status_shape="long"))
    ana = sandbox.add_contact(ANA)

    async def told(api: Api) -> tuple[bool, bool, bool]:
        shown = await api.ok("POST", "/v1/contact/status", {"id": ana["id"]})
        return shown["unsubscribed"], shown["unsubscribed_admin"], shown["unsubscribed_contact"]

    async def change(api: Api, **write: object) -> tuple[bool, bool, bool]:
        await api.ok("PUT", f"/v1/contact/{ana['id']}", {"phone": ANA, **write})
        return await told(api)

    async with served(sandbox) as api:
        assert await told(api) == (False, False, False)
        assert await change(api, is_opted_out=True) == (True, True, False)
        sandbox.receive(ana["id"], "Stop")
        assert await told(api) == (True, True, True)
        assert await change(api, first="Ann") == (True, True, True)
        sandbox.receive(ana["id"], " start ")
        assert await told(api) == (False, False, False)
        sandbox.receive(ana["id"], "QUIT")
        assert await change(api, is_opted_out=True) == (True, False, True), "it was opted out already"
        assert await change(api, is_opted_out=False) == (False, False, False)
        created = await api.ok("POST", "/v1/contact", {"phone": BEN, "is_opted_out": True})
        shown = await api.ok("POST", "/v1/contact/status", {"id": created["id"]})
        assert (shown["unsubscribed_admin"], shown["unsubscribed_contact"]) == (True, False)
    with pytest.raises(ValueError, match="no keyword"):
        sandbox.receive(ana["id"], "hello")
    with pytest.raises(KeyError):
        sandbox.receive(9, "STOP")


@pytest.mark.parametrize(
    ("choice", "in_list", "in_status"), [("list", True, True), ("status", False, True), ("nowhere", False, False)]
)
async def test_where_it_is_shown_who_is_blocked(choice: str, *, in_list: bool, in_status: bool) -> None:
    sandbox = Sandbox(traits=Traits(blocked_shown=choice))
    ana = sandbox.add_contact(ANA, blocked=True)
    async with served(sandbox) as api:
        [listed] = await api.ok("POST", "/v1/contacts", {})
        status = await api.ok("POST", "/v1/contact/status", {"id": ana["id"]})
    assert (listed.get("blocked"), status.get("blocked")) == (in_list or None, in_status or None)


async def test_the_status_call_may_be_missing() -> None:
    sandbox = Sandbox(traits=Traits(status_call="missing", missing_status=400))
    ana = sandbox.add_contact(ANA)
    async with served(sandbox) as api:
        assert (await api.call("POST", "/v1/contact/status", {"id": ana["id"]})).status == 404
        await api.ok("POST", "/v1/contact/set_status", {"id": ana["id"], "status": "blocked"})
    assert sandbox.contacts()[0]["blocked"]


@pytest.mark.parametrize("touches", [True, False])
async def test_a_change_of_status_raises_revision_and_stamp_or_not(*, touches: bool) -> None:
    sandbox = Sandbox(traits=Traits(status_touches=touches))
    before = sandbox.add_contact(ANA, updated="2026-05-01T10:00:00Z", rev=3)
    async with served(sandbox) as api:
        await api.ok("POST", "/v1/contact/set_status", {"id": before["id"], "status": "unsubscribed"})
    [after] = sandbox.contacts()
    assert (after["is_opted_out"], after["rev"]) == (True, 3 + touches)
    assert (after["updated"] != before["updated"]) is touches


@pytest.mark.parametrize(("shape", "body"), [("object", {"count": 3}), ("number", 3), ("text", "3")])
async def test_count_has_the_shape_of_its_trait(shape: str, body: object) -> None:
    sandbox = Sandbox(traits=Traits(count_shape=shape))
    sandbox.seed(3)
    async with served(sandbox) as api:
        assert await api.ok("POST", "/v1/contacts/count", {}) == body
        sandbox.traits = Traits(count="missing")
        assert (await api.call("POST", "/v1/contacts/count")).status == 404
