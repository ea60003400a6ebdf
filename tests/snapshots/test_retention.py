"""Which snapshots go, over real folders: never the only usable one, what may be needed, or what is not ours."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.snapshots import (
    Candidate,
    Draft,
    DraftFacts,
    ExportFacts,
    RetentionRules,
    decide,
    find_snapshot,
    open_snapshot,
    open_store,
)
from pipeline.snapshots import publish as publish_draft
from pipeline.values import replace
from pipeline.wire import read_records
from tests.accounts import edit_manifest
from tests.cli.commands import Result, hmpipe

FIRST = datetime(2026, 3, 1, 3, tzinfo=UTC)
PAGE = b'[{"id": 1, "phone": "14155550101"}, {"id": 2, "phone": "14155550102"}]'


@pytest.fixture
def snapshots(tmp_path: Path) -> Path:
    (tmp_path / "hmpipe.toml").write_text('[account]\nbase_url = "http://127.0.0.1:9"\n')
    return tmp_path / "snapshots"


def make(
    snapshots: Path,
    day: int,
    *,
    base: Path | None = None,
    account: str = "main",
    complete: bool = True,
    page: bytes = PAGE,
) -> Path:
    """Publish a snapshot of the account's two contacts, begun so many days after the first."""
    named = {"name": base.name, "manifest_sha256": open_snapshot(base).manifest_sha256} if base else {}
    draft = Draft.create(snapshots, DraftFacts(account, "api.test", base=named), started=FIRST + timedelta(days=day))
    draft.save(read_records(page), replace(draft.facts, walk={}))
    return Path(publish_draft(draft, ExportFacts(complete, "", {"ended": "proved"}, {}, composed=2 if base else -1)))


def prune(folder: Path, *more: str) -> Result:
    return hmpipe(folder, "snapshots", "prune", "--keep-last", "1", "--yes", "--json", *more)


def reasons(pruned: Result) -> dict[str, list[str]]:
    assert pruned.code == 0, pruned.err
    return {each["snapshot"]: each["reasons"] for each in pruned.json["keep"]}


# What cannot be used


@pytest.mark.parametrize("damage", ["missing", "cut", "base", "other base", "verified"])
def test_a_snapshot_that_cannot_be_used_pushes_out_no_good_one(tmp_path: Path, snapshots: Path, damage: str) -> None:
    older, good, base = make(snapshots, 0), make(snapshots, 1), make(snapshots, 2)
    broken = make(snapshots, 3, base=base)
    if damage == "missing":
        (broken / "contacts.jsonl.gz").unlink()
    elif damage == "cut":
        (broken / "contacts.csv").write_bytes((broken / "contacts.csv").read_bytes()[:-1])
    elif damage == "base":
        shutil.rmtree(base)
    elif damage == "other base":
        edit_manifest(base, reason="edited")
    else:
        content = (broken / "contacts.jsonl.gz").read_bytes()
        (broken / "contacts.jsonl.gz").write_bytes(content[:-1] + b"x")
        assert hmpipe(tmp_path, "snapshots", "verify", "last").code == 1
    newest = good if damage == "base" else base
    pruned = prune(tmp_path)
    kept = reasons(pruned)
    assert kept[newest.name][:2] == ["newest", "last"]
    assert kept[broken.name] == ["cannot be used"]
    assert [each for each in pruned.json["warnings"] if f"{broken.name} cannot be used: " in each]
    assert not older.exists()
    assert (newest.exists(), broken.exists()) == (True, True)


def test_damage_that_verifying_a_delta_found_in_its_base_is_known_of_the_base(tmp_path: Path, snapshots: Path) -> None:
    good, base = make(snapshots, 0), make(snapshots, 1)
    delta = make(snapshots, 2, base=base)
    content = (base / "contacts.jsonl.gz").read_bytes()
    (base / "contacts.jsonl.gz").write_bytes(content[:-1] + b"x")
    assert hmpipe(tmp_path, "snapshots", "verify", "last").code == 1
    kept = reasons(prune(tmp_path))
    assert kept[good.name] == ["newest", "last"]
    assert kept[delta.name] == ["cannot be used"]
    assert "cannot be used" in kept[base.name]


