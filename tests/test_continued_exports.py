"""What an earlier try has left is never published as if it were of now: it is brought up to date, or read anew."""

import gzip
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyrage
import pytest

from pipeline.account import Account
from pipeline.errors import BaseLost, InputError, SettingsError
from pipeline.exporter._export import Export
from pipeline.jobs._base import as_base, open_draft
from pipeline.jobs.export import ExportJob, run_export
from pipeline.report import export_text
from pipeline.results import ExportSummary
from pipeline.sandbox import Sandbox, Traits
from pipeline.settings import Credentials, load_settings
from pipeline.snapshots import (
    Draft,
    DraftFacts,
    Encryptor,
    SnapshotFormat,
    composed,
    materialize,
    open_snapshot,
    open_store,
    publish,
    verify_snapshot,
)
from pipeline.snapshots._publish import ExportFacts
from tests.accounts import Quiet, account_at, edit_manifest

pytestmark = pytest.mark.usefixtures("own_state")


def world(**traits: Any) -> Sandbox:
    sandbox = Sandbox(traits=Traits(**traits), fields=("Plan",), requests_per_minute=0)
    sandbox.seed(40)
    return sandbox


def with_settings(account: Account, folder: Path, *lines: str) -> Account:
    """The same account, with further lines in its settings file."""
    file = folder / "hmpipe.toml"
    head = "\n".join(lines)
    file.write_text(
        f'[account]\nbase_url = "{account.settings.account.base_url}"\n{head}\n[limits]\nrequests_per_minute = 0\n'
    )
    return Account(load_settings(file, environ={}), account.credentials)


async def export(account: Account, since: str | None = None, *, full: bool = False) -> tuple[ExportSummary, str]:
    progress = Quiet()
    done = await run_export(ExportJob(account, since, full), progress)
    return done, " ".join(progress.said)


async def read_only(
    account: Account, *, base: str | None = None, full: bool = False, begun: datetime | None = None
) -> None:
    """Read the account to its end as an export does that is killed before it publishes."""
    snapshot = open_snapshot(base) if base else None
    named = {"name": snapshot.name, "manifest_sha256": snapshot.manifest_sha256} if snapshot else {}
    settings = account.settings
    owner = f"{settings.account.name} ({account.key[:8]})"
    host = urlsplit(settings.account.base_url).netloc
    folder = Path(settings.paths.snapshots)
    draft = Draft.create(folder, DraftFacts(owner, host, base=named, surface=settings.export.surface), started=begun)
    async with account.client() as client:
        known = as_base(snapshot) if snapshot else None
        await Export(client, draft, on_page=lambda _done, _total: None, base=known).read(full=full)
    draft.close()


def held(place: str | None) -> dict[int, str]:
    assert place is not None
    contacts = [json.loads(raw) for raw in composed(open_snapshot(place))]
    return {each["id"]: each.get("first", "") for each in contacts}


def live(sandbox: Sandbox) -> dict[int, str]:
    return {contact["id"]: contact["first"] for contact in sandbox.contacts()}


async def change(account: Account, sandbox: Sandbox, *, deleting: bool) -> None:
    first, *_, last = sandbox.contacts()
    async with account.client() as client:
        await client.update_contact(first["id"], {"phone": first["phone"], "first": "Edited"}, overwrite=False)
        await client.create_contact({"phone": "16175550177", "first": "Created"})
        if deleting:
            await client.delete_contact(last["id"])


def unfinished(account: Account) -> list[Path]:
    return sorted(Path(account.settings.paths.snapshots).glob(".unfinished-*"))


# What was read to its end before


@pytest.mark.parametrize("deleting", [False, True])
@pytest.mark.parametrize("traits", [{}, {"direction": "oldest", "honours_ascending": False}])
async def test_what_was_read_before_is_the_account_as_it_is_now(
    tmp_path: Path, traits: dict[str, Any], deleting: bool
) -> None:
    sandbox = world(page_max=10, **traits)
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        await read_only(account)
        await change(account, sandbox, deleting=deleting)
        done, said = await export(account)
    assert (done.exit_code, done.complete, done.count_check) == (0, True, "verified")
    assert "asking the account what has changed since" in said
    assert ("reading everything anew" in said) is (deleting or bool(traits))
    assert held(done.snapshot) == live(sandbox)
    assert verify_snapshot(done.snapshot or "").exit_code == 0
    manifest = open_snapshot(done.snapshot or "").manifest
    assert manifest.walk.get("caught_up", "") == done.caught_up
    assert bool(done.caught_up) is not (deleting or bool(traits))
    assert ("brought up to date at" in export_text(done)) is bool(done.caught_up)


