"""What a person reads at the end, to the letter, and the reject file that can be mended and imported again."""

import re
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import StorageFailed
from pipeline.models._changes import FieldChange
from pipeline.models._contacts import CustomField, Reject
from pipeline.models._outcomes import Outcome, OutcomeKind, Tally, Traffic
from pipeline.reader import write_contacts, write_rejects
from pipeline.reader.mapping import map_chunk, plan_columns
from pipeline.reader.tables import Source, open_table
from pipeline.report import (
    check_text,
    doctor_text,
    export_text,
    fields_text,
    find_examples,
    plan_page,
    plan_text,
    run_text,
    runs_text,
    snapshots_text,
    verification_text,
)
from pipeline.report._text import duration, size_text
from pipeline.results import (
    CheckSummary,
    DoctorReport,
    Example,
    ExportSummary,
    FieldTotals,
    Finding,
    PlannedExample,
    PlanSummary,
    RunSummary,
    SnapshotEntry,
)
from pipeline.runs import RunEntry, RunKind
from pipeline.runs.journal import Journal
from pipeline.snapshots import Verification
from tests.tables import described, settings_of

BAD = (OutcomeKind.REJECTED, OutcomeKind.FAILED, OutcomeKind.UNKNOWN)


def rejecting(
    *rows: tuple[str, ...], headers: tuple[str, ...] = ("Phone", "Name"), encoding: str = "utf-8", delimiter: str = ","
) -> Journal:
    """Return a journal in which every row was rejected."""
    journal = Journal.create(None)
    journal.record(replace(journal.facts, sources=described(headers, encoding=encoding, delimiter=delimiter)))
    lines = range(2, len(rows) + 2)
    journal.input.add(
        rows,
        [Reject(line, "too_short", "Phone", row[0], "too short") for line, row in zip(lines, rows, strict=True)],
    )
    return journal


