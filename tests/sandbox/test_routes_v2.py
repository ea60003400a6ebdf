"""The v2 contact endpoints as documented, and each trait that bends them."""

from typing import Any

import pytest

from pipeline.sandbox import Sandbox, Traits
from tests.sandbox.client import ANA, BEN, CY, Api, served

CHANNEL_SHAPE = frozenset(
    (
        "id",
        "team_id",
        "contact_id",
        "channel_type",
        "channel_id",
        "info_channel",
        "channel_handle",
        "created",
        "updated",
    )
)


def wanted(*handles: str, kind: str | None = "phone") -> dict[str, Any]:
    group: dict[str, Any] = {"channel_ids": list(handles)}
    return {"contact_channels": [group if kind is None else {"channel_type": kind, **group}]}


async def found(api: Api, body: dict[str, Any]) -> list[str]:
    return [contact["phone"] for contact in await api.ok("POST", "/v2/contacts/search", body)]


async def test_search_finds_many_values_of_every_type_and_each_contact_once() -> None:
    sandbox = Sandbox()
    ana = sandbox.add_contact(ANA, email="ana@example.com")
    sandbox.add_contact(BEN)
    async with served(sandbox) as api:
        assert await found(api, wanted(BEN, ANA, CY, ANA)) == [BEN, ANA]
        assert await found(api, wanted(ana["uuid"], kind="id")) == [ANA]
        assert await found(api, wanted("Ana@example.com", ANA, ana["uuid"], BEN, kind=None)) == [ANA, BEN]
        assert await found(api, {"contact_channels": []}) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"contact_channels": [5]},
        {"contact_channels": [{"channel_type": "phone"}]},
        {"contact_channels": [{"channel_ids": [5]}]},
        {"contact_channels": [{"channel_type": 5, "channel_ids": []}]},
        wanted("who knows", kind=None),
        [],
    ],
)
async def test_a_search_that_makes_no_sense_is_refused(body: object) -> None:
    async with served(Sandbox()) as api:
        assert (await api.call("POST", "/v2/contacts/search", body)).status == 400


async def test_a_search_above_its_limit_is_refused_or_capped() -> None:
    sandbox = Sandbox(traits=Traits(search_limit=2))
    for phone in (ANA, BEN, CY):
        sandbox.add_contact(phone)
    async with served(sandbox) as api:
        assert await found(api, wanted(ANA, BEN)) == [ANA, BEN]
        assert (await api.call("POST", "/v2/contacts/search", wanted(ANA, BEN, CY))).status == 413
        sandbox.traits = Traits(search_limit=2, too_large_status=400)
        assert (await api.call("POST", "/v2/contacts/search", wanted(ANA, BEN, CY))).status == 400
        sandbox.traits = Traits(search_limit=2, search_overflow="cap")
        assert await found(api, wanted(ANA, BEN, CY)) == [ANA, BEN]


async def test_bulk_creates_and_names_what_failed() -> None:
    sandbox = Sandbox()
    async with served(sandbox) as api:
        channels = [{"channel_type": "phone", "channel_id": ANA}, {"channel_id": BEN}, {"channel_id": "a@example.com"}]
        entries = [{"contact_channels": channels}, {"phone": "nonsense"}, "text"]
        answer = await api.ok("POST", "/v2/contacts", {"contacts": entries})
        assert [contact["phone"] for contact in answer["contacts"]] == [ANA]
        assert [entry["contact"] for entry in answer["failed_contacts"]] == entries[1:]
        assert await found(api, wanted("a@example.com", kind=None)) == [ANA]
        assert await found(api, wanted(BEN)) == [ANA]
        assert (await api.call("POST", "/v2/contacts", {})).status == 400


@pytest.mark.parametrize(
    ("choice", "firsts", "failed"),
    [("error", ["old"], 1), ("upsert", ["new"], 0), ("duplicate", ["old", "new"], 0)],
)
async def test_a_v2_contact_whose_phone_exists(choice: str, firsts: list[str], failed: int) -> None:
    for path in ("/v2/contacts", "/v2/contact"):
        sandbox = Sandbox(traits=Traits(bulk_existing=choice))
        sandbox.add_contact(ANA, first="old")
        entry = {"phone": ANA, "first": "new"}
        async with served(sandbox) as api:
            answer = await api.call("POST", path, {"contacts": [entry]} if path.endswith("s") else entry)
        assert [contact["first"] for contact in sandbox.contacts()] == firsts
        if path == "/v2/contact":
            assert answer.status == (400 if failed else 200)
        else:
            assert len(answer.body["failed_contacts"]) == failed