def test_what_was_verified_is_known_of_that_place_only(tmp_path: Path, snapshots: Path) -> None:
    whole = make(snapshots, 0)
    copy = snapshots / "20200101T000000Z-full"
    shutil.copytree(whole, copy)
    (copy / "contacts.jsonl.gz").unlink()
    assert hmpipe(tmp_path, "snapshots", "verify", whole).code == 0
    listed = hmpipe(tmp_path, "snapshots", "list", "--json").json["snapshots"]
    assert {each["name"]: each["verified"][:5] for each in listed} == {whole.name: "whole", copy.name: ""}


# What cannot be read


@pytest.mark.parametrize("trouble", ["newer format", "refused"])
def test_nothing_older_than_one_that_cannot_be_read_is_removed(tmp_path: Path, snapshots: Path, trouble: str) -> None:
    base = make(snapshots, 0)
    delta = make(snapshots, 1, base=base)
    between, newest = make(snapshots, 2), make(snapshots, 3)
    if trouble == "newer format":
        edit_manifest(delta, format=3)
    else:
        # Also root is refused this.
        (delta / "manifest.json").unlink()
        (delta / "manifest.json").mkdir()
    pruned = prune(tmp_path)
    assert reasons(pruned)[base.name] == ["older than one that cannot be read"]
    assert (base.exists(), delta.exists(), newest.exists(), between.exists()) == (True, True, True, False)
    assert "cannot be read: it was left alone, and so is all that is older" in pruned.json["warnings"][0]


def test_a_folder_that_cannot_be_read_and_tells_no_time_stops_all_removing(tmp_path: Path, snapshots: Path) -> None:
    old, _ = make(snapshots, 0), make(snapshots, 1)
    (snapshots / "golden").mkdir()
    (snapshots / "golden" / "manifest.json").write_text('{"format": 2}')
    assert prune(tmp_path).json["removed"] == 0
    assert old.exists()


# Order, and names that people give


def test_a_copy_with_a_name_of_ones_own_is_neither_the_last_nor_pruned(tmp_path: Path, snapshots: Path) -> None:
    old, middle, new = (make(snapshots, day) for day in range(3))
    golden, twin = snapshots / "golden", snapshots / "twin"
    shutil.copytree(old, golden)
    shutil.copytree(new, twin)
    store = open_store(snapshots)
    assert (find_snapshot("last", store).name, find_snapshot("previous", store).name) == (new.name, middle.name)
    listed = hmpipe(tmp_path, "snapshots", "list", "--json").json["snapshots"]
    assert [each["name"] for each in listed] == [new.name, "twin", middle.name, old.name, "golden"]
    kept = reasons(prune(tmp_path))
    assert kept["golden"] == kept["twin"] == ["left alone: it has no name that an export gives, or is a link"]
    assert kept[new.name] == ["newest", "last"]
    assert (golden.exists(), twin.exists(), middle.exists(), old.exists()) == (True, True, False, False)


def test_a_copy_of_a_delta_keeps_its_base(tmp_path: Path, snapshots: Path) -> None:
    base = make(snapshots, 0)
    delta = make(snapshots, 1, base=base)
    make(snapshots, 2)
    shutil.copytree(delta, snapshots / "golden")
    assert reasons(prune(tmp_path))[base.name] == ["base of a kept delta"]
    assert not delta.exists()


def test_the_order_is_that_of_the_manifests_whatever_the_names_say(snapshots: Path) -> None:
    new, old = make(snapshots, 1), make(snapshots, 0)
    old.rename(snapshots / "20990101T000000Z-full")
    assert find_snapshot("last", open_store(snapshots)).name == new.name


