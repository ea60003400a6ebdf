"""Whoever is not plainly the same contact is left alone, and nobody is made twice."""

from pathlib import Path
from typing import Any

import pytest

from pipeline.jobs.restore import RestoreJob, run_restore
from pipeline.sandbox import Fault, Sandbox
from tests.accounts import Quiet, account_at, by_phone, content, writable
from tests.reversal.restores import READABLE, delete_some, edit_some, export, restore, world

pytestmark = pytest.mark.usefixtures("own_state")


def names_by_phone(sandbox: Sandbox) -> dict[str, str]:
    return {phone: contact["first"] for phone, contact in by_phone(sandbox).items()}


async def test_a_contact_with_another_phone_now_is_neither_doubled_nor_guessed(tmp_path: Path) -> None:
    sandbox = world(**READABLE)
    sandbox.add_contact("14155550100", first="Ann")
    sandbox.add_contact("14155550101", first="Bob")
    sandbox.add_contact("14155550102", first="Cid")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        place = await export(account)
        ids = {contact["first"]: contact["id"] for contact in sandbox.contacts()}
        async with account.client() as client:
            # Ann has another phone; Bob too, and somebody new has his; Cid was deleted and made anew by somebody.
            await client.update_contact(ids["Ann"], {"phone": "16175550100", "first": "Anna"}, overwrite=False)
            await client.update_contact(ids["Bob"], {"phone": "16175550101", "first": "Bob"}, overwrite=False)
            await client.create_contact({"phone": "14155550101", "first": "Somebody"})
            await client.delete_contact(ids["Cid"])
            await client.create_contact({"phone": "14155550102", "first": "Sid"})
        done = await restore(account, place, code=3)
        assert (done.tally.updated, done.codes) == (1, {"phone_moved": 1, "phone_reused": 1})
        assert done.notes["phone_stays"] == 1
        assert names_by_phone(sandbox) == {
            "16175550100": "Ann", "16175550101": "Bob", "14155550101": "Somebody", "14155550102": "Sid",
        }  # fmt: skip
        # A person says that Sid is Cid; that Somebody is Bob cannot be said, for Bob is there.
        done = await restore(account, place, code=3, match_phone=True)
        assert (done.tally.updated, done.tally.unchanged, done.codes) == (1, 1, {"phone_moved": 1})
        assert done.notes["matched_by_phone"] == 1
        assert names_by_phone(sandbox)["14155550102"] == "Cid"


@pytest.mark.parametrize("match_phone", [False, True])
async def test_nobody_becomes_somebody_else_who_has_their_number_by_now(tmp_path: Path, *, match_phone: bool) -> None:
    sandbox = world(**READABLE)
    for phone, first in (("14155550100", "Bob"), ("14155550101", "Alice"), ("14155550102", "Cid")):
        sandbox.add_contact(phone, first=first)
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        place = await export(account)
        alice = by_phone(sandbox)["14155550101"]["id"]
        await delete_some(account, sandbox, ["14155550100", "14155550102"])
        async with account.client() as client:
            # Alice has Bob's number now, and another name. Dora, who is new, has Cid's.
            await client.update_contact(alice, {"phone": "14155550100", "first": "Alicia"}, overwrite=False)
            await client.create_contact({"phone": "14155550102", "first": "Dora", "last": "New"})
        done = await restore(account, place, code=3, match_phone=match_phone)
    assert done.codes == {"phone_of_another": 1} | ({} if match_phone else {"phone_reused": 1})
    reused = "Cid" if match_phone else "Dora"
    assert names_by_phone(sandbox) == {"14155550100": "Alice", "14155550102": reused}
    assert done.notes["phone_stays"] == 1
    assert sandbox.contact(alice)