async def test_without_a_count_it_says_that_deleted_contacts_may_be_in_it(tmp_path: Path) -> None:
    sandbox = world(count="missing")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        await read_only(account)
        await change(account, sandbox, deleting=True)
        done, _ = await export(account)
    assert (done.complete, done.deletions, bool(done.caught_up)) == (True, "unknown", True)
    assert held(done.snapshot).items() > live(sandbox).items()
    assert open_snapshot(done.snapshot or "").manifest.deletions == "unknown"
    assert "Contacts that were deleted in between may be in it" in export_text(done)


async def test_a_draft_of_another_day_is_dropped(tmp_path: Path) -> None:
    sandbox = world()
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        await read_only(account, begun=datetime.now(UTC) - timedelta(hours=73))
        old = unfinished(account)[0].name.removeprefix(".unfinished-")
        await change(account, sandbox, deleting=True)
        done, said = await export(account)
    assert "was begun 73 h ago: it is dropped" in said
    assert held(done.snapshot) == live(sandbox)
    assert Path(done.snapshot or "").name != old
    assert unfinished(account) == []


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("deleting", [False, True])
async def test_a_delta_that_was_read_before_is_brought_up_to_date_too(
    tmp_path: Path, full: bool, deleting: bool
) -> None:
    sandbox = world(page_max=10)
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        base, _ = await export(account)
        async with account.client() as client:
            await client.delete_contact(sandbox.contacts()[3]["id"])
        await read_only(account, base=base.snapshot, full=full)
        await change(account, sandbox, deleting=deleting)
        done, _ = await export(account, "last", full=full)
    assert (done.exit_code, done.kind, done.deletions, done.total) == (0, "delta", "found", len(sandbox.contacts()))
    assert held(done.snapshot) == live(sandbox)
    assert done.deleted == (2 if deleting else 1)
    assert verify_snapshot(done.snapshot or "").exit_code == 0


async def test_what_the_status_of_a_changed_contact_said_is_asked_anew(tmp_path: Path) -> None:
    sandbox = world(page_max=10)
    chosen = sandbox.contacts()[0]
    async with sandbox.serve() as url:
        account = with_settings(account_at(tmp_path, url), tmp_path, '[export]\nconsent = "status"')
        await read_only(account)
        draft = Draft.open(unfinished(account)[0])
        async with account.client() as client:
            await Export(client, draft, on_page=lambda _done, _total: None).ask_for_consent(4, lambda _: None)
            draft.close()
            body = {"phone": chosen["phone"], "is_opted_out": True}
            await client.update_contact(chosen["id"], body, overwrite=False)
        done, _ = await export(account)
    with gzip.open(Path(done.snapshot or "") / "consent.jsonl.gz") as lines:
        told = {each["id"]: each["is_opted_out"] for each in map(json.loads, lines)}
    assert told == {contact["id"]: contact["is_opted_out"] for contact in sandbox.contacts()}
    assert told[chosen["id"]] is True


# Another list, or all of it


async def test_another_list_is_read_anew_with_everything_that_was_known(tmp_path: Path) -> None:
    sandbox = world(page_max=10)
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        base, _ = await export(account)
        await read_only(account)
        newer = with_settings(account, tmp_path, '[export]\nsurface = "v2"')
        done, _ = await export(newer)
        assert (done.contacts, done.complete) == (40, True)
        assert held(done.snapshot) == held(base.snapshot) == live(sandbox)
        assert open_snapshot(done.snapshot or "").manifest.surface == "v2"


async def test_full_is_obeyed_where_a_delta_is_continued(tmp_path: Path) -> None:
    sandbox = world(count="missing")
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        base, _ = await export(account)
        async with account.client() as client:
            await client.delete_contact(sandbox.contacts()[3]["id"])
        await read_only(account, base=base.snapshot)
        done, _ = await export(account, "last", full=True)
    assert (done.deletions, done.deleted, done.total) == ("found", 1, 39)
    assert held(done.snapshot) == live(sandbox)


# What nobody goes on with


async def test_a_draft_that_a_newer_snapshot_has_overtaken_is_removed(tmp_path: Path) -> None:
    sandbox = world()
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        first, _ = await export(account)
        await change(account, sandbox, deleting=False)
        await read_only(account, base=first.snapshot)
        [left] = unfinished(account)
        await export(account)
        assert unfinished(account) == [left], "nothing newer was complete when that began"
        await export(account)
        assert unfinished(account) == []


@pytest.mark.usefixtures("impatient")
async def test_a_draft_of_another_account_or_without_a_newer_snapshot_stays(tmp_path: Path) -> None:
    sandbox = world()
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        first, _ = await export(account)
        await read_only(account, base=first.snapshot)
        stranger = Account(account.settings, Credentials(secret_id="another", secret_key="key"))
        progress = Quiet()
        assert open_draft(stranger, open_store(account.settings.paths.snapshots), None, progress.say).contacts == 0
        assert len(unfinished(account)) == 2
        await export(account)
        assert len(unfinished(account)) == 2


