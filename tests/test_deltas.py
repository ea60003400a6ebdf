"""Base and deltas: together they are the account, deleted contacts included, and any damage to the chain is found."""

import gzip
import hashlib
import json
import random
import tempfile
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.account import Account
from pipeline.errors import InputError
from pipeline.exporter._export import earlier
from pipeline.jobs import snapshots as backups
from pipeline.jobs.export import ExportJob, run_export
from pipeline.results import ExportSummary
from pipeline.sandbox import Sandbox, Traits
from pipeline.snapshots import Snapshot, composed, open_snapshot, verify_snapshot
from tests.accounts import Quiet, account_at, edit_manifest, populate

pytestmark = pytest.mark.usefixtures("own_state")


def world(**traits: Any) -> Sandbox:
    return Sandbox(traits=Traits(**traits), fields=("Plan",), tags=("Gold",), requests_per_minute=0)


async def export(account: Account, since: str | None = None, *, full: bool = False) -> tuple[ExportSummary, Quiet]:
    progress = Quiet()
    done = await run_export(ExportJob(account, since, full), progress)
    assert done.error == ""
    return done, progress


def held(place: str | None) -> dict[int, dict[str, Any]]:
    """What a snapshot and its bases hold together."""
    assert place is not None
    contacts = [json.loads(raw) for raw in composed(open_snapshot(place))]
    assert [each["id"] for each in contacts] == sorted({each["id"] for each in contacts})
    return {each["id"]: each for each in contacts}


