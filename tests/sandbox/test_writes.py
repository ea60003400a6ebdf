"""Creates, updates and batches as documented, and each trait that bends them."""

from typing import Any

import pytest

from pipeline.sandbox import Sandbox, Traits
from tests.sandbox.client import ANA, BEN, CY, Api, served

READ_SHAPE = {
    "id",
    "phone",
    "first",
    "last",
    "display_name",
    "email",
    "custom",
    "avatar",
    "created",
    "updated",
    "rev",
    "op",
    "type",
    "team_id",
    "creator_id",
    "shared",
    "inbox_id",
    "parent_id",
    "external_id",
    "external_ref",
    "note",
    "assigned_user_id",
    "tags",
}


def state_of(sandbox: Sandbox, contact_id: int) -> dict[str, Any]:
    state = sandbox.contact(contact_id)
    assert state is not None
    return state


def full(sandbox: Sandbox) -> dict[str, Any]:
    """A contact with something in every field."""
    plan, tag = sandbox.add_field("Plan"), sandbox.add_tag("vip")
    return sandbox.add_contact(
        ANA,
        first="Ana",
        last="Lee",
        display_name="Ana L",
        email="ana@example.com",
        avatar="https://example.com/a.png",
        assignee_id=7001,
        is_opted_out=True,
        custom={str(plan): "Gold"},
        tags=[tag],
        email_suppressions=[3],
    )


async def test_a_created_contact_reads_back_in_the_documented_shape() -> None:
    sandbox = Sandbox(fields=["Plan"], tags=["vip"])
    body = {
        "phone": ANA,
        "first": "Ana",
        "last": "Lee",
        "email": "ana@example.com",
        "custom": {"101": "Gold"},
        "assignee_id": 7001,
        "tags": [{"tag_id": 301}],
        "is_opted_out": True,
        "email_suppressions": [1],
    }
    async with served(sandbox) as api:
        receipt = await api.ok("POST", "/v1/contact", body)
        assert set(receipt) == {"id", "rev", "uuid"}
        shown = await api.ok("GET", f"/v1/contact/{receipt['id']}")
    assert set(shown) == READ_SHAPE
    assert shown["custom"] == {"101": "Gold"}
    assert shown["assigned_user_id"] == 7001
    assert shown["tags"] == [{"tag_id": 301}]
    state = state_of(sandbox, receipt["id"])
    assert state["is_opted_out"] is True
    assert state["email_suppressions"] == [1]
    assert sandbox.writes == [("create", receipt["id"], 1)]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"",
        b'{"phone": NaN}',
        {},
        {"phone": ""},
        {"phone": 14155550101},
        {"phone": "+14155550101"},
        {"phone": "415"},
        {"phone": "04155550101"},
        {"phone": ANA, "first": 5},
        {"phone": ANA, "email": "nobody"},
        {"phone": ANA, "assignee_id": "7"},
        {"phone": ANA, "is_opted_out": "yes"},
        {"phone": ANA, "email_suppressions": ["a"]},
        {"phone": ANA, "tags": 301},
        {"phone": ANA, "tags": [301]},
        {"phone": ANA, "tags": [{"tag_id": 999}]},
        {"phone": ANA, "tags": [{"tag_id": 301 + n} for n in range(6)]},
        {"phone": ANA, "custom": ["x"]},
        {"phone": ANA, "custom": {"101": {}}},
        {"phone": ANA, "contact_channels": {}},
        {"phone": ANA, "contact_channels": [5]},
        {"phone": ANA, "contact_channels": [{"channel_id": 5}]},
        {"phone": ANA, "contact_channels": [{"channel_id": "who knows"}]},
        {"phone": ANA, "contact_channels": [{"channel_id": "x", "channel_type": "id"}]},
    ],
)
async def test_bad_data_is_refused_with_400_and_no_effect(body: object) -> None:
    sandbox = Sandbox(fields=["Plan"], tags=[f"t{n}" for n in range(6)])
    async with served(sandbox) as api:
        answer = await api.call("POST", "/v1/contact", body)
    assert answer.status == 400
    assert answer.body["error"] == "bad_data"
    assert sandbox.contacts() == []