def test_a_link_is_left_alone_and_stops_no_pruning(tmp_path: Path, snapshots: Path) -> None:
    old, _ = make(snapshots, 1), make(snapshots, 2)
    elsewhere = make(tmp_path / "elsewhere", 0)
    link = snapshots / elsewhere.name
    link.symlink_to(elsewhere)
    (snapshots / "latest").symlink_to(old)
    left = snapshots / ".removed-20200101T000000Z-full"
    left.symlink_to(elsewhere)
    pruned = prune(tmp_path)
    assert (pruned.code, pruned.json["remove"]) == (0, [old.name])
    assert (link.is_symlink(), elsewhere.exists(), left.is_symlink()) == (True, True, False)
    assert prune(tmp_path).code == 0


def test_a_folder_that_nobody_may_enter_is_no_snapshot(tmp_path: Path, snapshots: Path) -> None:
    new = make(snapshots, 0)
    locked = snapshots / "lost+found"
    locked.mkdir(mode=0)
    listed = hmpipe(tmp_path, "snapshots", "list", "--json")
    locked.chmod(0o700)
    assert [each["name"] for each in listed.json["snapshots"]] == [new.name], listed.err


# Manifests that say odd things


def test_a_manifest_that_names_itself_as_its_base_ends(tmp_path: Path, snapshots: Path) -> None:
    good, base = make(snapshots, 0), make(snapshots, 1)
    delta = make(snapshots, 2, base=base)
    edit_manifest(delta, base={"name": delta.name, "manifest_sha256": "0" * 64})
    kept = reasons(prune(tmp_path))
    assert (kept[delta.name], kept[base.name]) == (["cannot be used"], ["newest", "last"])
    assert not good.exists()


def test_a_time_without_a_zone_is_taken_for_utc_and_none_is_no_manifest(tmp_path: Path, snapshots: Path) -> None:
    old, new, odd = make(snapshots, 0), make(snapshots, 1), make(snapshots, 2)
    edit_manifest(new, created="2026-03-02T03:00:00")
    edit_manifest(odd, created="yesterday")
    kept = reasons(prune(tmp_path))
    assert kept == {
        odd.name: ["cannot be read"],
        new.name: ["newest", "last", "older than one that cannot be read"],
        old.name: ["older than one that cannot be read"],
    }


# What a killed prune has left


def test_what_a_killed_removal_left_goes_also_when_nothing_else_does(tmp_path: Path, snapshots: Path) -> None:
    make(snapshots, 0)
    left = snapshots / ".removed-20200101T000000Z-full"
    shutil.copytree(make(snapshots, 1), left)
    dry = prune(tmp_path, "--keep-last", "9", "--dry-run")
    assert (dry.json["tidied"], left.exists()) == ([], True)
    listed = hmpipe(tmp_path, "snapshots", "list", "--json").json["leftovers"]
    assert [(each["kind"], each["path"]) for each in listed] == [("removal", str(left))]
    done = prune(tmp_path, "--keep-last", "9")
    assert (done.json["removed"], done.json["tidied"], left.exists()) == (0, [left.name], False)


# The law


@given(
    st.lists(
        st.tuples(st.sampled_from(["good", "unusable", "unread", "named"]), st.booleans(), st.integers(0, 5)),
        max_size=20,
    ),
    st.integers(0, 4),
    st.integers(0, 4),
)
def test_what_counts_for_no_rule_never_makes_anything_else_go(
    drawn: list[tuple[str, bool, int]], last: int, daily: int
) -> None:
    candidates: list[Candidate] = []
    for number, (what, complete, back) in enumerate(drawn):
        moment = FIRST + timedelta(hours=7 * number)
        name = f"{moment:%Y%m%dT%H%M%SZ}-full"
        if what == "unread":
            candidates.append(Candidate(name))
            continue
        base = candidates[-back].name if 0 < back <= len(candidates) else ""
        trouble = "a file is missing" if what == "unusable" else ""
        candidates.append(Candidate(name, moment, complete, "a", base, 100, trouble, is_ours=what != "named"))
    rules = RetentionRules(last=last, daily=daily)
    found = decide(candidates, rules, 0.2)
    judged = [each for each in candidates if each.usable and each.is_ours]
    assert set(found.remove) <= set(decide(judged, rules, 0.2).remove)
    by_name: Mapping[str, Candidate] = {each.name: each for each in candidates}
    unread = [name for name, each in by_name.items() if each.created is None]
    assert all(name > max(unread, default="") for name in found.remove)
    assert all(by_name[name].base in {"", *found.keep} for name in found.keep)
    complete_ones = [each.name for each in judged if each.complete]
    assert not complete_ones or complete_ones[-1] in found.keep


