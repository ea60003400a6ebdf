"""What a journal knows of its run: facts written are facts read, and journals of earlier versions read the same."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from pipeline.errors import StorageFailed
from pipeline.models._outcomes import Traffic
from pipeline.runs.journal import FORMAT, Journal, RunFacts, SourceFacts, read_sources
from pipeline.runs.journal._facts import read_facts, write_facts
from pipeline.values import field_names, replace

WRITTEN_EARLIER = {
    "account": "0a1b",
    "source": "people.csv",
    "state": "open",
    "started": "2026-01-02T03:04:05.678+00:00",
    "sources": '[{"name": "people.csv", "encoding": "cp1252", "delimiter": ";", "found_by": "detection",'
    ' "compression": "gzip", "header_line": 3, "preamble_lines": 2, "comment_lines": 1, "rows": 7,'
    ' "left_out": ["notes.csv"], "headers": ["Phone", "Caf\\udce9"], "line_end": "\\r\\n",'
    ' "custom": {"custom.7": "Plan (custom field 7)"}}]',
    "content": "c0ffee",
    "staged": "yes",
    "planned": "yes",
    "fingerprint": "f1f2",
    "field_names": '{"custom.7": "Plan (custom field 7)"}',
    "traffic": '{"requests": 9, "rate_limited": 2, "retries": 1, "waited": 3.125}',
    "seconds": "61.500",
    "traits": '{"single creates": "proved"}',
    "attempts": "2",
    "exit_code": "",
    "error": "",
}
"""The texts that earlier versions put into the table `meta`, key by key."""

READ_TODAY = RunFacts(
    account="0a1b",
    source="people.csv",
    state="open",
    started="2026-01-02T03:04:05.678+00:00",
    sources=(
        SourceFacts(
            "people.csv",
            ("Phone", "Caf\udce9"),
            "cp1252",
            ";",
            "\r\n",
            custom={"custom.7": "Plan (custom field 7)"},
            found_by="detection",
            compression="gzip",
            header_line=3,
            preamble_lines=2,
            comment_lines=1,
            rows=7,
            left_out=("notes.csv",),
        ),
    ),
    content="c0ffee",
    staged=True,
    planned=True,
    fingerprint="f1f2",
    field_names={"custom.7": "Plan (custom field 7)"},
    traffic=Traffic(9, 2, 1, 3.125),
    seconds=61.5,
    attempts=2,
    traits={"single creates": "proved"},
)

words = some.text(some.characters(exclude_categories=["Cs"]))
names = some.dictionaries(words, words)
counts = some.integers(0, 10**9)
thousandths = some.integers(0, 10**9).map(lambda number: number / 1000)
headers = some.lists(some.text()).map(tuple)
forms = some.builds(SourceFacts, some.text(), headers, words, words, words, custom=names)
files = some.builds(
    SourceFacts,
    some.text(),
    headers,
    words,
    words,
    words,
    custom=names,
    found_by=words.filter(bool),
    compression=words,
    header_line=counts,
    preamble_lines=counts,
    comment_lines=counts,
    rows=counts,
    left_out=some.lists(words).map(tuple),
)
facts = some.builds(
    RunFacts,
    account=words,
    source=words,
    started=words,
    kind=some.sampled_from(["import", "undo", "delete", "restore"]),
    state=some.sampled_from(["", "open", "finished", "refused", "undone"]),
    fingerprint=words,
    content=words,
    staged=some.booleans(),
    planned=some.booleans(),
    undoes=words,
    sources=some.lists(forms | files, max_size=3).map(tuple),
    field_names=names,
    traffic=some.builds(Traffic, counts, counts, counts, thousandths),
    seconds=thousandths,
    attempts=some.integers(1, 99),
    exit_code=some.integers(0, 143),
    error=words,
    traits=names,
)


def journal_of(path: Path, **texts: str) -> Path:
    """Make the journal of an earlier version, as far as it knows of its run."""
    Journal.create(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM meta")
        connection.executemany("INSERT INTO meta VALUES (?, ?)", ({"format": str(FORMAT)} | texts).items())
    connection.close()
    return path


@given(facts)
def test_facts_written_are_facts_read(known: RunFacts) -> None:
    found = read_facts(write_facts(known))
    assert found == known
    assert found.traffic.waited == known.traffic.waited


@given(facts, facts)
def test_what_is_recorded_is_there_when_the_journal_is_opened(before: RunFacts, after: RunFacts) -> None:
    with Journal.create(None) as journal:
        journal.record(before)
        journal.record(after)
        texts = dict(journal._file.db.execute("SELECT key, value FROM meta"))
        assert journal.facts == after
    assert read_facts(texts) == after


def test_every_fact_is_written() -> None:
    assert write_facts(RunFacts()).keys() == set(field_names(RunFacts))


def test_a_journal_of_an_earlier_version_says_the_same(tmp_path: Path) -> None:
    with Journal.open(journal_of(tmp_path / "journal.sqlite", **WRITTEN_EARLIER)) as journal:
        assert journal.facts == READ_TODAY
        assert journal.facts.traffic.waited == 3.125


def test_what_is_written_today_is_what_an_earlier_version_reads() -> None:
    # It reads an exit code of "" as 1: a run that was killed could not write its own end.
    assert write_facts(READ_TODAY) == WRITTEN_EARLIER | {"exit_code": "1", "kind": "import", "undoes": ""} | {
        "sources": write_facts(READ_TODAY)["sources"]
    }
    assert read_sources(write_facts(READ_TODAY)["sources"]) == read_sources(WRITTEN_EARLIER["sources"])


def test_a_journal_that_says_nothing_of_its_run_has_the_facts_of_none(tmp_path: Path) -> None:
    with Journal.open(journal_of(tmp_path / "journal.sqlite")) as journal:
        assert journal.facts == RunFacts()


def test_what_a_later_version_adds_is_left_alone(tmp_path: Path) -> None:
    later = {
        "kind": "merge",
        "moon": "full",
        "traffic": '{"requests": 9, "bytes": 4}',
        "sources": '[{"name": "l.csv", "headers": ["id"], "moon": "full"}]',
    }
    path = journal_of(tmp_path / "journal.sqlite", **later)
    with Journal.open(path) as journal:
        assert journal.facts == RunFacts(traffic=Traffic(9), sources=(SourceFacts("l.csv", ("id",)),))
        journal.record(replace(journal.facts, state="finished"))
        assert dict(journal._file.db.execute("SELECT key, value FROM meta")) == later | {
            "format": str(FORMAT),
            "state": "finished",
        }


@pytest.mark.parametrize(
    "texts",
    [
        {"sources": "{"},
        {"sources": '{"name": "l.csv"}'},
        {"sources": "[1]"},
        {"sources": '[{"name": "l.csv"}]'},
        {"traffic": "[]"},
        {"field_names": "7"},
        {"seconds": "soon"},
        {"attempts": "many"},
    ],
)
def test_facts_that_cannot_be_read_are_said(tmp_path: Path, texts: dict[str, str]) -> None:
    path = journal_of(tmp_path / "journal.sqlite", **texts)
    with pytest.raises(StorageFailed, match="what it says of its run cannot be read"):
        Journal.open(path)


def test_facts_that_the_disk_refuses_stay_as_they_were() -> None:
    with Journal.create(None) as journal:
        journal._file.db.execute("PRAGMA query_only = ON")
        with pytest.raises(StorageFailed):
            journal.record(RunFacts(state="finished"))
        assert journal.facts == RunFacts()
