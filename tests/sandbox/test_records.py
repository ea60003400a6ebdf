"""The shapes in which a contact is shown."""

import uuid
from typing import Any

import pytest

from pipeline.sandbox import Sandbox, Traits
from pipeline.sandbox._records import make_uuid
from tests.sandbox.client import ANA


def shown(traits: Traits, **state: Any) -> dict[str, Any]:
    sandbox = Sandbox(traits=traits, tags=["vip"])
    added = sandbox.add_contact(ANA, tags=[301], updated="2026-05-01T10:00:00.123456Z", **state)
    contact = sandbox._world.store.by_id(added["id"])
    assert contact is not None
    return sandbox._world.shown(contact)


@pytest.mark.parametrize(
    ("shape", "tags"), [("objects", [{"tag_id": 301}]), ("ints", [301]), ("named", [{"id": 301, "tag": "vip"}])]
)
def test_tags_have_the_shape_of_their_trait(shape: str, tags: object) -> None:
    assert shown(Traits(tags_read_shape=shape))["tags"] == tags


def test_what_is_not_readable_is_not_there() -> None:
    hidden = shown(Traits(tags_read_shape="missing"))
    assert not {"tags", "is_opted_out", "uuid"} & set(hidden)
    readable = shown(Traits(opt_out_readable=True, uuid_readable=True), is_opted_out=True, uuid="abc")
    assert readable["is_opted_out"] is True
    assert readable["uuid"] == "abc"


def test_the_owner_is_read_under_either_name() -> None:
    assert shown(Traits(), assignee_id=7001)["assigned_user_id"] == 7001
    older = shown(Traits(owner_read_as="assignee_id"), assigned_user_id=7001)
    assert older["assignee_id"] == 7001
    assert "assigned_user_id" not in older


@pytest.mark.parametrize(
    ("precision", "text"),
    [("seconds", "10:00:00Z"), ("millis", "10:00:00.123Z"), ("micros", "10:00:00.123456Z")],
)
def test_stamps_are_shown_in_the_precision_of_the_trait(precision: str, text: str) -> None:
    assert shown(Traits(timestamp_precision=precision))["updated"] == f"2026-05-01T{text}"


def test_a_display_name_may_be_derived_but_never_hides_a_given_one() -> None:
    assert shown(Traits(), first="Ana", last="Lee")["display_name"] == ""
    derived = Traits(display_name="derived")
    assert shown(derived, first="Ana", last="Lee")["display_name"] == "Ana Lee"
    assert shown(derived, last="Lee")["display_name"] == "Lee"
    assert shown(derived, first="Ana", display_name="A.")["display_name"] == "A."


def test_uuids_are_well_formed_and_repeat_with_the_seed() -> None:
    made = [make_uuid(1, number) for number in range(200)]
    assert len(set(made)) == 200
    assert all(uuid.UUID(text).version == 4 and str(uuid.UUID(text)) == text for text in made)
    assert made[5] == make_uuid(1, 5) != make_uuid(2, 5)
