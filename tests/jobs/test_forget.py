"""Who was forgotten stays gone, whatever old file is imported and whatever old snapshot is restored."""

import stat
from pathlib import Path

import pytest

from pipeline.account import Account
from pipeline.jobs.export import ExportJob, run_export
from pipeline.jobs.find import find_people
from pipeline.jobs.forget import forget_people
from pipeline.jobs.import_ import ImportJob, run_import
from pipeline.jobs.plan import PlanOutputs, run_plan
from pipeline.jobs.restore import RestoreJob, plan_restore, run_restore
from pipeline.jobs.snapshots import materialize_backup
from pipeline.jobs.undo import UndoJob, run_undo
from pipeline.reader.tables import expand_sources
from pipeline.results import RunSummary
from pipeline.sandbox import Sandbox, Traits
from pipeline.snapshots import find_snapshot, open_store
from pipeline.state import ConsentBook, consents_path, erased_path
from pipeline.wire import read_stored
from tests.accounts import Quiet, account_at
from tests.cli.commands import hmpipe, write_csv, write_settings
from tests.conftest import Serve

ANN, BOB = "14155550101", "14155550102"
COLUMNS = {"Phone": '"phone"', "First": '"first"', "Mail": '"email"', "Out": '"is_opted_out"'}

pytestmark = pytest.mark.usefixtures("own_state")


def job(account: Account, folder: Path, *rows: str) -> ImportJob:
    path = folder / "people.csv"
    path.write_text("\n".join(["Phone,First,Mail,Out", *rows]) + "\n")
    return ImportJob(account, expand_sources([str(path)]))


async def bring(account: Account, folder: Path, *rows: str) -> RunSummary:
    return await run_import(job(account, folder, *rows), Quiet())


@pytest.mark.parametrize("readable", [False, True])
async def test_a_forgotten_person_stays_gone(tmp_path: Path, *, readable: bool) -> None:
    sandbox = Sandbox(traits=Traits(uuid_readable=readable, channels_shown="all"), requests_per_minute=0)
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url, columns=COLUMNS)
        rows = (f"+{ANN},Ann,ann@example.com,yes", f"+{BOB},Bob,,")
        first = await bring(account, tmp_path, *rows)
        await run_export(ExportJob(account), Quiet())
        [before] = (await find_people(account, f"+{ANN}")).people
        done = await forget_people(account, [before], Quiet())
        assert (done.deletion.tally.deleted, done.deletion.exit_code) == (1, 0)
        assert first.run_id in done.runs
        assert [Path(each).name.endswith("-full") for each in done.snapshots] == [True]
        assert {each["phone"] for each in sandbox.contacts()} == {BOB}
        # Every way back: the old file, a file with only the address, a plan, a restore, an undo of the deletion.
        again = await bring(account, tmp_path, *rows)
        assert (again.codes["erased"], again.tally.unchanged, again.exit_code) == (1, 1, 3)
        assert (await bring(account, tmp_path, "+14155550199,Ann,ANN@example.com,")).codes["erased"] == 1
        assert (await run_plan(job(account, tmp_path, *rows), Quiet(), PlanOutputs())).codes["erased"] == 1
        planned = await plan_restore(RestoreJob(account, "last"), Quiet())
        assert planned.plan.tally.created == 0
        assert (await run_restore(RestoreJob(account, "last"), Quiet())).tally.created == 0
        assert (await run_undo(UndoJob(account, done.deletion.run_id or ""), Quiet())).tally.created == 0
        assert {each["phone"] for each in sandbox.contacts()} == {BOB}
    erased = erased_path(account.key)
    assert ANN not in erased.read_text()
    assert {stat.S_IMODE(path.stat().st_mode) for path in (erased, Path(f"{erased}.key"))} == {0o600}
    assert not ConsentBook(consents_path(account.key)).standing(ANN).is_no, "their words are forgotten as well"


def test_it_has_to_be_confirmed_and_says_what_is_left(tmp_path: Path, serve: Serve) -> None:
    server = serve(uuid_readable=True)
    write_settings(tmp_path, server.url)
    hmpipe(tmp_path, "import", write_csv(tmp_path, [f"+{ANN},Ann"]))
    refused = hmpipe(tmp_path, "find", f"+{ANN}", "--forget")
    assert (refused.code, len(server.sandbox.contacts())) == (2, 1)
    done = hmpipe(tmp_path, "find", f"+{ANN}", "--forget", "--yes", "--json")
    assert (done.code, done.json["deleted"], len(done.json["still_in_runs"])) == (0, 1, 2)
    assert not server.sandbox.contacts()
    rejected = hmpipe(tmp_path, "import", write_csv(tmp_path, [f"+{ANN},Ann"]), "--json")
    assert (rejected.code, rejected.json["rejected"]) == (3, 1)


async def test_a_chain_that_is_made_one_snapshot_leaves_them_out(tmp_path: Path) -> None:
    sandbox = Sandbox(traits=Traits(uuid_readable=True), requests_per_minute=0)
    for phone in (ANN, BOB):
        sandbox.add_contact(phone, first=phone)
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url, columns=COLUMNS)
        await run_export(ExportJob(account), Quiet())
        sandbox.add_contact("14155550103", first="Cy")
        delta = await run_export(ExportJob(account, since="last"), Quiet())
        await forget_people(account, (await find_people(account, f"+{ANN}")).people, Quiet())
    assert delta.snapshot
    whole = materialize_backup(delta.snapshot, str(tmp_path / "whole"), account.settings)
    phones = {read_stored(raw).phone for raw in find_snapshot(whole, open_store(str(tmp_path))).raw_contacts()}
    assert phones == {BOB, "14155550103"}
