"""Titles, tags and people are brought to IDs once a run, and missing fields are made late and only once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import MappingError, ServiceUnavailable
from pipeline.reader.intake._directory import Directory
from pipeline.reader.mapping import ColumnPlan, plan_columns
from pipeline.sandbox import Fault, Sandbox
from tests.cli.commands import hmpipe
from tests.conftest import Server, open_world
from tests.tables import map_cells, settings_of

PHONE = "+1 415 555 0101"


def world(*faults: str) -> Sandbox:
    return Sandbox(
        requests_per_minute=0, fields=("Plan",), tags=("VIP",), faults=[Fault.parse(fault) for fault in faults]
    )


def titles_of(sandbox: Sandbox) -> list[str]:
    """Return the titles of its custom fields."""
    return list(sandbox.counters()["fields"].values())


def plan(headers: list[str], columns: dict[str, Any], **settings: Any) -> ColumnPlan:
    return plan_columns(headers, settings_of({"Phone": "phone", **columns}, **settings))


async def test_names_are_asked_for_once_and_become_ids() -> None:
    sandbox = world()
    columns = {"P": {"custom": "plan"}, "T": {"tags": ";"}, "O": "assignee"}
    async with open_world(sandbox) as opened:
        directory = Directory(opened.client)
        resolved = await directory.resolve(plan(["Phone", "P", "T", "O"], columns))
        asked = opened.client.traffic.requests
        await directory.resolve(plan(["Phone", "P", "T", "O"], columns))
        assert opened.client.traffic.requests == asked
    [contact] = map_cells([[PHONE, "gold", "vip", "ada example"]], resolved)
    assert list(contact.custom) == [key for key in contact.custom if key.isdigit()]  # type: ignore[union-attr]
    assert contact.fields == {"assignee_id": 7001}  # type: ignore[union-attr]
    assert contact.tags is not None  # type: ignore[union-attr]
    [rejected] = map_cells([[PHONE, "", "", "Nobody"]], resolved)
    assert rejected.code == "unknown_member"  # type: ignore[union-attr]


async def test_a_plan_leaves_missing_fields_under_their_titles() -> None:
    sandbox = world()
    async with open_world(sandbox) as opened:
        directory = Directory(opened.client)
        resolved = await directory.resolve(plan(["Phone", "Plan", "City"], {}, unmapped="create"))
        assert directory.missing == ("City",)
    assert [binding.target.custom == "City" for binding in resolved.values] == [False, True]
    assert titles_of(sandbox) == ["Plan"]


@pytest.mark.parametrize("fault", ["", "drop_after:POST /v1/contacts/fields:count=1"])
async def test_missing_fields_are_made_once_also_when_the_answer_is_lost(fault: str) -> None:
    sandbox = world(*filter(None, [fault]))
    async with open_world(sandbox) as opened:
        directory = Directory(opened.client, keep_titles=True)
        resolved = await directory.resolve(plan(["Phone", "Plan", "City"], {}, unmapped="create"))
        assert [binding.target.custom for binding in resolved.values] == ["Plan", "City"]
        assert list(directory.existing_ids()) == ["Plan"]
        made = await directory.make_missing()
        assert list(made) == ["City"]
        assert await directory.make_missing() == {}
    assert titles_of(sandbox) == ["Plan", "City"]


@pytest.mark.parametrize(
    "fault", ["error_before:POST /v1/contacts/fields:status=400", "drop_before:POST /v1/contacts/fields"]
)
async def test_fields_that_cannot_be_made_stop_the_import(fault: str) -> None:
    sandbox = world(fault)
    async with open_world(sandbox) as opened:
        directory = Directory(opened.client, keep_titles=True)
        await directory.resolve(plan(["Phone", "City"], {}, unmapped="create"))
        with pytest.raises(ServiceUnavailable, match="City"):
            await directory.make_missing()


async def test_two_fields_of_one_title_are_refused() -> None:
    sandbox = Sandbox(requests_per_minute=0, fields=("City", "city"))
    async with open_world(sandbox) as opened:
        with pytest.raises(MappingError, match="2 custom fields have the title"):
            await Directory(opened.client).resolve(plan(["Phone", "X"], {"X": {"custom": "CITY"}}))


@pytest.mark.parametrize("keep", [True, False])
async def test_what_a_plan_refuses_an_import_refuses_too(keep: bool) -> None:
    sandbox = Sandbox(requests_per_minute=0, fields=("City", "city", "Plan"))
    async with open_world(sandbox) as opened:
        ambiguous = plan(["Phone", "CITY"], {}, unmapped="create")
        with pytest.raises(MappingError, match="2 custom fields have the title"):
            await Directory(opened.client, keep_titles=keep).resolve(ambiguous)
        doubled = plan(["Phone", "X", "Plan"], {"X": {"custom": 103}}, unmapped="create")
        with pytest.raises(MappingError, match="both mapped"):
            await Directory(opened.client, keep_titles=keep).resolve(doubled)


def test_an_import_makes_the_fields_it_needs_and_a_second_one_changes_nothing(
    tmp_path: Path, serve: Callable[..., Server]
) -> None:
    server = serve()
    (tmp_path / "hmpipe.toml").write_text(
        f'[account]\nbase_url = "{server.url}"\n[limits]\nrequests_per_minute = 0\n'
        '[import]\nunmapped = "create"\n[import.columns]\n"Phone" = "phone"\n'
    )
    (tmp_path / "a.csv").write_text(f"Phone,City,Plan\n{PHONE},Berlin,gold\n")
    planned = hmpipe(tmp_path, "plan", "a.csv", "--json")
    assert planned.json["fields_to_create"] == ["City"]
    assert "Custom fields to be made: City" in planned.err
    assert titles_of(server.sandbox) == ["Plan"]
    assert hmpipe(tmp_path, "import", "a.csv").code == 0
    assert titles_of(server.sandbox) == ["Plan", "City"]
    assert sorted(server.sandbox.contacts()[0]["custom"].values()) == ["Berlin", "gold"]
    again = hmpipe(tmp_path, "import", "a.csv", "--json")
    assert (again.json["unchanged"], again.json["rows"]) == (1, 1)


def test_a_refused_file_makes_no_field(tmp_path: Path, serve: Callable[..., Server]) -> None:
    server = serve()
    (tmp_path / "hmpipe.toml").write_text(
        f'[account]\nbase_url = "{server.url}"\n[limits]\nrequests_per_minute = 0\n'
        '[import]\nunmapped = "create"\nmax_changes = 0\n[import.columns]\n"Phone" = "phone"\n'
    )
    (tmp_path / "a.csv").write_text(f"Phone,City\n{PHONE},Berlin\n")
    assert hmpipe(tmp_path, "import", "a.csv").code == 4
    assert titles_of(server.sandbox) == ["Plan"]