class TestRejectFile:
    def test_it_holds_the_original_cells_and_why(self, tmp_path: Path) -> None:
        path = tmp_path / "rejects.csv"
        journal = rejecting(("12", 'Ann "A", \u00e9'), ("13", ""), ("", "two\nlines"))
        assert write_rejects(path, journal, BAD) == path
        assert path.read_bytes().decode() == (
            "Phone,Name,_row,_code,_column,_value,_reason\n"
            '12,"Ann ""A"", \u00e9",2,too_short,Phone,12,too short\n'
            "13,,3,too_short,Phone,13,too short\n"
            ',"two\nlines",4,too_short,Phone,,too short\n'
        )
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_it_has_the_sources_own_delimiter_and_encoding(self, tmp_path: Path) -> None:
        path = tmp_path / "rejects.csv"
        write_rejects(path, rejecting(("1;2", "J\u00fcrgen"), encoding="utf-8-sig", delimiter=";"), BAD)
        assert path.read_bytes() == (
            b"\xef\xbb\xbfPhone;Name;_row;_code;_column;_value;_reason\n"
            b'"1;2";J\xc3\xbcrgen;2;too_short;Phone;"1;2";too short\n'
        )

    def test_bytes_that_do_not_decode_are_given_back_verbatim(self, tmp_path: Path) -> None:
        path = tmp_path / "rejects.csv"
        write_rejects(path, rejecting(("12", b"Caf\xe9".decode(errors="surrogateescape"))), BAD)
        assert path.read_bytes().splitlines()[1] == b"12,Caf\xe9,2,too_short,Phone,12,too short"

    def test_a_second_time_there_is_no_second_set_of_columns(self, tmp_path: Path) -> None:
        first, second = tmp_path / "first.csv", tmp_path / "second.csv"
        write_rejects(first, rejecting(("12", "Ann"), ("13", "Bob")), BAD)
        with open_table(Source(str(first))) as table:
            headers = table.headers
            cells = [tuple(record) for chunk in table.chunks() for record in chunk.records]
        assert len(headers) == 7
        write_rejects(second, rejecting(*cells, headers=headers), BAD)
        assert second.read_text() == first.read_text()

    def test_only_the_asked_outcomes_go_into_it(self, tmp_path: Path) -> None:
        path = tmp_path / "rejects.csv"
        journal = rejecting(("12", "Ann"), ("13", "Bob"))
        journal.rows.settle([Outcome(1, OutcomeKind.CREATED)])
        write_rejects(path, journal, BAD)
        assert [line[:3] for line in path.read_text().splitlines()[1:]] == ["13,"]

    def test_without_a_row_it_is_only_a_header(self, tmp_path: Path) -> None:
        path = tmp_path / "rejects.csv"
        path.write_text("of an earlier attempt")
        write_rejects(path, rejecting(), BAD)
        assert path.read_text() == "Phone,Name,_row,_code,_column,_value,_reason\n"

    def test_cells_beyond_the_header_are_kept_and_keep_the_row_rejected(self, tmp_path: Path) -> None:
        path = tmp_path / "rejects.csv"
        write_rejects(path, rejecting(("14155550101", "Ann", "EXTRA", "x"), ("12", "Bob")), BAD)
        lines = path.read_text().splitlines()
        assert lines[0] == "Phone,Name,_extra,_row,_code,_column,_value,_reason"
        assert lines[1].startswith('14155550101,Ann,"EXTRA,x",')
        with open_table(Source(str(path))) as table:
            columns = plan_columns(table.headers, settings_of())
            [first, second] = [result for chunk in table.chunks() for result in map_chunk(chunk, columns).results()]
        assert isinstance(first, Reject)
        assert first.code == "ragged_row"
        assert isinstance(second, Reject)
        assert second.code == "too_short"

    def test_a_row_that_lacks_cells_stays_rejected_until_it_is_mended(self, tmp_path: Path) -> None:
        path = tmp_path / "rejects.csv"
        write_rejects(path, rejecting(("14155550101",), ("12", "Bob")), BAD)
        assert path.read_text().splitlines()[1].startswith("14155550101,,(1 cell missing),")
        with open_table(Source(str(path))) as table:
            columns = plan_columns(table.headers, settings_of())
            [first, _] = [result for chunk in table.chunks() for result in map_chunk(chunk, columns).results()]
        assert isinstance(first, Reject)
        assert first.code == "ragged_row"

    def test_a_place_that_cannot_be_written_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(StorageFailed, match=r"^The reject file .*gone.*cannot be written: No such file"):
            write_rejects(tmp_path / "gone" / "rejects.csv", rejecting(("12", "Ann")), BAD)


def test_examples_are_a_few_of_each_code_and_show_no_whole_phone() -> None:
    journal = rejecting(("14155550101", ""), ("123456", ""), ("abc", ""), ("14", ""), ("15", ""))
    journal.rows.settle([Outcome(5, OutcomeKind.FAILED, "not_kept", "why", "first", "Ann")])
    assert find_examples(journal, BAD) == (
        Example(2, "too_short", "Phone", "1415***0101", "too short"),
        Example(3, "too_short", "Phone", "123456", "too short"),
        Example(4, "too_short", "Phone", "abc", "too short"),
        Example(6, "not_kept", "first", "Ann", "why"),
    )


class TestContactsFile:
    def test_it_is_private_json_lines(self, tmp_path: Path) -> None:
        path = tmp_path / "contacts.jsonl"
        write_contacts(path, ({"_row": line, "first": "J\u00fc"} for line in (2, 3)))
        assert path.read_bytes() == b'{"_row":2,"first":"J\xc3\xbc"}\n{"_row":3,"first":"J\xc3\xbc"}\n'
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_a_place_that_cannot_be_written_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(StorageFailed, match=r"gone.* cannot be written"):
            write_contacts(tmp_path / "gone" / "contacts.jsonl", [])