async def test_five_tags_are_allowed_and_twins_count_once() -> None:
    sandbox = Sandbox(tags=[f"t{n}" for n in range(5)])
    tags = [{"tag_id": 301 + n} for n in range(5)]
    async with served(sandbox) as api:
        receipt = await api.ok("POST", "/v1/contact", {"phone": ANA, "tags": tags})
        assert state_of(sandbox, receipt["id"])["tags"] == [301, 302, 303, 304, 305]
        await api.ok("PUT", f"/v1/contact/{receipt['id']}", {"phone": ANA, "tags": tags[:1] * 2})
    assert state_of(sandbox, receipt["id"])["tags"] == [301]


@pytest.mark.parametrize(
    ("choice", "status", "count", "first"),
    [("error", 400, 1, "Ana"), ("upsert", 200, 1, "New"), ("duplicate", 200, 2, "Ana")],
)
async def test_create_on_an_existing_phone(choice: str, status: int, count: int, first: str) -> None:
    sandbox = Sandbox(traits=Traits(create_existing=choice))
    added = sandbox.add_contact(ANA, first="Ana")
    async with served(sandbox) as api:
        assert (await api.call("POST", "/v1/contact", {"phone": ANA, "first": "New"})).status == status
    assert len(sandbox.contacts()) == count
    assert state_of(sandbox, added["id"])["first"] == first


async def test_the_status_of_an_existing_phone_is_a_trait() -> None:
    sandbox = Sandbox(traits=Traits(existing_status=409))
    sandbox.add_contact(ANA)
    async with served(sandbox) as api:
        assert (await api.call("POST", "/v1/contact", {"phone": ANA})).status == 409


async def put(api: Api, added: dict[str, Any], body: dict[str, Any], query: str = "") -> None:
    receipt = await api.ok("PUT", f"/v1/contact/{added['id']}{query}", {"phone": added["phone"], **body})
    assert receipt == {"id": added["id"], "rev": added["rev"] + 1, "uuid": added["uuid"]}


@pytest.mark.parametrize(
    ("choice", "blank"),
    [
        ("nothing", set()),
        ("names", {"first", "last", "display_name"}),
        (
            "all",
            {"first", "last", "display_name", "email", "avatar", "assignee_id", "tags", "email_suppressions"},
        ),
    ],
)
async def test_an_update_blanks_what_the_trait_says(choice: str, blank: set[str]) -> None:
    sandbox = Sandbox(traits=Traits(update_blanks=choice))
    before = full(sandbox)
    async with served(sandbox) as api:
        await put(api, before, {})
    after = state_of(sandbox, before["id"])
    assert {name for name in before if before[name] and not after[name]} == blank
    assert after["updated"] > before["updated"]
    assert sandbox.writes == [("update", before["id"], 2)]


async def test_an_update_can_reset_the_opt_out_by_silence() -> None:
    for resets in (True, False):
        sandbox = Sandbox(traits=Traits(update_resets_opt_out=resets))
        before = full(sandbox)
        async with served(sandbox) as api:
            await put(api, before, {})
            assert state_of(sandbox, before["id"])["is_opted_out"] is not resets
            await put(api, state_of(sandbox, before["id"]), {"is_opted_out": True})
        assert state_of(sandbox, before["id"])["is_opted_out"] is True


@pytest.mark.parametrize(
    ("query", "default", "custom", "left"),
    [
        ("?overwrite=false", True, {"102": "b"}, {"101": "Gold", "102": "b"}),
        ("?overwrite=true", False, {"102": "b"}, {"102": "b"}),
        ("?overwrite=true", False, {}, {}),
        ("?overwrite=true", False, None, {}),
        ("?overwrite=false", True, {"101": None}, {}),
        ("?overwrite=false", True, {"101": ""}, {"101": ""}),
        ("", False, {"102": "b"}, {"101": "Gold", "102": "b"}),
        ("", True, {"102": "b"}, {"102": "b"}),
    ],
)
async def test_overwrite_replaces_and_otherwise_merges_custom_values(
    query: str, *, default: bool, custom: object, left: dict[str, str]
) -> None:
    sandbox = Sandbox(traits=Traits(overwrite_default=default))
    before = full(sandbox)
    sandbox.add_field("Size")
    async with served(sandbox) as api:
        await put(api, before, {"custom": custom}, query)
    assert state_of(sandbox, before["id"])["custom"] == left


