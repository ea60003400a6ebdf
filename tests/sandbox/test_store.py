"""The store's indexes, and that none of its answers scans."""

import dataclasses
import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from pipeline.sandbox import Sandbox
from pipeline.sandbox._answers import Problem
from pipeline.sandbox._listing import list_page
from pipeline.sandbox._records import Channel
from pipeline.sandbox._store import ContactStore, collector_paused
from pipeline.sandbox._writes import read_write, update
from tests.sandbox.client import ANA, BEN


def steps_of(work: Callable[[], object]) -> int:
    """Count the interpreter's steps inside `work`: a measure that no slow machine can disturb."""
    steps = 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal steps
        frame.f_trace_opcodes = True
        steps += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return steps


def work_on(sandbox: Sandbox) -> dict[str, Callable[[], object]]:
    world = sandbox._world
    known = sandbox.contact(1001 + len(world.store) // 2)
    assert known is not None
    body = read_write({"phone": known["phone"], "first": "Edited"}, world)
    stored = world.store.by_id(known["id"])
    assert stored is not None
    return {
        "first page": lambda: list_page(world, {}),
        "page by date": lambda: list_page(world, {"date": known["updated"], "ascending": True}),
        "page by number": lambda: list_page(world, {"page": len(world.store) // 60}),
        "search": lambda: world.store.by_handle("phone", known["phone"]),
        "count": lambda: len(world.store),
        "update": lambda: update(world, stored, body, overwrite=True),
    }


def test_200_000_contacts_take_no_more_steps_than_2_000() -> None:
    small, large = Sandbox(), Sandbox()
    small.seed(2_000)
    large.seed(200_000)
    few = {name: steps_of(work) for name, work in work_on(small).items()}
    many = {name: steps_of(work) for name, work in work_on(large).items()}
    for name, steps in few.items():
        assert many[name] <= steps * 1.5 + 100, name


def test_a_contact_is_found_by_everything_it_can_be_found_by() -> None:
    sandbox = Sandbox()
    added = sandbox.add_contact(ANA, email="Ana@Example.com")
    store = sandbox._world.store
    found = store.by_id(added["id"])
    assert found is not None
    assert store.by_uuid(added["uuid"].upper()) is found
    assert store.by_handle("id", added["uuid"]) == [found]
    assert store.by_handle("email", "ana@example.COM") == [found]
    assert store.by_handle("phone", BEN) == store.by_handle("line", "x") == store.by_handle("id", "x") == []


def test_a_replaced_contact_is_found_by_the_new_handles_only() -> None:
    sandbox = Sandbox()
    store = sandbox._world.store
    sandbox.add_contact(ANA)
    old = store.by_handle("phone", ANA)[0]
    extra = Channel(1, "line", "ana", 0, 0)
    new = dataclasses.replace(old, phone=BEN, is_opted_out=True, channels=(extra,))
    store.replace(new)
    assert store.by_handle("phone", ANA) == []
    assert store.by_handle("phone", BEN) == store.by_handle("line", "ANA") == [new]
    store.remove(new)
    assert store.by_handle("phone", BEN) == store.by_handle("line", "ana") == []
    assert store.by_uuid(new.uuid) is None
    assert len(store) == 0


def test_twins_share_a_phone_until_one_goes() -> None:
    sandbox = Sandbox()
    first, second = sandbox.add_contact(ANA), sandbox.add_contact(ANA)
    store = sandbox._world.store
    twins = store.by_handle("phone", ANA)
    assert [twin.id for twin in twins] == [first["id"], second["id"]]
    store.remove(twins[0])
    assert store.by_handle("phone", ANA) == [twins[1]]


@pytest.mark.parametrize("state", [{"id": 1001}, {"id": 0}, {"id": 1 << 70}])
def test_an_id_that_is_taken_or_out_of_range_is_refused(state: dict[str, int]) -> None:
    sandbox = Sandbox()
    sandbox.add_contact(ANA)
    with pytest.raises(ValueError, match="Contact id"):
        sandbox.add_contact(BEN, **state)
    assert len(sandbox.contacts()) == 1


def test_ids_are_never_given_out_twice() -> None:
    sandbox = Sandbox()
    store: ContactStore = sandbox._world.store
    sandbox.add_contact(ANA, id=5000)
    gone = store.by_id(5000)
    assert gone is not None
    store.remove(gone)
    assert store.next_id() == 5001


def test_a_problem_in_a_write_leaves_the_store_alone() -> None:
    sandbox = Sandbox()
    sandbox.add_contact(ANA)
    sandbox.add_contact(BEN)
    world = sandbox._world
    before = sandbox.contacts()
    with pytest.raises(Problem):
        update(world, world.store.by_handle("phone", ANA)[0], read_write({"phone": BEN}, world), overwrite=True)
    assert sandbox.contacts() == before


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_left_as_it_was_found(*, enabled: bool) -> None:
    try:
        (gc.enable if enabled else gc.disable)()
        with collector_paused():
            assert not gc.isenabled()
        assert gc.isenabled() is enabled
    finally:
        gc.enable()