EXAMPLES = (
    Example(4, "too_short", "Phone", "12", "too short"),
    Example(9, "not_kept", "", "", "it read back otherwise"),
    Example(10, "bad_email", "Mail", "x" * 61, "no @"),
)


TOTALS = (
    FieldTotals("first", 2, 3, 0, ((FieldChange("first", "Ann", "Eve"), 2), (FieldChange("first", "A", "B"), 1))),
    FieldTotals("tags", 0, 0, 1),
)


def test_a_page_of_a_plan_shows_what_changes_and_no_whole_phone() -> None:
    field = FieldChange("custom.9", "+1 (415) 555-0199", "")
    summary = PlanSummary(
        "people.csv",
        Tally(rows=3, updated=2, rejected=1),
        requests=12,
        seconds=90,
        codes={"too_short": 1},
        examples=(PlannedExample(3, "update", "14155550101", (field,)),),
        rejects=(Example(9, "too_short", "Phone", "14155550102", "why"),),
        field_totals=(*TOTALS, FieldTotals("custom.9", 0, 1, 0, ((FieldChange("custom.9", "14155550103", "x"), 1),))),
        fields_to_create=("City",),
        list_adds={7: 2},
        unverifiable={"list": 4},
        against="snapshots/one",
    )
    page = plan_page(summary)
    for said in ("1415***0101", "1415***0199 ", "1415***0102", "1415***0103", "Ann -&gt; Eve (2)", "City", "list 7"):
        assert said.strip() in page
    assert not re.search(r"1415555\d{4}|555-0199", page)
    assert "2 contacts would be written; 1 rows are rejected." in page
    assert "Nothing would be written." in plan_page(PlanSummary("a.csv", Tally(rows=1, unchanged=1), 1, 0.0))


class TestImport:
    def test_one_with_rows_to_look_at_to_the_letter(self) -> None:
        summary = RunSummary(
            run_id="20260101T000000Z-abcdef",
            tally=Tally(rows=12_345, created=12_340, unchanged=2, rejected=2, failed=1),
            traffic=Traffic(requests=12_500, rate_limited=3),
            seconds=1_700,
            exit_code=3,
            rejects="runs/20260101T000000Z-abcdef/rejects.csv",
            source="people.csv",
            attempts=2,
            codes={"too_short": 1, "bad_email": 1, "not_kept": 1},
            notes={"region_assumed": 1_200, "phone_from:Mobile": 1},
            examples=EXAMPLES,
        )
        assert run_text(summary) == (
            "Import of people.csv: finished, with rows to look at\n"
            "     12,340 created\n"
            "          2 unchanged\n"
            "          2 rejected\n"
            "          1 failed\n"
            "     12,345 rows in all\n"
            "By reason:\n"
            "          1 too_short\n"
            "          1 bad_email\n"
            "          1 not_kept\n"
            "For example:\n"
            "  line 4, column 'Phone': '12': too short [too_short]\n"
            "  line 9: it read back otherwise [not_kept]\n"
            f"  line 10, column 'Mail': '{'x' * 57}...': no @ [bad_email]\n"
            "Doubtful, and taken all the same:\n"
            "      1,200 phones had no country code; the region was assumed [region_assumed]\n"
            "Worth knowing:\n"
            "          1 phones came from the column 'Mobile', because those before it had no valid one [phone_from]\n"
            "12,500 requests, 3 of them rate limited, 28 min in 2 attempts.\n"
            "Rows to mend and import again: runs/20260101T000000Z-abcdef/rejects.csv\n"
            "Run: 20260101T000000Z-abcdef"
        )

    def test_one_without_a_remark_is_short(self) -> None:
        summary = RunSummary("run-1", Tally(rows=1, created=1), Traffic(3), 0.24, 0, source="people.csv")
        assert run_text(summary) == (
            "Import of people.csv: finished\n"
            "          1 created\n"
            "          1 rows in all\n"
            "3 requests, 0.2 s.\n"
            "Run: run-1"
        )

    def test_one_that_stopped_says_what_is_open(self) -> None:
        summary = RunSummary("run-1", Tally(rows=5, created=2), Traffic(), 0, 1, source="people.csv", error="Full.")
        assert run_text(summary).splitlines()[:4] == [
            "Import of people.csv: stopped before its end",
            "          2 created",
            "          5 rows in all",
            "          3 without an outcome yet",
        ]

    @pytest.mark.parametrize(
        ("kind", "said"),
        [
            ("delete", "Rows whose contacts were not deleted, and why"),
            ("undo", "not a file to import"),
            ("restore", "a list for --only, not a file to import"),
        ],
    )
    def test_only_the_rejects_of_an_import_are_to_be_imported_again(self, kind: RunKind, said: str) -> None:
        summary = RunSummary(
            "run-1", Tally(rows=1, rejected=1), Traffic(), 0.2, 3, rejects="r.csv", source="x", kind=kind
        )
        [line] = [line for line in run_text(summary).splitlines() if line.endswith(": r.csv")]
        assert said in line
        assert "import again" not in line

    def test_one_that_never_began_has_no_run(self) -> None:
        assert run_text(RunSummary(None, Tally(), Traffic(), 0, 4, source="people.csv", error="Locked.")) == (
            "Import of people.csv: not started\n0 requests, 0.0 s."
        )


