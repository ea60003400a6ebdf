"""Whatever becomes of an answer, what the account holds is read back: nothing is lost, doubled or guessed."""

import pytest

from pipeline.errors import CanarySurprise
from pipeline.models._contacts import Contact
from pipeline.models._outcomes import OutcomeKind, Tally
from tests.uploader.uploads import held, journal_of, people, phone, sandbox, upload

LOSSES = ["drop_before", "drop_after", "error_before", "error_after", "truncated", "wrong_json", "html_502"]


@pytest.mark.parametrize("create_existing", ["duplicate", "error", "upsert"])
@pytest.mark.parametrize("kind", LOSSES)
async def test_a_lost_answer_to_a_create_neither_loses_nor_doubles(kind: str, create_existing: str) -> None:
    world = sandbox(f"{kind}:POST /v1/contact:rate=0.4", create_existing=create_existing)
    contacts = people(40)
    tally = await upload(world, journal_of(contacts))
    assert tally.adds_up
    assert tally.created + tally.unknown == 40
    assert held(world).items() <= {contact.phone: contact.fields["first"] for contact in contacts}.items()
    assert len(held(world)) == tally.created


@pytest.mark.parametrize("kind", LOSSES)
async def test_a_lost_answer_to_an_update_is_looked_up(kind: str) -> None:
    world = sandbox(f"{kind}:PUT /v1/contact/*:rate=0.4")
    for contact in people(40):
        world.add_contact(contact.phone, first="Old")
    tally = await upload(world, journal_of(people(40)))
    assert tally.adds_up
    assert tally.updated + tally.failed == 40
    assert sum(first != "Old" for first in held(world).values()) == tally.updated


async def test_a_write_that_never_gets_through_is_unknown_and_not_forgotten() -> None:
    journal = journal_of(people(2))
    assert await upload(sandbox("drop_before:POST /v1/contact"), journal) == Tally(rows=2, unknown=2)
    assert journal.outcomes.codes(OutcomeKind.UNKNOWN) == {"not_found_after_write": 2}


async def test_an_update_that_never_gets_through_has_failed() -> None:
    world = sandbox("drop_before:PUT /v1/contact/*")
    world.add_contact(phone(2), first="Old")
    journal = journal_of(people(1))
    assert await upload(world, journal) == Tally(rows=1, failed=1)
    assert journal.outcomes.codes(OutcomeKind.FAILED) == {"not_applied": 1}


async def test_custom_values_that_are_dropped_silently_stop_the_run_before_it_spreads() -> None:
    world = sandbox(unknown_custom="drop")
    contacts = [Contact(line, phone(line), {"first": "A"}, {"999": "x"}) for line in range(2, 300)]
    journal = journal_of(contacts)
    with pytest.raises(CanarySurprise, match=r"custom\.999"):
        await upload(world, journal)
    assert journal.outcomes.codes(OutcomeKind.FAILED)["not_kept"] >= 1