async def test_an_export_never_goes_on_with_what_was_to_be_joined(tmp_path: Path) -> None:
    sandbox = world()
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        await export(account)
        await change(account, sandbox, deleting=False)
        delta, _ = await export(account, "last")
        # As a kill leaves it: everything is in the draft, and its files cannot be written for want of a key.
        with pytest.raises(pyrage.EncryptError):
            materialize(
                open_snapshot(delta.snapshot or ""),
                open_store(tmp_path / "snapshots"),
                SnapshotFormat(encryptor=Encryptor([])),
                tmp_path / "drafts",
            )
        assert len(unfinished(account)) == 1
        async with account.client() as client:
            await client.delete_contact(sandbox.contacts()[3]["id"])
        done, said = await export(account)
    assert "Continuing" not in said
    assert held(done.snapshot) == live(sandbox)
    assert unfinished(account) == [], "its snapshots are there to join them again"


# The snapshot that a delta builds on


async def test_a_delta_never_lies_apart_from_what_it_builds_on(tmp_path: Path) -> None:
    sandbox = world()
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        base, _ = await export(account)
        elsewhere = with_settings(account, tmp_path, f'[paths]\nsnapshots = "{tmp_path / "elsewhere"}"')
        asked = len(sandbox.requests)
        with pytest.raises(InputError, match="is not there; copy it there"):
            await export(elsewhere, base.snapshot)
        assert len(sandbox.requests) == asked
        (tmp_path / "elsewhere").mkdir(exist_ok=True)
        shutil.copytree(base.snapshot or "", tmp_path / "elsewhere" / Path(base.snapshot or "").name)
        done, _ = await export(elsewhere, base.snapshot)
        assert (done.kind, verify_snapshot(done.snapshot or "").exit_code) == ("delta", 0)


async def test_a_base_that_goes_away_meanwhile_ends_the_export_and_keeps_what_was_read(tmp_path: Path) -> None:
    sandbox = world()
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        base, _ = await export(account)
        place = Path(base.snapshot or "")
        await change(account, sandbox, deleting=False)
        await read_only(account, base=base.snapshot)
    draft = Draft.open(unfinished(account)[0])
    shutil.move(place, tmp_path / "away")
    findings = ExportFacts(True, "", {"ended": "proved"}, {})
    with pytest.raises(BaseLost, match="it is not there any more") as lost:
        publish(draft, findings, store=open_store(place.parent))
    assert lost.value.exit_code == 1
    assert "what was read is kept" in str(lost.value)
    assert draft.contacts > 0
    shutil.copytree(tmp_path / "away", place)
    edit_manifest(place, tool="another")
    with pytest.raises(BaseLost, match="is not the one"):
        publish(draft, findings, store=open_store(place.parent))
    draft.close()


async def test_a_damaged_base_is_noticed_before_anything_is_asked(tmp_path: Path) -> None:
    sandbox = world()
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        base, _ = await export(account)
        (Path(base.snapshot or "") / "contacts.jsonl.gz").write_bytes(b"no longer")
        asked = len(sandbox.requests)
        with pytest.raises(InputError, match="is not the file that"):
            await export(account, Path(base.snapshot or "").name)
        assert len(sandbox.requests) == asked
        done, said = await export(account, "last")
        assert (done.kind, done.exit_code, held(done.snapshot)) == ("full", 0, live(sandbox))
        assert "contacts.jsonl.gz is not the file" in said
        assert "Making a full snapshot" in said


async def test_a_base_without_its_key_is_noticed_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = pyrage.x25519.Identity.generate()
    monkeypatch.setenv("HMPIPE_AGE_RECIPIENT", str(identity.to_public()))
    sandbox = world()
    async with sandbox.serve() as url:
        account = with_settings(account_at(tmp_path, url), tmp_path, '[export]\nencryption = "age"')
        base, _ = await export(account)
        asked = len(sandbox.requests)
        with pytest.raises(SettingsError, match="HMPIPE_AGE_IDENTITY is not set"):
            await export(account, Path(base.snapshot or "").name)
        assert len(sandbox.requests) == asked
        done, said = await export(account, "last")
        assert (done.kind, done.exit_code) == ("full", 0)
        assert "HMPIPE_AGE_IDENTITY is not set. Making a full snapshot" in said
        monkeypatch.setenv("HMPIPE_AGE_IDENTITY", str(identity))
        done, _ = await export(account, "last")
        assert done.kind == "delta"


async def test_a_base_that_is_damaged_meanwhile_stops_the_export_by_name(tmp_path: Path) -> None:
    sandbox = world()
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        base, _ = await export(account)
        contacts = Path(base.snapshot or "") / "contacts.jsonl.gz"

        class Damaging(Quiet):
            def stage(self, name: str, total: int | None) -> None:
                super().stage(name, total)
                if name == "exporting":
                    contacts.unlink()

        done = await run_export(ExportJob(account, "last"), Damaging())
    assert (done.exit_code, done.snapshot) == (1, None)
    assert "contacts.jsonl.gz is missing" in done.error