FILE = {
    "name": "people.csv",
    "encoding": "utf-8",
    "delimiter": ";",
    "found_by": "valid UTF-8",
    "header_line": 1,
    "preamble_lines": 0,
    "comment_lines": 0,
    "rows": 3,
}


class TestCheck:
    def test_it_says_where_every_column_goes_to_the_letter(self) -> None:
        summary = CheckSummary(
            source="people.csv",
            rows=3,
            accepted=1,
            rejected=1,
            skipped=1,
            codes={"too_short": 1},
            columns={"Phone": "phone", "Plan": "custom:Plan", "Shoe size": None},
            encoding="utf-8",
            delimiter=";",
            notes={"unwrapped": 1},
            examples=EXAMPLES[:1],
            files=(FILE | {"compression": "gzip", "preamble_lines": 2, "header_line": 3},),
        )
        assert check_text(summary) == (
            "Check of people.csv: nothing was sent\n"
            "  people.csv: gzip, utf-8 (valid UTF-8), semicolon, header in line 3, 2 lines above it left out\n"
            "          1 accepted\n"
            "          1 rejected\n"
            "          1 skipped\n"
            "          3 rows in all\n"
            "Columns:\n"
            "  Phone     -> phone\n"
            "  Plan      -> custom:Plan\n"
            "  Shoe size -> (not imported)\n"
            "By reason:\n"
            "          1 too_short\n"
            "For example:\n"
            "  line 4, column 'Phone': '12': too short [too_short]\n"
            "Worth knowing:\n"
            "          1 phones were wrapped for a spreadsheet and were unwrapped [unwrapped]"
        )

    @pytest.mark.parametrize(
        ("delimiter", "name"), [(",", "comma"), ("\t", "tab"), ("|", "bar"), ("~", "'~'")], ids=repr
    )
    def test_a_delimiter_is_named(self, delimiter: str, name: str) -> None:
        file = FILE | {"delimiter": delimiter, "header_line": 0, "comment_lines": 4}
        text = check_text(CheckSummary("a.csv", 0, 0, 0, 0, {}, {}, "utf-8", delimiter, files=(file,)))
        assert text == (
            "Check of a.csv: nothing was sent\n"
            f"  people.csv: utf-8 (valid UTF-8), {name}, no header, 4 comment lines left out\n"
            "  The file has a header and no rows.\nColumns:"
        )