NIGHT = datetime(2026, 3, 31, 3, tzinfo=UTC)


def nights(count: int, **more: Any) -> list[Candidate]:
    return [
        Candidate(f"{NIGHT - timedelta(days=day):%Y%m%d}-full", NIGHT - timedelta(days=day), True, "a", "", 100, **more)
        for day in range(count)
    ]


def test_of_each_period_the_newest_is_kept() -> None:
    found = decide(nights(100), RetentionRules(last=2, daily=5, weekly=3, monthly=3), 0.2)
    assert set(found.keep) == {
        "20260331-full", "20260330-full", "20260329-full", "20260328-full", "20260327-full",
        "20260322-full", "20260228-full", "20260131-full",
    }  # fmt: skip
    assert len(found.remove) == 92


def test_a_snapshot_that_shrank_pushes_out_nobody() -> None:
    candidates = nights(6)
    candidates[0] = Candidate(candidates[0].name, candidates[0].created, True, "a", "", 10)
    found = decide(candidates, RetentionRules(last=1), 0.2)
    assert found.keep[candidates[0].name] == ["shrank", "newest"]
    assert found.keep[candidates[1].name] == ["last"]
    assert "holds 10 contacts where the one before it holds 100" in found.warnings[0]
    assert candidates[1].name in decide(candidates, RetentionRules(last=1), 1).remove


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 400),
            st.booleans(),
            st.sampled_from("ab"),
            st.integers(0, 5),
            st.integers(0, 100),
            st.booleans(),
        ),
        max_size=25,
    ),
    st.integers(0, 4),
    st.integers(0, 4),
    st.sampled_from([0.0, 0.2, 1.0]),
)
def test_no_rules_ever_remove_what_is_needed(
    drawn: list[tuple[int, bool, str, int, int, bool]], last: int, daily: int, max_shrink: float
) -> None:
    candidates: list[Candidate] = []
    for number, (hours, complete, owner, back, total, readable) in enumerate(drawn):
        name = f"{number:03}"
        if not readable:
            candidates.append(Candidate(name))
            continue
        earlier = [each for each in candidates if each.created and each.complete and each.owner == owner]
        base = earlier[-back].name if back and len(earlier) >= back else ""
        candidates.append(Candidate(name, NIGHT + timedelta(hours=hours + 500 * number), complete, owner, base, total))
    found = decide(candidates, RetentionRules(last=last, daily=daily), max_shrink)
    assert set(found.keep) | set(found.remove) == {each.name for each in candidates}
    assert not set(found.keep) & set(found.remove)
    by_name = {each.name: each for each in candidates}
    for name in found.keep:
        assert not by_name[name].base or by_name[name].base in found.keep, "a base is never removed"
    for name in found.remove:
        assert by_name[name].created is not None, "what cannot be read is left alone"
    for owner in "ab":
        ours = [each for each in candidates if each.created and each.complete and each.owner == owner]
        if ours:
            assert max(ours, key=lambda each: each.created or NIGHT).name in found.keep
        counted = [each for each in ours if "last" in found.keep.get(each.name, [])]
        assert len(counted) <= last
