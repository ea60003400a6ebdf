"""What a contact had before a write of ours, and has not any more, is brought back, or stops the run."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import jsontext
from pipeline.errors import CanarySurprise
from pipeline.models import Change, ChangeKind, Contact, OnExisting, Record
from pipeline.planner import Policy, find_damage, held_custom
from pipeline.sandbox import Sandbox
from pipeline.wire import read_stored
from tests.uploader.uploads import journal_of, phone, sandbox, upload

PICTURE = "https://example.com/a.png"
TYPED = {
    "101": 7,
    "102": True,
    "103": ["a", 1],
    "104": {"deep": [None, 2.5]},
    "105": "text",
    "106": 12345678901234567890,
}


def world_of(count: int, *, traits: dict[str, Any], **state: Any) -> Sandbox:
    world = sandbox(opt_out_readable=True, custom_values="any", **traits)
    for _ in TYPED:
        world.add_field("F")
    for number in range(2, count + 2):
        world.add_contact(phone(number), first="Old", last="Kept", **state)
    return world


def rows(count: int) -> list[Contact]:
    return [Contact(line, phone(line), {"first": "New"}) for line in range(2, count + 2)]


@pytest.mark.parametrize("count", [1, 40])
@pytest.mark.parametrize("path", ["auto", "batch"])
async def test_a_picture_that_a_batch_blanks_is_put_back(count: int, path: Any) -> None:
    world = world_of(count, traits={"update_loses": "batch_avatar"}, avatar=PICTURE)
    tally = await upload(world, journal_of(rows(count)), path=path)
    assert tally.updated == count
    assert {(each["first"], each["avatar"]) for each in world.contacts()} == {("New", PICTURE)}


@pytest.mark.parametrize(("count", "loses"), [(1, "external_id"), (40, "external_id"), (40, "batch_external_id")])
async def test_what_cannot_be_written_back_stops_the_run_before_it_spreads(count: int, loses: str) -> None:
    world = world_of(count, traits={"update_loses": loses}, external_id="crm-7")
    with pytest.raises(CanarySurprise, match=r"has lost 'external_id'.*cannot write back"):
        await upload(world, journal_of(rows(count)), path="batch" if loses.startswith("batch") else "auto")
    assert sum(not each["external_id"] for each in world.contacts()) <= 20


async def test_a_contact_that_loses_nothing_is_no_surprise() -> None:
    world = world_of(30, traits={}, external_id="crm-7", avatar=PICTURE, email_suppressions=[4])
    assert (await upload(world, journal_of(rows(30)))).updated == 30
    assert {(each["external_id"], each["avatar"]) for each in world.contacts()} == {("crm-7", PICTURE)}


@pytest.mark.parametrize("policy", [OnExisting.MERGE, OnExisting.FILL, OnExisting.OVERWRITE])
@pytest.mark.parametrize("path", ["single", "batch"])
async def test_values_that_are_no_texts_stay_what_they_are(policy: OnExisting, path: Any) -> None:
    world = world_of(12, traits={}, custom=TYPED)
    changed = [Contact(line, phone(line), {"email": "n@example.com"}, {}) for line in range(2, 14)]
    maps_custom = policy is not OnExisting.OVERWRITE
    await upload(world, journal_of(changed), Policy(policy, custom_mapped=maps_custom), path=path)
    assert all(each["custom"] == TYPED and each["email"] for each in world.contacts())


async def test_a_typed_value_is_replaced_only_by_another_one() -> None:
    world = world_of(1, traits={}, custom=TYPED)
    await upload(world, journal_of([Contact(2, phone(2), {}, {"101": "8", "102": "true"})]))
    assert world.contacts()[0]["custom"] == TYPED | {"101": "8"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.from_regex("[1-9][0-9]{0,3}", fullmatch=True), JSON, max_size=5))
def test_law_what_is_held_is_what_was_shown(custom: dict[str, Any]) -> None:
    record = read_stored(jsontext.encode({"id": 1, "custom": custom}))
    assert held_custom(record) == {key: value for key, value in custom.items() if value is not None}


@given(st.dictionaries(st.text("abcdefg", min_size=1, max_size=4), JSON, max_size=5), st.data())
@settings(max_examples=200)
def test_law_every_key_that_had_something_and_has_nothing_is_damage(held: dict[str, Any], data: st.DataObject) -> None:
    lost = {name for name in held if data.draw(st.booleans())}
    left = {name: data.draw(st.sampled_from([None, "", [], {}])) if name in lost else held[name] for name in held}
    before, found = (_record(each) for each in (held, left))
    change = Change(1, ChangeKind.UPDATE, phone(2), {}, contact_id=1, before=before)
    names = {field.name for field in find_damage(change, found, is_whole=True)}
    assert names == {f"other.{name}" for name in lost if held[name] not in (None, "", [], {})}
    # What another surface does not show need not be lost.
    missing = _record({name: value for name, value in left.items() if name not in lost})
    assert find_damage(change, missing, is_whole=False) == ()
    assert {field.name for field in find_damage(change, missing, is_whole=True)} == names


def _record(values: dict[str, Any]) -> Record:
    return read_stored(jsontext.encode({**values, "id": 1, "phone": phone(2), "rev": 3, "op": "update"}))