@pytest.mark.parametrize(
    ("choice", "phones", "failed"), [("ignore", [ANA, BEN], 0), ("update", [BEN], 0), ("refuse", [ANA], 1)]
)
async def test_a_bulk_entry_with_a_contact_id(choice: str, phones: list[str], failed: int) -> None:
    sandbox = Sandbox(traits=Traits(bulk_by_id=choice))
    ana = sandbox.add_contact(ANA)
    async with served(sandbox) as api:
        entries = [{"contact_id": ana["uuid"], "phone": BEN}]
        answer = await api.ok("POST", "/v2/contacts", {"contacts": entries})
    assert [contact["phone"] for contact in sandbox.contacts()] == phones
    assert len(answer["failed_contacts"]) == failed


async def test_a_bulk_update_of_an_unknown_contact_fails() -> None:
    async with served(Sandbox(traits=Traits(bulk_by_id="update"))) as api:
        answer = await api.ok("POST", "/v2/contacts", {"contacts": [{"contact_id": "gone", "phone": BEN}]})
    assert len(answer["failed_contacts"]) == 1


async def test_bulk_delete_takes_uuids_only() -> None:
    sandbox = Sandbox()
    ana, _ = sandbox.add_contact(ANA), sandbox.add_contact(BEN)
    async with served(sandbox) as api:
        assert (await api.call("DELETE", "/v2/contacts", wanted(BEN))).status == 400
        assert await api.ok("DELETE", "/v2/contacts", wanted(ana["uuid"], kind="id")) == "ok"
    assert [contact["phone"] for contact in sandbox.contacts()] == [BEN]


async def test_a_contact_lives_and_dies_by_its_uuid() -> None:
    sandbox = Sandbox()
    async with served(sandbox) as api:
        created = await api.ok("POST", "/v2/contact", {"phone": ANA, "first": "Ana"})
        [state] = sandbox.contacts()
        path = f"/v2/contact/{state['uuid']}"
        assert await api.ok("GET", path) == created
        updated = await api.ok("PUT", f"{path}?overwrite=true", {"phone": ANA, "last": "Lee"})
        assert (updated["first"], updated["last"], updated["rev"]) == ("", "Lee", 2)
        assert (await api.call("GET", f"/v2/contact/{state['id']}")).status == 400
        assert await api.ok("DELETE", path) == "ok"
        assert (await api.call("GET", path)).status == 404
    assert [write.kind for write in sandbox.writes] == ["create", "update", "delete"]


async def test_channels_are_added_listed_changed_and_deleted() -> None:
    sandbox = Sandbox()
    ana = sandbox.add_contact(ANA, email="ana@example.com")
    path = f"/v2/contact/{ana['uuid']}/channel"
    async with served(sandbox) as api:
        added = await api.ok("POST", path, {"channel_type": "phone", "channel_id": BEN})
        assert {frozenset(each) for each in added} == {CHANNEL_SHAPE}
        assert {each["info_channel"] for each in added} == {""}
        assert added == await api.ok("GET", path + "s")
        assert (await api.call("POST", path, {"channel_type": "phone", "channel_id": BEN})).status == 400
        assert await found(api, wanted(BEN)) == [ANA]
        await api.ok("POST", path, {"channel_type": "line", "channel_id": "ana-line"})
        await api.ok("PUT", path, {"channel_type": "line", "channel_id": "ana-other"})
        await api.ok("PUT", path, {"channel_type": "phone", "channel_id": CY})
        await api.ok("PUT", path, {"channel_type": "email", "channel_id": "a@example.com"})
        assert (await api.call("PUT", path, {"channel_type": "fax", "channel_id": "1"})).status == 404
        listed = await api.ok("GET", path + "s")
        assert [each["channel_id"] for each in listed] == [CY, "a@example.com", BEN, "ana-other"]
        phones = await api.ok("GET", f"{path}/phone")
        assert [each["channel_id"] for each in phones] == [CY, BEN]
        left = await api.ok("DELETE", f"{path}/phone")
        assert [each["channel_id"] for each in left] == [CY, "a@example.com", "ana-other"]
        assert (await api.call("DELETE", f"{path}/phone")).status == 404
        await api.ok("DELETE", f"{path}/email")
        assert [each["channel_id"] for each in await api.ok("GET", path + "s")] == [CY, "ana-other"]
        assert await found(api, wanted(BEN, ANA)) == []