def drawn(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - only draws edits


def live(sandbox: Sandbox) -> dict[int, str]:
    return {contact["id"]: contact["first"] for contact in sandbox.contacts()}


def first_names(place: str | None) -> dict[int, str]:
    return {contact_id: each.get("first", "") for contact_id, each in held(place).items()}


async def edit(account: Account, sandbox: Sandbox, chance: random.Random, count: int, *, deleting: bool) -> None:
    async with account.client() as client:
        for number in range(count):
            known = sandbox.contacts()
            what = chance.choice(["create", "edit", "delete"] if deleting else ["create", "edit"])
            chosen = chance.choice(known) if known else None
            if what == "create" or chosen is None:
                await client.create_contact({"phone": f"1617555{len(sandbox.writes):04}", "first": f"New{number}"})
            elif what == "edit":
                body = {"phone": chosen["phone"], "first": f"Edit{len(sandbox.writes)}"}
                await client.update_contact(chosen["id"], body, overwrite=False)
            else:
                await client.delete_contact(chosen["id"])


async def test_a_delta_reads_what_changed_and_together_they_are_the_account(tmp_path: Path) -> None:
    sandbox = world(page_max=20)
    sandbox.seed(300)
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        base, _ = await export(account)
        await edit(account, sandbox, drawn(1), 12, deleting=False)
        # What was read is counted: the overlap brings contacts that have not changed.
        asked = len(sandbox.requests)
        delta, _ = await export(account, "last")
        assert len(sandbox.requests) - asked < 15 + 300 // 20
        assert (delta.kind, delta.base, delta.complete, delta.deletions) == (
            "delta",
            Path(base.snapshot or "").name,
            True,
            "none",
        )
        assert (delta.contacts, delta.total, delta.deleted) == (
            len(set(live(sandbox).items()) - set(first_names(base.snapshot).items())),
            len(sandbox.contacts()),
            0,
        )
        assert first_names(delta.snapshot) == live(sandbox)
        again, _ = await export(account, "last")
        assert (again.contacts, again.base, again.total) == (0, Path(delta.snapshot or "").name, delta.total)
        whole = verify_snapshot(again.snapshot or "")
        assert (whole.exit_code, whole.problems, whole.contacts, len(whole.chain)) == (0, (), delta.total, 3)
        assert held(again.snapshot) == held((await export(account))[0].snapshot)


async def test_a_deletion_shows_in_the_count_and_a_full_walk_finds_it(tmp_path: Path) -> None:
    sandbox = world(page_max=20)
    sandbox.seed(60)
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        base, _ = await export(account)
        gone = sandbox.contacts()[7]["id"]
        async with account.client() as client:
            await client.delete_contact(gone)
        delta, progress = await export(account, "last")
        assert "contacts were deleted. Reading all of them now" in " ".join(progress.said)
        assert (delta.contacts, delta.deleted, delta.deletions, delta.total) == (0, 1, "found", 59)
        assert gone not in held(delta.snapshot)
        with Snapshot(open_snapshot(delta.snapshot or "").store, Path(delta.snapshot or "").name).reading(
            "deleted.jsonl.gz"
        ) as stream:
            assert [json.loads(line)["id"] for line in gzip.decompress(stream.read()).splitlines()] == [gone]
        assert verify_snapshot(delta.snapshot or "").exit_code == 0
        assert gone in held(base.snapshot)


async def test_without_a_count_deletions_are_said_to_be_unknown_until_a_full_walk(tmp_path: Path) -> None:
    sandbox = world(count="missing")
    sandbox.seed(40)
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        await export(account)
        async with account.client() as client:
            await client.delete_contact(sandbox.contacts()[3]["id"])
        delta, _ = await export(account, "last")
        assert (delta.complete, delta.deletions, delta.deleted, delta.total) == (True, "unknown", 0, 40)
        full, _ = await export(account, "last", full=True)
        assert (full.kind, full.deletions, full.deleted, full.total) == ("delta", "found", 1, 39)
        assert first_names(full.snapshot) == live(sandbox)


async def test_the_first_export_since_the_last_is_a_full_one(tmp_path: Path) -> None:
    sandbox = world()
    sandbox.seed(5)
    async with sandbox.serve() as url:
        done, progress = await export(account_at(tmp_path, url), "last")
    assert (done.kind, done.base, done.contacts) == ("full", None, 5)
    assert "There is no complete snapshot of this account yet" in progress.said[0]


async def test_where_the_newest_cannot_be_listed_first_everything_is_read_and_still_a_delta(tmp_path: Path) -> None:
    sandbox = world(direction="oldest", honours_ascending=False, page_max=10)
    sandbox.seed(50)
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        await export(account)
        await edit(account, sandbox, drawn(2), 6, deleting=True)
        delta, _ = await export(account, "last")
        assert (delta.kind, delta.deletions) == ("delta", "found")
        assert first_names(delta.snapshot) == live(sandbox)


async def test_a_delta_of_another_account_or_of_a_partial_snapshot_is_refused(tmp_path: Path) -> None:
    sandbox = world(stamp="one", honours_page=False, page_max=10)
    sandbox.seed(50, per_stamp=0)
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        partial, _ = await export(account)
        assert not partial.complete
        with pytest.raises(InputError, match="it is partial"):
            await export(account, Path(partial.snapshot or "").name)
        edit_manifest(Path(partial.snapshot or ""), account="other (12345678)")
        with pytest.raises(InputError, match="of another account"):
            await export(account, partial.snapshot)


def _forge(folder: Path, name: str, change: Any) -> None:
    """Change a file and make its manifest agree, so that only the chain can betray it."""
    lines = gzip.decompress((folder / name).read_bytes()).splitlines()
    content = gzip.compress(b"".join(line + b"\n" for line in change(lines)), mtime=0)
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / "manifest.json").read_text())
    rows = len(change(lines))
    entry = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "rows": rows}
    contacts = rows if name.startswith("contacts") else manifest["contacts"]
    edit_manifest(folder, files=manifest["files"] | {name: entry}, contacts=contacts)


