"""Saving and loading, also from a snapshot."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.sandbox import Sandbox
from tests.sandbox.client import ANA, BEN, served


async def filled() -> Sandbox:
    sandbox = Sandbox(fields=["Plan", ""], tags=["vip"])
    sandbox.seed(20, per_stamp=4, opted_out_every=5)
    ana = sandbox.add_contact(
        ANA, first="Ană 😀", custom={"101": "Gold"}, tags=[301], email_suppressions=[2], archived=True
    )
    async with served(sandbox) as api:
        path = f"/v2/contact/{ana['uuid']}/channel"
        await api.ok("POST", path, {"channel_type": "phone", "channel_id": BEN})
        await api.ok("POST", "/v2/lists", {"title": "All", "phones": [ANA]})
        await api.ok("POST", "/v1/contact/set_status", {"id": ana["id"], "status": "blocked"})
        await api.ok("POST", "/v1/contact/set_status", {"id": ana["id"], "status": "unsubscribed"})
    return sandbox


@pytest.mark.parametrize("name", ["account.jsonl", "account.jsonl.gz"])
async def test_what_was_saved_loads_again_in_full(tmp_path: Path, name: str) -> None:
    sandbox = await filled()
    path = tmp_path / name
    sandbox.save(path)
    assert path.stat().st_mode & 0o777 == 0o600, "it may be a copy of real contacts"
    loaded = Sandbox()
    assert loaded.load(path) == 21
    assert loaded.contacts() == sandbox.contacts()
    for key in ("fields", "tags", "lists"):
        assert loaded.counters()[key] == sandbox.counters()[key]


@pytest.mark.parametrize(("name", "packed"), [("account.jsonl", False), ("account.jsonl.gz", True)])
def test_a_name_that_ends_gz_is_compressed_and_no_draft_is_left(tmp_path: Path, name: str, *, packed: bool) -> None:
    Sandbox().save(tmp_path / name)
    [path] = tmp_path.iterdir()
    assert path.name == name
    assert path.read_bytes().startswith(b"\x1f\x8b") is packed


@pytest.mark.parametrize("as_object", [False, True])
def test_a_snapshot_loads_with_its_titles_and_unknown_ids_become_known(tmp_path: Path, *, as_object: bool) -> None:
    contacts = [
        {"id": 7, "phone": ANA, "custom": {"55": "x", "56": None}, "assigned_user_id": 7001, "tags": [{"tag_id": 9}]},
        {"id": 3, "phone": BEN, "custom": {"77": "y"}, "assigned_user_id": -1, "tags": [8], "first": None},
    ]
    stamps = {"created": "2025-01-01T00:00:00Z", "updated": "2025-06-01T00:00:00.5Z", "rev": 4, "uuid": "a-b"}
    with gzip.open(tmp_path / "contacts.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(contacts[0] | stamps) + "\n" + json.dumps(contacts[1]) + "\n")
    fields: Any = [{"id": 55, "title": "Plan"}]
    (tmp_path / "fields.json").write_text(json.dumps({"fields": fields} if as_object else fields))
    sandbox = Sandbox()
    assert sandbox.load(tmp_path / "contacts.jsonl.gz") == 2
    ben, ana = sandbox.contacts()
    assert (ana["id"], ana["uuid"], ana["rev"], ana["updated"]) == (7, "a-b", 4, "2025-06-01T00:00:00.500000Z")
    assert (ana["custom"], ana["assignee_id"], ana["tags"]) == ({"55": "x"}, 7001, [9])
    assert (ben["id"], ben["assignee_id"], ben["tags"], ben["first"]) == (3, None, [8], "")
    assert sandbox.counters()["fields"] == {"55": "Plan", "77": "Field 77"}
    assert sandbox.counters()["tags"] == {"9": "tag-9", "8": "tag-8"}


async def test_a_contact_without_a_phone_is_loaded_as_it_is_and_found_by_no_phone(tmp_path: Path) -> None:
    path = tmp_path / "contacts.jsonl"
    lines = [{"id": 7, "first": "Ana"}, {"id": 8, "phone": None, "email": "b@example.com", "updated": None}]
    path.write_text("\n".join(json.dumps(line) for line in [*lines, {"id": 9, "phone": BEN}]))
    sandbox = Sandbox()
    assert sandbox.load(path) == 3
    assert [(contact["id"], contact["phone"]) for contact in sandbox.contacts()] == [(7, ""), (8, ""), (9, BEN)]
    async with served(sandbox) as api:
        for phone, found in (("", []), ("None", []), (BEN, [9])):
            body = {"contact_channels": [{"channel_type": "phone", "channel_ids": [phone]}]}
            assert [contact["id"] for contact in await api.ok("POST", "/v2/contacts/search", body)] == found
    sandbox.save(tmp_path / "again.jsonl")
    again = Sandbox()
    assert again.load(tmp_path / "again.jsonl") == 3
    assert again.contacts() == sandbox.contacts()


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "5",
        "{}",
        '{"first": "Ana"}',
        '{"phone": "1", "tags": ["x"]}',
        '{"phone": "1", "custom": {"Plan": "x"}}',
        '{"id": 7, "phone": "1"}',
    ],
)
def test_a_line_that_is_no_contact_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"id": 7, "phone": "14155550101"}\n' + line + "\n")
    with pytest.raises(ValueError, match=r"bad\.jsonl, line 2"):
        Sandbox().load(path)


def test_a_failed_save_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "account.jsonl"
    path.write_text("old")
    (tmp_path / ".account.jsonl.part").mkdir()
    with pytest.raises(OSError, match="part"):
        Sandbox().save(path)
    assert path.read_text() == "old"


def test_a_file_of_before_and_a_snapshot_bring_channels_and_status(tmp_path: Path) -> None:
    path = tmp_path / "contacts.jsonl"
    stamps = {"created": "2025-01-01T00:00:00Z", "updated": "2025-01-01T00:00:00Z"}
    channel = {"id": "4007", "channel_type": "phone", "channel_id": BEN, **stamps}
    shown = [{"channel_type": "phone", "channel_id": ANA}, {"channel_type": "line", "channel_id": "ana"}, channel]
    lines = [
        {"id": 7, "phone": ANA, "is_opted_out": True, "blocked": True, "channels": [channel]},
        {"id": 8, "phone": ANA, "is_blocked": True, "unsubscribed_admin": True, "contact_channels": shown, **stamps},
        {"id": 9, "phone": BEN, "is_opted_out": False, "unsubscribed_contact": True},
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    sandbox = Sandbox()
    sandbox.load(path)
    first, second, third = sandbox.contacts()
    keys = ("is_opted_out", "unsubscribed_admin", "unsubscribed_contact", "blocked", "archived")
    assert [first[key] for key in keys] == [True, False, True, True, False]
    assert [second[key] for key in keys] == [True, True, False, True, False]
    assert [third[key] for key in keys] == [False, False, False, False, False]
    assert [each["channel_id"] for each in first["channels"]] == [BEN]
    assert [each["channel_id"] for each in second["channels"]] == ["ana", BEN]
    assert sandbox._world.next_channel_id() > 4007