class TestPlan:
    def test_it_shows_what_changes_field_by_field_to_the_letter(self) -> None:
        changed = (
            FieldChange("first", "", "Ann"),
            FieldChange("is_opted_out", None, True),
            FieldChange("tags", (), (5, 6)),
            FieldChange("custom.7", "Gold", ""),
            FieldChange("last", "x" * 60, "y" * 61),
        )
        summary = PlanSummary(
            source="people.csv",
            tally=Tally(rows=6, created=1, updated=1, unchanged=1, skipped=1, rejected=2),
            requests=2_000,
            seconds=9_000,
            fields={"first": 2, "tags": 1},
            field_totals=TOTALS,
            list_adds={7: 2},
            unverifiable={"list": 1},
            plan="plan.json.gz",
            codes={"too_short": 2},
            notes={"opt_in_refused": 1},
            examples=(PlannedExample(3, "update", "14155550101", changed),),
            rejects=EXAMPLES[:1],
        )
        assert plan_text(summary) == (
            "Plan for people.csv: nothing was written\n"
            "          1 to create\n"
            "          1 to update\n"
            "          1 unchanged\n"
            "          1 skipped\n"
            "          2 rejected\n"
            "          6 rows in all\n"
            "Fields that change:\n"
            "          5 first: 2 filled, 3 changed\n"
            "                    2 Ann -> Eve\n"
            "          1 tags: 1 erased\n"
            "  line 3: update 1415***0101\n"
            "      first: (empty) -> Ann\n"
            "      is_opted_out: (empty) -> True\n"
            "      tags: (none) -> tags 5, 6\n"
            "      custom.7: Gold -> (empty)\n"
            f"      last: {'x' * 60} -> {'y' * 57}...\n"
            "Contacts to be added to list 7: 2\n"
            "Unverifiable, and not planned again: 1 list\n"
            "By reason:\n"
            "          2 too_short\n"
            "For example:\n"
            "  line 4, column 'Phone': '12': too short [too_short]\n"
            "Worth knowing:\n"
            "          1 rows would opt a contact back in; refused (see --allow-opt-in) [opt_in_refused]\n"
            "The import needs about 2,000 requests, about 2 h 30 min at the request limit.\n"
            "Apply exactly this with: hmpipe import --plan plan.json.gz"
        )

    def test_without_changes_or_a_limit_it_is_short(self) -> None:
        assert plan_text(PlanSummary("people.csv", Tally(rows=1, unchanged=1), 1, 0.0)) == (
            "Plan for people.csv: nothing was written\n"
            "          1 unchanged\n"
            "          1 rows in all\n"
            "The import needs about 1 requests."
        )


def export(**facts: Any) -> ExportSummary:
    known = {
        "snapshot": "snapshots/20260101T000000Z-full", "contacts": 1_234, "complete": True, "pages": 42,
        "requests": 45, "duplicates_dropped": 0, "seconds": 12.34, "exit_code": 0, "count_check": "verified",
        "reason": "",
    }  # fmt: skip
    return ExportSummary(**{**known, **facts})


class TestExport:
    def test_a_complete_one_to_the_letter(self) -> None:
        assert export_text(export()) == (
            "Export: 1,234 contacts, complete; the account's own count agrees\n"
            "45 requests for 42 pages, 12.3 s.\n"
            "Snapshot: snapshots/20260101T000000Z-full"
        )

    def test_a_partial_one_says_why(self) -> None:
        text = export_text(export(complete=False, exit_code=3, count_check="count_differs", reason="the count differs"))
        assert text.splitlines()[:2] == [
            "Export: 1,234 contacts, PARTIAL; the account's own count DIFFERS",
            "  It is partial because the count differs.",
        ]

    def test_one_without_a_count_says_so(self) -> None:
        assert "complete; the account gives no count to compare with" in export_text(
            export(count_check="count_unavailable")
        )

    def test_one_that_stopped_has_no_snapshot_and_says_what_is_kept(self) -> None:
        assert export_text(export(snapshot=None, exit_code=1, error="Gone.")) == (
            "Export: stopped before its end; no snapshot was published."
            " The 1,234 contacts read so far are kept for the next call."
        )
        assert export_text(export(snapshot=None, contacts=0, exit_code=1, error="Gone.")) == (
            "Export: stopped before its end; no snapshot was published."
        )


