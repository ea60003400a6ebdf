"""The v1 contact endpoints as documented, and each trait that bends them."""

import pytest

from pipeline.sandbox import Sandbox, Traits
from tests.sandbox.client import ANA, served


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


@pytest.mark.parametrize(("shape", "body"), [("object", {"count": 3}), ("number", 3), ("text", "3")])
async def test_count_has_the_shape_of_its_trait(shape: str, body: object) -> None:
    sandbox = Sandbox(traits=Traits(count_shape=shape))
    sandbox.seed(3)
    async with served(sandbox) as api:
        assert await api.ok("POST", "/v1/contacts/count", {}) == body
        sandbox.traits = Traits(count="missing")
        assert (await api.call("POST", "/v1/contacts/count")).status == 404