async def test_channel_ids_are_numbers_or_texts() -> None:
    sandbox = Sandbox()
    ana = sandbox.add_contact(ANA)
    async with served(sandbox) as api:
        path = f"/v2/contact/{ana['uuid']}/channels"
        assert isinstance((await api.ok("GET", path))[0]["id"], int)
        sandbox.traits = Traits(channel_id_shape="string")
        assert isinstance((await api.ok("GET", path))[0]["id"], str)


EMAIL = {"channel_type": "email", "channel_id": "a@example.com"}
LINE = {"channel_type": "line", "channel_id": "ana-line"}


@pytest.mark.parametrize(
    "body", [{"contact_channels": [EMAIL]}, {"email": EMAIL["channel_id"]}, {"contact_channels": [LINE]}]
)
async def test_a_contact_needs_one_channel_of_any_type(body: dict[str, Any]) -> None:
    sandbox = Sandbox()
    async with served(sandbox) as api:
        created = await api.ok("POST", "/v2/contact", {"first": "Ana", **body})
        [state] = sandbox.contacts()
        assert (created["phone"], created["email"]) == (
            "",
            "" if LINE in body.get("contact_channels", ()) else "a@example.com",
        )
        handle = body.get("contact_channels", [EMAIL])[0]["channel_id"]
        [listed] = await api.ok("GET", f"/v2/contact/{state['uuid']}/channels")
        assert listed["channel_id"] == handle
        updated = await api.ok("PUT", f"/v2/contact/{state['uuid']}", {"first": "Ann"})
        assert (updated["id"], updated["first"], updated["phone"]) == (created["id"], "Ann", "")
        assert (await api.call("PUT", f"/v1/contact/{state['id']}", {"first": "Ann"})).status == 400
        await api.ok("POST", "/v2/contact", {"first": "Ben", **body})
        assert (await api.call("POST", "/v2/contact", {"first": "Cy"})).status == 400
        assert (await api.call("POST", "/v1/contact", {"first": "Cy", **body})).status == 400
    assert len(sandbox.contacts()) == 2


async def test_an_update_by_uuid_keeps_the_phone_that_it_does_not_name() -> None:
    sandbox = Sandbox()
    ana = sandbox.add_contact(ANA)
    async with served(sandbox) as api:
        assert (await api.ok("PUT", f"/v2/contact/{ana['uuid']}", {"first": "Ann"}))["phone"] == ANA


@pytest.mark.parametrize(
    ("choice", "in_v1", "in_v2"), [("none", False, False), ("v2", False, True), ("all", True, True)]
)
async def test_where_channels_and_uuids_are_shown(choice: str, *, in_v1: bool, in_v2: bool) -> None:
    readable = {"none": False, "all": True}.get(choice, "v2")
    sandbox = Sandbox(traits=Traits(channels_shown=choice, uuid_readable=readable))
    ana = sandbox.add_contact(ANA, email="a@example.com", channels=[LINE])
    path = f"/v2/contact/{ana['uuid']}"
    async with served(sandbox) as api:
        first = [*await api.ok("POST", "/v1/contacts", {}), await api.ok("GET", f"/v1/contact/{ana['id']}")]
        bulk = await api.ok("POST", "/v2/contacts", {"contacts": [{"phone": BEN}]})
        second = [
            *await api.ok("POST", "/v2/contacts/list", {}),
            *await api.ok("POST", "/v2/contacts/search", wanted(ANA)),
        ]
        second += [*bulk["contacts"], await api.ok("GET", path), await api.ok("PUT", path, {"phone": ANA})]
        listed = await api.ok("GET", f"{path}/channels")
    for shown, answers in ((in_v1, first), (in_v2, second)):
        for key in ("contact_channels", "uuid"):
            assert {key in contact for contact in answers} == {shown}
    if in_v2:
        assert second[-1]["contact_channels"] == listed
        assert [each["channel_id"] for each in listed] == [ANA, "a@example.com", "ana-line"]