def test_snapshots_to_the_letter() -> None:
    found = [
        SnapshotEntry("c", "20260103T000000Z-full", 90, 1_234, 56_789, True, "main", verified="whole 2026-01-04"),
        SnapshotEntry("b", "20260102T000000Z-full", 86_400, 12, 999, False, "main"),
        SnapshotEntry(
            "a", "20260101T000000Z-delta", None, 1, 0, True, "main", kind="delta", base="20250101T000000Z-full",
            total=99, deleted=2,
        ),
        SnapshotEntry("0", "20250101T000000Z-full", None, 0, 0, False, "", "its manifest is missing"),
    ]  # fmt: skip
    assert snapshots_text(found, [], "here") == (
        "20260103T000000Z-full  complete       1,234 contacts      56 kB  90.0 s old"
        "  verified: whole 2026-01-04  main\n"
        "20260102T000000Z-full  PARTIAL           12 contacts  999 bytes  24 h 0 min old  not verified here  main\n"
        "20260101T000000Z-delta  complete          99 contacts (1 changed, 2 deleted since 20250101T000000Z-full)"
        "    0 bytes    not verified here  main\n"
        "20250101T000000Z-full  UNREADABLE: its manifest is missing"
    )
    assert snapshots_text([], [], "here") == "No snapshots in here."


def test_verifications_to_the_letter() -> None:
    path = "snapshots/full"
    assert verification_text(Verification(path, 0, contacts=1_234)) == "snapshots/full: whole, 1,234 contacts"
    assert verification_text(Verification(path, 3, contacts=1, reason="it stalled")) == (
        "snapshots/full: whole, 1 contacts, but PARTIAL: it stalled"
    )
    assert verification_text(Verification(path, 1, ("a.gz is missing", "b.csv differs"))) == (
        "snapshots/full: DAMAGED\n  a.gz is missing\n  b.csv differs"
    )
    assert "builds on: 1-full, 2-delta" in verification_text(
        Verification(path, 0, chain=("1-full", "2-delta", "3-delta"))
    )
    assert "there is no key" in verification_text(Verification(path, 0, looked_inside=False))


def test_runs_to_the_letter() -> None:
    runs = [
        RunEntry("run-2", "finished", "people.csv", "2026", Tally(rows=1_500, created=1_400, rejected=100)),
        RunEntry("run-1", "never started"),
    ]
    assert runs_text(runs) == (
        "run-2  finished          1,500 rows  people.csv  1,400 created, 100 rejected\n"
        "run-1  never started         0 rows"
    )
    assert runs_text([]) == "No runs yet."


def test_fields_to_the_letter() -> None:
    assert fields_text([CustomField(12_345, "Plan"), CustomField(7, "")]) == (
        "       12345  Plan\n           7  (no title)"
    )
    assert fields_text([]) == "No custom fields."


def test_a_doctors_report_to_the_letter() -> None:
    findings = (Finding("credentials", "ok", "accepted"), Finding("tags", "unknown", "not shown"))
    assert doctor_text(DoctorReport((*findings, Finding("contact list", "bad", "down")))) == (
        "[  ok   ] credentials: accepted\n[unknown] tags: not shown\n[  bad  ] contact list: down"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (119.9, "119.9 s"),
        (120, "2 min"),
        (7_100, "118 min"),
        (7_200, "2 h 0 min"),
        (90_000, "25 h 0 min"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_000, "1 kB"), (5_000_000, "5 MB"), (7_000_000_000, "7 GB")],
)
def test_sizes(count: int, text: str) -> None:
    assert size_text(count) == text
