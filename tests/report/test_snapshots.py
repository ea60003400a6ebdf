"""Exports, snapshots and verifications as text, to the letter."""

from typing import Any

from pipeline.report import export_text, snapshots_text, verification_text
from pipeline.results import ExportSummary, SnapshotEntry
from pipeline.snapshots import Verification


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