async def test_whoever_was_made_anew_under_the_same_name_is_the_same(tmp_path: Path) -> None:
    sandbox = world(**READABLE)
    [plan, _] = sandbox.counters()["fields"]
    people: dict[str, dict[str, Any]] = {
        "14155550100": {"first": "Ann", "last": "Lee", "email": "ann@example.com"},
        "14155550101": {"first": "Bob", "custom": {plan: "Gold"}},
        "14155550102": {"first": "Cid", "email": "cid@example.com"},
        "14155550103": {"custom": {plan: "Gold"}},
    }
    for phone, fields in people.items():
        sandbox.add_contact(phone, **fields)
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        before = by_phone(sandbox)
        place = await export(account)
        await delete_some(account, sandbox, [*people])
        async with account.client() as client:
            # The same name; nothing but the phone; the same name with another address; no name and another value.
            await client.create_contact({"phone": "14155550100", "first": "ANN", "last": "Lee", "custom": {plan: "x"}})
            await client.create_contact({"phone": "14155550101"})
            await client.create_contact({"phone": "14155550102", "first": "Cid", "email": "other@example.com"})
            await client.create_contact({"phone": "14155550103", "custom": {plan: "Lead"}})
        done = await restore(account, place, code=3)
    assert (done.tally.updated, done.codes) == (2, {"phone_reused": 2})
    after = by_phone(sandbox)
    for phone in ("14155550100", "14155550101"):
        assert writable(after[phone]) == writable(before[phone])
    assert after["14155550102"]["email"] == "other@example.com"
    assert after["14155550103"]["custom"] == {plan: "Lead"}


async def test_a_contact_without_its_phone_is_not_made_a_second_time(tmp_path: Path) -> None:
    sandbox = world(**READABLE)
    ann = sandbox.add_contact("14155550100", first="Ann")
    bob = sandbox.add_contact("14155550101", first="Bob")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        place = await export(account)
        await delete_some(account, sandbox, ["14155550100", "14155550101"])
        # The numbers were taken from them; Bob's is somebody else's now.
        for contact in (ann, bob):
            sandbox.add_contact(**contact | {"phone": "", "first": "Nameless"})
        sandbox.add_contact("14155550101", first="Dora")
        before = sandbox.contacts()
        for _ in range(2):
            done = await restore(account, place, code=3)
            assert done.codes == {"phone_moved": 1, "phone_removed": 1}
    assert sandbox.contacts() == before


async def test_who_takes_a_number_while_a_restore_is_interrupted_keeps_it(tmp_path: Path) -> None:
    sandbox = world(**READABLE)
    sandbox.add_contact("14155550100", first="Ann")
    sandbox.add_contact("14155550101", first="Bob")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        place = await export(account)
        await edit_some(account, sandbox, ["14155550101"])
        bob = by_phone(sandbox)["14155550101"]["id"]
        await delete_some(account, sandbox, ["14155550100"])
        sandbox.faults = [
            Fault.parse("error_before:POST /v1/contact:status=401"),
            Fault.parse("error_before:PUT /v1/contact/{id}:status=401"),
        ]
        stopped = await run_restore(RestoreJob(account, place), Quiet())
        assert (stopped.exit_code, stopped.pending) == (1, 2)
        sandbox.faults = []
        async with account.client() as client:
            await client.delete_contact(bob)
            for phone, first in (("14155550100", "Dora"), ("14155550101", "Eve")):
                await client.create_contact({"phone": phone, "first": first})
        done = await restore(account, place, code=3)
        assert done.run_id == stopped.run_id
    assert names_by_phone(sandbox) == {"14155550100": "Dora", "14155550101": "Eve"}
    assert (done.tally.skipped, done.codes) == (1, {"id_mismatch": 1, "stale": 1})
    assert done.kept_list
    assert "created meanwhile" in content(done.kept_list)


async def test_two_contacts_of_one_phone_are_not_made_twice(tmp_path: Path) -> None:
    sandbox = world(create_existing="duplicate", **READABLE)
    sandbox.add_contact("14155550100", first="One")
    sandbox.add_contact("14155550100", first="Two")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        place = await export(account)
        async with account.client() as client:
            for contact in sandbox.contacts():
                await client.delete_contact(contact["id"])
        done = await restore(account, place, code=3)
    assert (done.tally.created, done.codes) == (1, {"several_contacts": 1})
    assert [contact["first"] for contact in sandbox.contacts()] == ["One"]
