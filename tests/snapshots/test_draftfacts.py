"""What a draft knows of its export: facts written are facts read, and drafts of earlier versions read the same."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pipeline.errors import StorageFailed
from pipeline.models._contacts import CustomField
from pipeline.snapshots import Draft, DraftFacts, ExportVerdict
from pipeline.snapshots._draftfacts import NOTHING, changed_facts, read_facts
from pipeline.snapshots._draftfile import WORK_FILE
from pipeline.values import replace

WRITTEN_EARLIER = {
    "format": '"2"',
    "account": '"main (0a1b)"',
    "host": '"api.test"',
    "started": '"2026-01-02T03:04:05.678901+00:00"',
    "base": '{"name":"20260101T000000Z-full","manifest_sha256":"c0ffee"}',
    "surface": '"v1"',
    "custom_ids": '["7","99"]',
    "shows_opt_out": "true",
    "fields": '[{"id":7,"title":"Plan"}]',
    "tags": '[{"id":1,"tag":"VIP"}]',
    "team": "null",
    "unavailable": '["team"]',
    "begun": "true",
    "count_before": "40",
    "since": '"2026-01-01T00:00:00Z"',
    "walk": '{"pages":3}',
    "ranges": "2",
    "range.0": '{"end":"met"}',
    "range.1": '{"end":""}',
    "range.2": '{"end":"of an earlier division"}',
    "requests": "12",
    "seconds": "3.5",
    "consent": '"status"',
    "verdict": '{"contacts":40,"count":{"state":"verified","before":40,"after":40},"total":-1,"deletions":""}',
    "reduced": "true",
}
"""The texts that earlier versions put into the table `meta`, key by key."""

READ_TODAY = DraftFacts(
    "main (0a1b)",
    "api.test",
    "2026-01-02T03:04:05.678901+00:00",
    base={"name": "20260101T000000Z-full", "manifest_sha256": "c0ffee"},
    surface="v1",
    custom_ids=("7", "99"),
    shows_opt_out=True,
    fields=(CustomField(7, "Plan"),),
    tags=[{"id": 1, "tag": "VIP"}],
    unavailable=("team",),
    begun=True,
    count_before=40,
    since="2026-01-01T00:00:00Z",
    walk={"pages": 3},
    ranges=({"end": "met"}, {"end": ""}),
    requests=12,
    seconds=3.5,
    consent="status",
    verdict=ExportVerdict(40, {"state": "verified", "before": 40, "after": 40}, -1, ""),
    reduced=True,
)

words = some.text(some.characters(exclude_categories=["Cs"]))
names = some.lists(words, max_size=3).map(tuple)
counts = some.integers(0, 10**9)
states = some.dictionaries(words, some.none() | counts | words, max_size=3)
facts = some.builds(
    DraftFacts,
    *[words] * 4,
    base=some.dictionaries(words, words),
    surface=words,
    target=words,
    requests=counts,
    seconds=some.floats(0, 10**6),
    custom_ids=names,
    shows_opt_out=some.booleans(),
    fields=some.lists(some.builds(CustomField, counts, words), max_size=3).map(tuple),
    tags=some.none() | some.lists(states, max_size=3),
    team=some.none() | states,
    unavailable=names,
    consent=words,
    begun=some.booleans(),
    count_before=some.none() | counts,
    since=words,
    walk=some.none() | states,
    ranges=some.lists(states, max_size=3).map(tuple),
    verdict=some.none() | some.builds(ExportVerdict, counts, states, some.integers(-1, 9), words),
    reduced=some.booleans(),
    format=words,
)


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    return Draft.create(tmp_path, DraftFacts("main", "api.test"))


def rewrite(draft: Draft, texts: dict[str, str]) -> Path:
    """Leave of a draft what an earlier version would have known of its export."""
    draft.close()
    with sqlite3.connect(draft.folder / WORK_FILE) as connection:
        connection.execute("DELETE FROM meta")
        connection.executemany("INSERT INTO meta VALUES (?, ?)", texts.items())
    connection.close()
    return draft.folder


@given(some.lists(facts, min_size=1, max_size=3))
def test_facts_written_one_over_the_other_are_the_last_facts_read(each: list[DraftFacts]) -> None:
    meta: dict[str, str] = {}
    for before, after in zip([NOTHING, *each], each, strict=False):
        meta |= changed_facts(before, after)
    assert read_facts(meta) == each[-1]


def test_what_was_noted_is_there_when_the_draft_is_opened(draft: Draft) -> None:
    draft.note(READ_TODAY)
    draft.close()
    found = Draft.open(draft.folder)
    assert found.facts == READ_TODAY
    found.close()


def test_a_draft_of_an_earlier_version_says_the_same(draft: Draft) -> None:
    found = Draft.open(rewrite(draft, WRITTEN_EARLIER))
    assert found.facts == READ_TODAY
    found.close()


def test_what_is_written_today_is_what_an_earlier_version_reads() -> None:
    # What is not there was not known: it reads no team as it reads null.
    absent = {"team", "range.2"}
    expected = {key: text for key, text in WRITTEN_EARLIER.items() if key not in absent}
    assert changed_facts(NOTHING, READ_TODAY) == expected


def test_a_page_of_one_range_writes_the_state_of_that_range_alone() -> None:
    before = READ_TODAY
    after = replace(before, ranges=(before.ranges[0], {"end": "met"}), requests=13)
    assert changed_facts(before, after) == {"ranges": "2", "range.1": '{"end":"met"}', "requests": "13"}


def test_what_a_later_version_adds_is_left_alone(draft: Draft) -> None:
    found = Draft.open(rewrite(draft, WRITTEN_EARLIER | {"moon": '"full"'}))
    found.note(replace(found.facts, consent="list"))
    meta = dict(found._db.execute("SELECT key, value FROM meta"))
    assert meta == WRITTEN_EARLIER | {"moon": '"full"', "consent": '"list"'}
    found.close()


def test_begun_anew_it_knows_whose_it_is_and_what_it_has_cost(draft: Draft) -> None:
    found = Draft.open(rewrite(draft, WRITTEN_EARLIER))
    found.begin_anew("v2")
    identity = ("format", "account", "host", "started", "base", "requests", "seconds")
    expected = {key: WRITTEN_EARLIER[key] for key in identity} | {"surface": '"v2"'}
    assert dict(found._db.execute("SELECT key, value FROM meta")) == expected
    assert found.facts == read_facts(expected)
    found.close()


@pytest.mark.parametrize("texts", [{"walk": "{"}, {"requests": '"many"'}, {"ranges": "1"}, {"fields": "[7]"}])
def test_facts_that_cannot_be_read_are_said(draft: Draft, texts: dict[str, str]) -> None:
    folder = rewrite(draft, WRITTEN_EARLIER | {"range.0": "null"} | texts)
    with pytest.raises(StorageFailed, match=r"draft\.sqlite cannot be read"):
        Draft.open(folder)


def test_facts_that_the_disk_refuses_stay_as_they_were(draft: Draft) -> None:
    before = draft.facts
    draft._db.execute("PRAGMA query_only = ON")
    with pytest.raises(StorageFailed):
        draft.note(replace(before, consent="status"))
    assert draft.facts == before
    draft.close()