@pytest.mark.parametrize(("choice", "status"), [("missing", 404), ("forbidden", 403)])
async def test_a_server_without_version_2_still_searches(choice: str, status: int) -> None:
    sandbox = Sandbox(traits=Traits(v2_surface=choice, missing_status=400))
    ana = sandbox.add_contact(ANA)
    path = f"/v2/contact/{ana['uuid']}"
    async with served(sandbox) as api:
        assert await found(api, wanted(ana["uuid"], kind="id")) == [ANA]
        for method, where in (
            ("POST", "/v2/contacts/list"), ("POST", "/v2/contacts"), ("DELETE", "/v2/contacts"),
            ("POST", "/v2/contact"), ("GET", path), ("PUT", path), ("DELETE", path),
            ("POST", f"{path}/channel"), ("PUT", f"{path}/channel"),
            ("GET", f"{path}/channels"), ("GET", f"{path}/channel/phone"), ("DELETE", f"{path}/channel/phone"),
        ):  # fmt: skip
            assert (await api.call(method, where, {"phone": BEN, **LINE})).status == status
    assert (sandbox.contacts(), sandbox.writes) == ([ana], [])


@pytest.mark.parametrize(
    ("choice", "status", "listed"), [("ignored", 200, 200), ("refused", 400, 200), ("missing", 404, 404)]
)
@pytest.mark.parametrize("shape", ["list", "one", "word"])
async def test_channel_calls_that_change_nothing(choice: str, status: int, listed: int, shape: str) -> None:
    sandbox = Sandbox(traits=Traits(channel_calls=choice, channel_answer=shape))
    ana = sandbox.add_contact(ANA, channels=[LINE])
    path = f"/v2/contact/{ana['uuid']}/channel"
    async with served(sandbox) as api:
        added = await api.call("POST", path, EMAIL)
        other = await api.call("PUT", path, LINE | {"channel_id": "other"})
        gone = await api.call("DELETE", f"{path}/line")
        assert {added.status, other.status, gone.status} == {status}
        assert (await api.call("GET", path + "s")).status == listed
        assert (await api.call("GET", f"/v2/contact/{ana['uuid']}")).status == 200
    if choice == "ignored" and shape == "one":
        assert added.body["channel_id"] == EMAIL["channel_id"], "it may show what it has not done"
    assert (sandbox.contacts(), sandbox.writes) == ([ana], [])


@pytest.mark.parametrize("shape", ["list", "one", "word"])
async def test_a_change_of_channels_answers_in_the_shape_of_its_trait(shape: str) -> None:
    sandbox = Sandbox(traits=Traits(channel_answer=shape))
    ana = sandbox.add_contact(ANA)
    path = f"/v2/contact/{ana['uuid']}/channel"
    async with served(sandbox) as api:
        for body in (await api.ok("POST", path, LINE), await api.ok("PUT", path, LINE)):
            if shape == "list":
                assert [each["channel_id"] for each in body] == [ANA, "ana-line"]
            else:
                assert (body["channel_id"] if shape == "one" else body) == {"one": "ana-line", "word": "ok"}[shape]
        gone = await api.ok("DELETE", f"{path}/line")
        assert ([each["channel_id"] for each in gone] if shape == "list" else gone) == (
            [ANA] if shape == "list" else "ok"
        )


@pytest.mark.parametrize("touches", [True, False])
async def test_a_change_of_channels_raises_revision_and_stamp_or_not(*, touches: bool) -> None:
    sandbox = Sandbox(traits=Traits(channel_touches=touches))
    before = sandbox.add_contact(ANA, updated="2026-05-01T10:00:00Z", rev=3)
    async with served(sandbox) as api:
        await api.ok("POST", f"/v2/contact/{before['uuid']}/channel", LINE)
    [after] = sandbox.contacts()
    assert after["channels"]
    assert after["rev"] == 3 + touches
    assert (after["updated"] != before["updated"]) is touches
