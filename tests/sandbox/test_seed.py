"""Made-up contacts in any number."""

import pytest

from pipeline.sandbox import Sandbox


@pytest.mark.parametrize(("per_stamp", "stamps"), [(1, 10), (4, 3), (0, 1)])
def test_seeded_contacts_share_stamps_as_asked(per_stamp: int, stamps: int) -> None:
    sandbox = Sandbox()
    sandbox.seed(10, per_stamp=per_stamp)
    contacts = sandbox.contacts()
    assert len({contact["updated"] for contact in contacts}) == stamps
    assert len({contact["phone"] for contact in contacts}) == len({contact["uuid"] for contact in contacts}) == 10
    assert sandbox.writes == []


def test_seeding_twice_gives_new_phones_and_opts_some_out() -> None:
    sandbox = Sandbox()
    sandbox.seed(10)
    sandbox.seed(10, opted_out_every=5)
    contacts = sandbox.contacts()
    assert len({contact["phone"] for contact in contacts}) == 20
    assert sum(contact["is_opted_out"] for contact in contacts) == 2


def test_seeding_none_is_nothing() -> None:
    sandbox = Sandbox()
    sandbox.seed(0, per_stamp=0)
    assert sandbox.contacts() == []
