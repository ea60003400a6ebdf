"""Custom fields, tags, team, inboxes and lists."""

from typing import Any

import pytest

from pipeline.sandbox import Sandbox, Traits
from tests.sandbox.client import served


async def test_fields_are_listed_in_the_shape_of_their_traits() -> None:
    sandbox = Sandbox(fields=["Plan", "", "Plan"])
    expected = [{"id": 101, "title": "Plan"}, {"id": 102, "title": ""}, {"id": 103, "title": "Plan"}]
    async with served(sandbox) as api:
        assert await api.ok("POST", "/v1/contact-fields") == expected
        sandbox.traits = Traits(field_list_shape="object")
        assert await api.ok("POST", "/v1/contact-fields", {}) == {"fields": expected}
        sandbox.traits = Traits(field_id_shape="string")
        assert (await api.ok("POST", "/v1/contact-fields"))[0]["id"] == "101"


async def test_a_field_that_exists_is_given_back_as_a_duplicate() -> None:
    sandbox = Sandbox(fields=["Plan"])
    async with served(sandbox) as api:
        answer = await api.ok("POST", "/v1/contacts/fields", [{"title": "plan"}, {"title": "Size"}])
        assert answer == [
            {"id": 101, "title": "plan", "duplicate": True},
            {"id": 102, "title": "Size", "duplicate": False},
        ]
        wrongs: tuple[Any, ...] = ({}, [{"title": " "}], ["Plan"])
        for wrong in wrongs:
            assert (await api.call("POST", "/v1/contacts/fields", wrong)).status == 400
        assert len(await api.ok("POST", "/v1/contact-fields")) == 2


@pytest.mark.parametrize(("cursor", "overlap"), [("exclusive", 0), ("inclusive", 1)])
async def test_tags_come_thirty_at_a_time_newest_first(cursor: str, overlap: int) -> None:
    sandbox = Sandbox(traits=Traits(cursor=cursor), tags=[f"tag{n}" for n in range(40)])
    async with served(sandbox) as api:
        first = await api.ok("POST", "/v1/tags", {})
        assert [tag["tag"] for tag in first] == [f"tag{n}" for n in range(39, 9, -1)]
        rest = await api.ok("POST", "/v1/tags", {"date": first[-1]["updated"]})
        assert [tag["tag"] for tag in rest] == [f"tag{n}" for n in range(9 + overlap, -1, -1)]


async def test_a_tag_is_created_once() -> None:
    sandbox = Sandbox()
    async with served(sandbox) as api:
        first = await api.ok("POST", "/v1/tag", {"tag": "vip"})
        assert set(first) == {"id", "rev", "uuid"}
        assert await api.ok("POST", "/v1/tag", {"tag": "vip"}) == first
        assert (await api.call("POST", "/v1/tag", {"tag": ""})).status == 400
    assert sandbox.add_tag("vip") == first["id"]
    assert sandbox.add_tag("new") == first["id"] + 1


async def test_team_and_inboxes_answer() -> None:
    async with served(Sandbox()) as api:
        team = await api.ok("GET", "/v1/team")
        assert set(team) == {"id", "name", "list_size", "members"}
        assert {"id", "name", "role"} == set(team["members"][0])
        assert isinstance(await api.ok("GET", "/v1/inboxes"), list)


async def test_a_local_id_makes_lists_once_and_members_are_added() -> None:
    sandbox = Sandbox()
    async with served(sandbox) as api:
        body = {"title": "All", "local_id": "x", "contacts": [1], "phones": ["14155550101"]}
        first = await api.ok("POST", "/v2/lists", body)
        assert await api.ok("POST", "/v2/lists", body) == first
        other = await api.ok("POST", "/v2/lists", {"title": "All"})
        assert other["id"] != first["id"]
        changed = await api.ok("PUT", f"/v2/lists/{first['id']}", {"add_contacts": [1, 2], "add_emails": ["a@b.c"]})
        assert changed == {**first, "rev": 2}
        assert (await api.call("PUT", "/v2/lists/1", {})).status == 404
        for wrong in ({}, {"title": "x", "local_id": 5}, {"title": "x", "contacts": ["1"]}):
            assert (await api.call("POST", "/v2/lists", wrong)).status == 400
    assert sandbox.counters()["lists"][0]["contacts"] == [1, 2]
