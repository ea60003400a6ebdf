"""The contact list against a naive model, for any stamps and any traits."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sandbox import Sandbox, Traits
from pipeline.sandbox._answers import Problem
from pipeline.sandbox._listing import list_page, read_archived
from pipeline.sandbox._stamps import UNITS, read_stamp, stamp_text
from tests.sandbox.client import served

BASE = read_stamp("2026-05-01T10:00:00Z")

stamps = st.one_of(st.integers(0, 5), st.integers(0, 3_000_000), st.integers(0, 3).map(lambda n: n * 1_000_000))
optional_flag = st.one_of(st.none(), st.booleans())
traits_of_the_list = st.builds(
    Traits,
    direction=st.sampled_from(["newest", "oldest"]),
    cursor=st.sampled_from(["exclusive", "inclusive"]),
    cursor_compares=st.sampled_from(["shown", "stored"]),
    timestamp_precision=st.sampled_from(["seconds", "millis", "micros"]),
    honours_ascending=st.booleans(),
    honours_limit=st.booleans(),
    honours_page=st.booleans(),
    page_base=st.sampled_from([0, 1]),
    page_with_date=st.sampled_from(["combine", "ignore_page", "ignore_date"]),
    page_default=st.integers(1, 4),
    page_max=st.integers(0, 3),
    lists_opted_out=st.booleans(),
    archived_listed=st.sampled_from(["asked", "apart", "always", "never"]),
)


def model_page(contacts: list[dict[str, Any]], traits: Traits, body: Mapping[str, Any]) -> list[int]:
    """The list as one would write it with nothing but sorting and filtering."""
    ascending = traits.direction == "oldest"
    if traits.honours_ascending and body.get("ascending") is not None:
        ascending = body["ascending"]
    limit = body.get("limit") if traits.honours_limit else None
    limit = limit or traits.page_default
    if traits.honours_limit and body.get("limit") and traits.page_max:
        limit = min(limit, traits.page_max)
    page = body.get("page") if traits.honours_page else None
    date = body.get("date")
    if page is not None and date is not None:
        page = None if traits.page_with_date == "ignore_page" else page
        date = None if traits.page_with_date == "ignore_date" else date
    unit = UNITS[traits.timestamp_precision] if traits.cursor_compares == "shown" else 1

    def is_wanted(contact: dict[str, Any]) -> bool:
        if contact["is_opted_out"] and not traits.lists_opted_out:
            return False
        if contact["archived"] not in archived_in_list(traits, body):
            return False
        if date is None:
            return True
        stamp, cursor = read_stamp(contact["updated"]) // unit, read_stamp(date) // unit
        if stamp == cursor:
            return traits.cursor == "inclusive"
        return stamp > cursor if ascending else stamp < cursor

    wanted = [contact for contact in contacts if is_wanted(contact)]
    wanted.sort(key=lambda contact: (contact["updated"], contact["id"]), reverse=not ascending)
    start = max(0, (page or 0) - traits.page_base) * limit if page is not None else 0
    return [contact["id"] for contact in wanted[start : start + limit]]


def archived_in_list(traits: Traits, body: Mapping[str, Any]) -> set[bool]:
    """Which contacts a list holds: those that are not archived (False), those that are (True), or both."""
    if traits.archived_listed == "always":
        return {False, True}
    if not body.get("archived") or traits.archived_listed == "never":
        return {False}
    return {True} if traits.archived_listed == "apart" else {False, True}


@settings(max_examples=300, deadline=None)
@given(
    added=st.lists(st.tuples(stamps, st.booleans(), st.booleans()), max_size=12),
    traits=traits_of_the_list,
    ascending=optional_flag,
    limit=st.one_of(st.none(), st.integers(0, 6)),
    page=st.one_of(st.none(), st.integers(0, 4)),
    date=st.one_of(st.none(), stamps),
    archived=optional_flag,
)
def test_a_page_is_what_the_naive_model_gives(
    added: list[tuple[int, bool, bool]],
    traits: Traits,
    ascending: bool | None,
    limit: int | None,
    page: int | None,
    date: int | None,
    archived: bool | None,
) -> None:
    sandbox = Sandbox(traits=traits)
    for index, (stamp, is_opted_out, is_archived) in enumerate(added):
        text = stamp_text(BASE + stamp, "micros")
        phone = f"141555501{index:02d}"
        sandbox.add_contact(phone, updated=text, is_opted_out=is_opted_out, archived=is_archived)
    shown_date = None if date is None else stamp_text(BASE + date, traits.timestamp_precision)
    given_body = {"ascending": ascending, "limit": limit, "page": page, "date": shown_date, "archived": archived}
    body = {name: value for name, value in given_body.items() if value is not None}
    found = [contact.id for contact in list_page(sandbox._world, body)]
    assert found == model_page(sandbox.contacts(), traits, body)
    counted = [each for each in sandbox.contacts() if each["archived"] in archived_in_list(traits, body)]
    assert sandbox._world.store.count(archived=read_archived(traits, body)) == len(counted)


@pytest.mark.parametrize(
    "body",
    [
        {"ascending": "yes"},
        {"archived": 1},
        {"limit": -1},
        {"limit": True},
        {"page": "1"},
        {"date": 5},
        {"date": "soon"},
    ],
)
def test_a_parameter_of_the_wrong_type_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(Problem) as caught:
        list_page(Sandbox()._world, body)
    assert caught.value.status == 400


async def test_a_walk_by_the_guide_sees_every_contact_and_both_versions_agree() -> None:
    sandbox = Sandbox()
    sandbox.seed(95)
    async with served(sandbox) as api:
        seen: list[int] = []
        body: dict[str, Any] = {}
        while page := await api.ok("POST", "/v1/contacts", body):
            assert page == await api.ok("POST", "/v2/contacts/list", body)
            assert len(page) <= 30
            seen += [contact["id"] for contact in page]
            body = {"date": page[-1]["updated"]}
    assert seen == sorted((contact["id"] for contact in sandbox.contacts()), reverse=True)


async def test_an_edited_contact_moves_to_the_newest_end() -> None:
    sandbox = Sandbox()
    sandbox.seed(5)
    first = sandbox.contacts()[0]
    async with served(sandbox) as api:
        await api.ok("PUT", f"/v1/contact/{first['id']}", {"phone": first["phone"]})
        assert (await api.ok("POST", "/v1/contacts", {"limit": 1}))[0]["id"] == first["id"]