async def test_left_out_custom_values_survive_overwrite_unless_all_is_blanked() -> None:
    for blanks, left in (("names", {"101": "Gold"}), ("all", {})):
        sandbox = Sandbox(traits=Traits(update_blanks=blanks))
        before = full(sandbox)
        async with served(sandbox) as api:
            await put(api, before, {}, "?overwrite=true")
        assert state_of(sandbox, before["id"])["custom"] == left


async def test_nulls_erase_or_count_as_left_out() -> None:
    names = ("email", "avatar", "assignee_id", "is_opted_out", "tags", "email_suppressions")
    nulls = dict.fromkeys((*names, "contact_channels", "custom"))
    for choice, erased in (("blank", set(names)), ("omit", set())):
        sandbox = Sandbox(traits=Traits(nulls=choice))
        before = full(sandbox)
        async with served(sandbox) as api:
            await put(api, before, nulls)
        after = state_of(sandbox, before["id"])
        assert {name for name in names if not after[name]} == erased


async def test_minus_one_unassigns() -> None:
    sandbox = Sandbox()
    before = full(sandbox)
    async with served(sandbox) as api:
        await put(api, before, {"assignee_id": -1})
    assert state_of(sandbox, before["id"])["assignee_id"] is None


async def test_a_custom_key_that_is_no_id_is_dropped_or_refused() -> None:
    sandbox = Sandbox(fields=["Plan"])
    async with served(sandbox) as api:
        body = {"phone": ANA, "custom": {"Plan": "Gold", "999": "x", "101": "kept"}}
        receipt = await api.ok("POST", "/v1/contact", body)
        assert state_of(sandbox, receipt["id"])["custom"] == {"101": "kept"}
        sandbox.traits = Traits(unknown_custom="refuse")
        assert (await api.call("POST", "/v1/contact", body | {"phone": BEN})).status == 400


async def test_an_unknown_tag_is_dropped_where_the_trait_says_so() -> None:
    sandbox = Sandbox(traits=Traits(unknown_tag="drop"))
    async with served(sandbox) as api:
        receipt = await api.ok("POST", "/v1/contact", {"phone": ANA, "tags": [{"tag_id": 999}]})
    assert state_of(sandbox, receipt["id"])["tags"] == []


async def test_an_update_may_not_take_anothers_phone_unless_twins_are_allowed() -> None:
    sandbox = Sandbox()
    ana, _ = sandbox.add_contact(ANA), sandbox.add_contact(BEN)
    async with served(sandbox) as api:
        assert (await api.call("PUT", f"/v1/contact/{ana['id']}", {"phone": BEN})).status == 400
        assert (await api.call("PUT", f"/v1/contact/{ana['id']}", {"first": "x"})).status == 400
        assert (await api.call("PUT", f"/v1/contact/{ana['id']}?overwrite=1", {"phone": ANA})).status == 400
        await put(api, ana, {"phone": CY})
        sandbox.traits = Traits(create_existing="duplicate")
        await put(api, state_of(sandbox, ana["id"]), {"phone": BEN})
    assert [contact["phone"] for contact in sandbox.contacts()] == [BEN, BEN]


NEW = {"phone": BEN, "first": "Ben", "custom": {"101": "Silver"}, "tags": [{"tag_id": 301}]}


BAD = {"phone": "nonsense"}


