"""The admin surface for other processes."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from pipeline.sandbox import Fault, Sandbox, Traits
from pipeline.sandbox._admin import Admin
from pipeline.sandbox._answers import Problem
from tests.sandbox.client import ANA, Answer, Api, served


async def admin(api: Api, method: str, name: str, body: object = None) -> Answer:
    return await api.call(method, f"/_sandbox/{name}", body, headers={})


async def test_state_shows_all_and_is_neither_limited_nor_counted() -> None:
    sandbox = Sandbox(requests_per_minute=1, fields=["Plan"], tags=["vip"])
    sandbox.add_contact(ANA, is_opted_out=True)
    async with served(sandbox) as api:
        answers = [await admin(api, "GET", "state") for _ in range(3)]
        assert "contacts" not in (await admin(api, "GET", "state?contacts=false")).body
    state = answers[-1].body
    assert state["contacts"] == sandbox.contacts()
    assert state["contacts"][0]["is_opted_out"] is True
    assert (state["requests"], state["contact_count"]) == (0, 1)
    assert (state["fields"], state["tags"]) == ({"101": "Plan"}, {"301": "vip"})
    assert sandbox.requests == []


async def test_faults_and_traits_are_set_from_outside() -> None:
    sandbox = Sandbox(traits=Traits(direction="oldest"))
    async with served(sandbox) as api:
        assert (await admin(api, "POST", "faults", ["html_502:count=1", {"kind": "slow", "seconds": 2}])).body == "ok"
        assert sandbox.faults == (Fault("html_502", count=1), Fault("slow", seconds=2))
        assert (await admin(api, "POST", "traits", ["cursor=inclusive"])).status == 200
        assert (await admin(api, "POST", "traits", {"page_base": 1})).status == 200
    assert sandbox.traits == Traits(direction="oldest", cursor="inclusive", page_base=1)


async def test_contacts_are_added_from_outside() -> None:
    sandbox = Sandbox()
    async with served(sandbox) as api:
        added = await admin(api, "POST", "contacts", [{"phone": ANA, "first": "Ana"}])
        assert added.body == sandbox.contacts()
        assert (await admin(api, "POST", "contacts")).body == []
        assert (await admin(api, "POST", "seed", {"count": 5, "per_stamp": 0})).status == 200
    assert len(sandbox.contacts()) == 6


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("faults", {}),
        ("faults", ["explode"]),
        ("faults", [{"kind": "slow", "seconds": []}]),
        ("traits", ["cursor=maybe"]),
        ("traits", 5),
        ("contacts", [{"first": "Ana"}]),
        ("contacts", [5]),
        ("seed", {"number": 5}),
    ],
)
async def test_what_makes_no_sense_is_refused(name: str, body: object) -> None:
    sandbox = Sandbox()
    async with served(sandbox) as api:
        answer = await admin(api, "POST", name, body)
    assert answer.status == 400
    assert answer.body["message"]
    assert sandbox.contacts() == []
    assert sandbox.faults == ()


@pytest.mark.parametrize("address", ["203.0.113.5", None])
def test_only_this_machine_may_ask(address: str | None) -> None:
    request = make_mocked_request("GET", "/_sandbox/state").clone(remote=address or "")
    assert isinstance(request, web.BaseRequest)
    with pytest.raises(Problem) as caught:
        asyncio.run(_ask(request))
    assert caught.value.status == 403


async def _ask(request: web.Request) -> None:
    await Admin(Sandbox()).state(request)