async def test_damage_anywhere_in_a_chain_is_found(tmp_path: Path) -> None:
    sandbox = world()
    sandbox.seed(30)
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        places = [Path((await export(account))[0].snapshot or "")]
        for seed in range(2):
            await edit(account, sandbox, drawn(seed), 4, deleting=True)
            places.append(Path((await export(account, "last", full=True))[0].snapshot or ""))
    newest = places[-1]
    assert verify_snapshot(newest).exit_code == 0

    def problems_after(change: Any) -> str:
        kept = {path: path.read_bytes() for place in places for path in place.iterdir()}
        change()
        found = verify_snapshot(newest)
        for place in places:
            place.mkdir(exist_ok=True)
        for path, content in kept.items():
            path.write_bytes(content)
        assert found.exit_code == 1
        return " ".join(found.problems)

    def flip(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(bytes(content))

    for place in places:
        assert "SHA-256" in problems_after(lambda place=place: flip(place / "contacts.jsonl.gz"))
    assert "is not there" in problems_after(lambda: _empty(places[1]))
    assert "is not the one it was made on" in problems_after(
        lambda: _forge(places[0], "contacts.jsonl.gz", lambda lines: lines[1:])
    )
    unknown = b'{"id":999999}'
    assert "contacts in all" in problems_after(
        lambda: _forge(newest, "contacts.jsonl.gz", lambda lines: [*lines, unknown])
    )
    stranger = b'{"id":888888}'
    assert "does not hold" in problems_after(
        lambda: _forge(newest, "deleted.jsonl.gz", lambda lines: [*lines, stranger])
    )
    assert verify_snapshot(newest).exit_code == 0


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


async def test_a_delta_made_one_full_snapshot_is_the_same_and_can_be_built_on(tmp_path: Path) -> None:
    sandbox = world()
    populate(sandbox, drawn(3), 40)
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        await export(account)
        await edit(account, sandbox, drawn(4), 10, deleting=True)
        delta, _ = await export(account, "last")
        made = backups.materialize_backup("last", "", account.settings)
        whole = verify_snapshot(made)
        assert (whole.exit_code, whole.chain) == (0, (Path(made).name,))
        assert held(made) == held(delta.snapshot)
        manifest = open_snapshot(made).manifest
        assert (manifest.kind, len(manifest.composed_from), manifest.complete) == ("full", 2, True)
        assert {path.name for path in (tmp_path / "snapshots").iterdir() if path.name.startswith(".")} == set()
        await edit(account, sandbox, drawn(5), 5, deleting=True)
        later, _ = await export(account, Path(made).name)
        assert (later.base, first_names(later.snapshot)) == (Path(made).name, live(sandbox))
        with pytest.raises(InputError, match="is a full snapshot already"):
            backups.materialize_backup(made, "", account.settings)


TRAITS: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    direction=st.sampled_from(["newest", "oldest"]),
    cursor=st.sampled_from(["inclusive", "exclusive"]),
    honours_ascending=st.booleans(),
    count=st.sampled_from(["present", "missing"]),
    page_max=st.sampled_from([3, 7, 100]),
    stamp=st.sampled_from(["each", "bulk"]),
    timestamp_precision=st.sampled_from(["seconds", "micros"]),
)


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(TRAITS, st.integers(0, 25), st.lists(st.tuples(st.integers(0, 8), st.booleans()), max_size=3), st.integers())
def test_a_chain_that_says_complete_is_the_account(
    traits: dict[str, Any], count: int, rounds: list[tuple[int, bool]], seed: int
) -> None:
    async def run(folder: Path) -> None:
        sandbox = world(**traits)
        sandbox.seed(count)
        chance = drawn(seed)
        async with sandbox.serve() as url:
            account = account_at(folder, url)
            await export(account)
            for edits, deleting in rounds:
                await edit(account, sandbox, chance, edits, deleting=deleting)
                done, _ = await export(account, "last")
                if not done.complete:
                    continue
                assert verify_snapshot(done.snapshot or "").exit_code == 0
                if done.deletions == "unknown":
                    assert live(sandbox).items() <= first_names(done.snapshot).items()
                else:
                    assert first_names(done.snapshot) == live(sandbox)

    with tempfile.TemporaryDirectory() as name:
        anyio.run(run, Path(name))


def test_the_overlap_is_taken_from_time_stamps_only() -> None:
    assert earlier("2026-01-01T00:05:00Z") == "2025-12-31T23:55:00+00:00"
    assert earlier("opaque-7") == "opaque-7"
    assert earlier("") == ""