@pytest.mark.parametrize(
    ("choice", "entries", "answer"),
    [("failed", [NEW, BAD], [BAD]), ("failed", [NEW], "ok"), ("ok", [NEW, BAD], "ok"), ("contacts", [BAD], [])],
)
async def test_a_batch_answers_as_its_trait_says(choice: str, entries: list[object], answer: object) -> None:
    sandbox = Sandbox(traits=Traits(batch_answer=choice), fields=["Plan"], tags=["vip"])
    async with served(sandbox) as api:
        assert await api.ok("POST", "/v1/batch/contacts", [*entries, 5][: len(entries)]) == answer
    assert len(sandbox.contacts()) == (NEW in entries)


async def test_a_batch_answers_with_contacts_by_default_and_stamps_them_alike() -> None:
    sandbox = Sandbox(fields=["Plan"], tags=["vip"])
    async with served(sandbox) as api:
        shown = await api.ok("POST", "/v1/batch/contacts", [NEW, BAD, "text", NEW | {"phone": CY}])
    assert [(contact["phone"], contact["custom"], contact["tags"]) for contact in shown] == [
        (BEN, {"101": "Silver"}, [{"tag_id": 301}]),
        (CY, {"101": "Silver"}, [{"tag_id": 301}]),
    ]
    assert len({contact["updated"] for contact in sandbox.contacts()}) == 1


@pytest.mark.parametrize(("choice", "single", "stamps"), [("bulk", 1, 2), ("each", 1, 3), ("one", 1, 1)])
async def test_the_trait_stamp_decides_who_shares_a_stamp(choice: str, single: int, stamps: int) -> None:
    sandbox = Sandbox(traits=Traits(stamp=choice))
    async with served(sandbox) as api:
        await api.ok("POST", "/v1/batch/contacts", [{"phone": BEN}, {"phone": CY}])
        await api.ok("POST", "/v1/contact", {"phone": ANA})
    assert len({contact["updated"] for contact in sandbox.contacts()}) == stamps
    assert len(sandbox.contacts()) == 2 + single


async def test_a_batch_may_drop_custom_fields_and_tags_silently() -> None:
    sandbox = Sandbox(traits=Traits(batch_custom="drop", batch_tags="drop"), fields=["Plan"], tags=["vip"])
    async with served(sandbox) as api:
        await api.ok("POST", "/v1/batch/contacts", [NEW])
    [contact] = sandbox.contacts()
    assert (contact["first"], contact["custom"], contact["tags"]) == ("Ben", {}, [])


@pytest.mark.parametrize(
    ("choice", "query", "firsts", "failed"),
    [
        ("flag", "", ["old"], 0),
        ("flag", "?overwrite=true", ["Ben"], 0),
        ("update", "", ["Ben"], 0),
        ("skip", "?overwrite=true", ["old"], 0),
        ("duplicate", "", ["old", "Ben"], 0),
        ("error", "", ["old"], 1),
    ],
)
async def test_a_batch_entry_whose_phone_exists(choice: str, query: str, firsts: list[str], failed: int) -> None:
    sandbox = Sandbox(traits=Traits(batch_existing=choice, batch_answer="failed"))
    sandbox.add_contact(BEN, first="old")
    async with served(sandbox) as api:
        answer = await api.ok("POST", f"/v1/batch/contacts{query}", [{"phone": BEN, "first": "Ben"}])
    assert [contact["first"] for contact in sandbox.contacts()] == firsts
    assert (0 if answer == "ok" else len(answer)) == failed


async def test_a_batch_above_its_limit_is_refused_whole() -> None:
    sandbox = Sandbox(traits=Traits(batch_limit=1))
    async with served(sandbox) as api:
        entries = [{"phone": ANA}, {"phone": BEN}]
        assert (await api.call("POST", "/v1/batch/contacts", entries)).status == 413
        assert (await api.call("POST", "/v2/contacts", {"contacts": entries})).status == 413
        sandbox.traits = Traits(batch_limit=1, too_large_status=400)
        assert (await api.call("POST", "/v1/batch/contacts", entries)).status == 400
        assert (await api.call("POST", "/v1/batch/contacts", {"contacts": entries})).status == 400
    assert sandbox.contacts() == []
