"""What a draft keeps of channels and statuses: what is still to be asked, and how much is known."""

import sqlite3

from pipeline.models import Status
from pipeline.snapshots import Draft
from pipeline.snapshots._draftdetails import CHANNELS, IS_BLOCKED, OPT_OUT, STATUS, WHO
from pipeline.snapshots._draftfile import WORK_FILE
from pipeline.values import replace
from pipeline.wire import read_records
from tests.snapshots.drafts import PAGE


def test_a_draft_of_an_earlier_version_is_gone_on_with(draft: Draft) -> None:
    draft.close()
    with sqlite3.connect(draft.folder / WORK_FILE) as connection:
        connection.execute("DROP TABLE details")
    connection.close()
    again = Draft.open(draft.folder)
    again.want_details([(1, "14155550100", "u", CHANNELS, b"{}")])
    assert again.unasked_details(CHANNELS, 9) == [(1, "u")]
    again.close()


def test_what_is_refused_or_half_told_is_counted(draft: Draft) -> None:
    everything = CHANNELS | OPT_OUT | WHO | IS_BLOCKED
    assert draft.how_known(STATUS) == ("list", 0)
    draft.want_details(
        [(number, str(number), uuid, everything, b"{}") for number, uuid in ((1, "u1"), (2, "u2"), (3, ""))]
    )
    assert draft.count_unasked_details(CHANNELS) == 2, "without a UUID nothing can be asked"
    draft.save_channels([(1, ()), (2, None)])
    draft.save_statuses([(1, Status(True, True)), (2, Status(True)), (3, Status(False, False))])
    assert draft.how_known(CHANNELS) == ("unknown", 2)
    assert draft.how_known(STATUS) == ("unknown", 1), "who is blocked was not told of one"
    draft.save_statuses([(2, Status(True, False))])
    assert draft.how_known(STATUS) == ("asked", 0)
    assert set(draft.asked_opted_out_phones()) == {"1", "2"}
    assert draft.tells_opt_outs


def test_what_is_carried_over_is_known_where_nothing_was_asked(draft: Draft) -> None:
    draft.note(replace(draft.facts, carried={"channels": ("asked", 0)}))
    assert (draft.how_known(CHANNELS), draft.how_known(STATUS)) == (("asked", 0), ("list", 0))


def test_a_contact_that_changed_is_asked_about_again_and_one_that_is_gone_is_forgotten(draft: Draft) -> None:
    records = read_records(PAGE)
    draft.want_details([(each.id, each.phone, "u", STATUS, each.raw) for each in records])
    draft.save_statuses([(each.id, Status(False, False)) for each in records])
    draft.begin_anew()
    changed = read_records(PAGE.replace(b'"price": 1.10', b'"price": 1.20'))
    draft.want_details([(each.id, each.phone, "u", STATUS, each.raw) for each in changed if each.id != 10])
    assert [contact_id for contact_id, _ in draft.unasked_details(STATUS, 9)] == [30]
    assert [each.id for each in draft.details()] == [20]
    draft.want_details([])
    assert list(draft.details()) == []
