"""What people said about being texted is known to later imports, until a person releases it."""

import csv
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from pipeline.account import Account
from pipeline.errors import UsageProblem
from pipeline.jobs.consent import add_consents, export_consents, list_consents, release_consents
from pipeline.jobs.delete import DeleteJob, run_delete
from pipeline.jobs.export import ExportJob, run_export
from pipeline.jobs.import_ import ImportJob, run_import
from pipeline.jobs.restore import RestoreJob, run_restore
from pipeline.jobs.undo import UndoJob, run_undo
from pipeline.models import OnExisting
from pipeline.reader.tables import expand_sources
from pipeline.results import ConsentChange, RunSummary
from pipeline.sandbox import Sandbox, Traits
from pipeline.state import ConsentBook, consents_path
from pipeline.values import Struct, field, replace
from tests.accounts import Quiet, account_at
from tests.sandbox.client import Api, served

COLUMNS = {"Phone": '"phone"', "First": '"first"', "Out": '"is_opted_out"'}
PEOPLE = range(5)


def phone(number: int) -> str:
    return f"1415555010{number}"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


class Desk(Struct):
    """A sandbox, an account of it, and the jobs over files."""

    folder: Path
    api: Api
    sandbox: Sandbox
    account: Account
    runs: list[str] = field(default_factory=list)

    def under(self, **imports: object) -> "Desk":
        settings = self.account.settings
        changed = settings.model_copy(update={"imports": settings.imports.model_copy(update=imports)})
        return replace(self, account=replace(self.account, settings=changed))

    def file(self, name: str, header: list[str], *rows: list[str]) -> str:
        path = self.folder / name
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        return str(path)

    async def import_(self, *rows: tuple[int, str, str], allow_opt_in: bool = False) -> RunSummary:
        cells = [[f"+{phone(number)}", first, out] for number, first, out in rows]
        sources = expand_sources([self.file("people.csv", ["Phone", "First", "Out"], *cells)])
        summary = await run_import(ImportJob(self.account, sources, allow_opt_in=allow_opt_in), Quiet())
        assert summary.run_id, summary.error
        self.runs.append(summary.run_id)
        return summary

    async def list_(self, *numbers: int) -> ConsentChange:
        [source] = expand_sources([self.file("dnc.csv", ["phone"], *[[f"+{phone(each)}"] for each in numbers])])
        return await add_consents(self.account, source, Quiet())

    async def release(self, number: int) -> ConsentChange:
        return await release_consents(self.account, f"+{phone(number)}", "", "asked", Quiet())

    async def delete(self, number: int) -> None:
        [source] = expand_sources([self.file("gone.csv", ["phone"], [f"+{phone(number)}"])])
        await run_delete(DeleteJob(self.account, source), Quiet())

    async def export(self) -> None:
        await run_export(ExportJob(self.account), Quiet())

    def people(self) -> dict[int, bool]:
        """Return whether each person of the account may be texted."""
        return {int(each["phone"][-1]): not each["is_opted_out"] for each in self.sandbox.contacts()}

    async def text(self, number: int, word: str) -> None:
        """Let a person text STOP or START."""
        status = {"STOP": "unsubscribed", "START": "subscribed"}[word]
        await self.api.ok("POST", "/v1/contact/set_status", {"phone": phone(number), "status": status})


@asynccontextmanager
async def opened(folder: Path, *imports: str, contacts: int = 0, opt_out_readable: bool = True) -> AsyncIterator[Desk]:
    sandbox = Sandbox(traits=Traits(opt_out_readable=opt_out_readable), requests_per_minute=0)
    for number in range(contacts):
        sandbox.add_contact(phone(number), first=f"P{number}")
    async with served(sandbox) as api:
        yield Desk(folder, api, sandbox, account_at(folder, api.url, *imports, columns=COLUMNS))


def came_back(summary: RunSummary) -> list[dict[str, str]]:
    if not summary.came_back_list:
        return []
    with Path(summary.came_back_list).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("readable", [True, False])
async def test_a_no_outlasts_the_contact_and_the_file_that_said_it(tmp_path: Path, *, readable: bool) -> None:
    async with opened(tmp_path, contacts=2, opt_out_readable=readable) as desk:
        await desk.import_((0, "Ann", "yes"), (2, "Cy", "yes"))
        await desk.text(1, "STOP")
        for number in (0, 1, 2):
            await desk.delete(number)
        again = await desk.import_((0, "Ann", ""), (1, "Bob", ""), (2, "Cy", "no"))
        assert desk.people() == {0: False, 1: False, 2: False}
        assert again.notes["opt_out_recalled"] == 3
        assert again.notes["opt_in_refused"] == 1


@pytest.mark.parametrize("policy", ["skip", "fill", "merge", "overwrite"])
@pytest.mark.parametrize("readable", [True, False])
async def test_the_do_not_contact_list_wins_until_it_is_released(
    tmp_path: Path, policy: str, *, readable: bool
) -> None:
    async with opened(tmp_path, f'on_existing = "{policy}"', contacts=3, opt_out_readable=readable) as desk:
        added = await desk.list_(0, 1, 3)
        assert (added.changed, added.known, desk.people()) == (3, 0, {0: True, 1: True, 2: True})
        summary = await desk.import_((0, "New", ""), (1, "", "no"), (2, "", ""), (3, "Dee", "no"), allow_opt_in=True)
        assert desk.people() == {0: False, 1: False, 2: True, 3: False}
        assert summary.notes["opted_out_by_list"] == 3
        assert desk.sandbox.contacts()[0]["first"] == ("P0" if policy in ("skip", "fill") else "New")
        writes = len(desk.sandbox.writes)
        await desk.import_((0, "New", ""), (1, "", "no"), (3, "Dee", "no"), allow_opt_in=True)
        assert desk.people() == {0: False, 1: False, 2: True, 3: False}
        assert len(desk.sandbox.writes) == writes, "what is so already is not written again"
        assert (await desk.release(1)).changed == 1
        assert not desk.people()[1], "a release opts nobody in"
        await desk.under(on_existing=OnExisting.MERGE).import_((1, "", "no"), allow_opt_in=True)
        assert desk.people()[1]


async def test_who_came_back_is_reported_with_both_dates_and_left(tmp_path: Path) -> None:
    async with opened(tmp_path, contacts=2) as desk:
        await desk.import_((0, "", "yes"), (1, "", ""))
        await desk.text(0, "START")
        for policy in ("merge", "skip"):
            summary = await desk.under(on_existing=OnExisting(policy)).import_((0, "Ann", ""), (1, "", ""))
            [line] = came_back(summary)
            assert (line["phone"], line["said_by"], line["place"]) == (f"+{phone(0)}", "row", desk.runs[0])
            assert line["said_no"] <= line["seen_textable"]
            assert summary.as_json()["came_back"] == 1
            assert summary.exit_code == 0
            assert desk.people()[0]
        [entry] = list_consents(desk.account).phones
        assert (entry.phone, entry.state, bool(entry.came_back)) == (f"+{phone(0)}", "opted_out", True)


async def test_who_came_back_is_opted_out_or_kept_as_the_settings_say(tmp_path: Path) -> None:
    async with opened(tmp_path, contacts=2) as desk:
        await desk.import_((0, "", "yes"), (1, "", "yes"))
        for number in (0, 1):
            await desk.text(number, "START")
        kept = await desk.under(came_back="keep").import_((0, "", ""))
        assert (kept.notes["came_back_kept"], kept.came_back_list, desk.people()[0]) == (1, None, True)
        assert "came_back" not in (await desk.import_((0, "", ""))).notes, "it was decided"
        silenced = await desk.under(came_back="opt_out").import_((1, "", ""))
        assert (silenced.notes["came_back_opted_out"], desk.people()[1]) == (1, False)


async def test_what_the_account_says_travels_back_once(tmp_path: Path) -> None:
    async with opened(tmp_path, contacts=3) as desk:
        await desk.text(1, "STOP")
        await desk.export()
        path = tmp_path / "stops.csv"
        assert export_consents(desk.account, path, since_last=True).entries == 1
        with path.open(newline="") as file:
            [line] = csv.DictReader(file)
        assert (line["phone"], line["state"], line["source"]) == (f"+{phone(1)}", "opted_out", "snapshot")
        assert export_consents(desk.account, path, since_last=True).entries == 0
        await desk.text(1, "START")
        await desk.text(2, "STOP")
        await desk.import_((1, "", ""), (2, "", ""))
        export_consents(desk.account, path, since_last=True)
        with path.open(newline="") as file:
            said = {line["phone"][-1]: line["state"] for line in csv.DictReader(file)}
        assert said == {"1": "came_back", "2": "opted_out"}
        assert export_consents(desk.account, path, since_last=False).entries == 3


async def test_a_wrong_file_can_be_taken_back_and_nobody_is_opted_in_by_that(tmp_path: Path) -> None:
    async with opened(tmp_path, contacts=2) as desk:
        wrong = await desk.import_((0, "", "yes"), (1, "", "yes"))
        released = await release_consents(desk.account, "", wrong.run_id or "", "swapped columns", Quiet())
        assert (released.changed, list_consents(desk.account).phones) == (2, ())
        assert desk.people() == {0: False, 1: False}


async def test_rows_that_name_no_phone_are_said(tmp_path: Path) -> None:
    async with opened(tmp_path) as desk:
        [source] = expand_sources([desk.file("dnc.csv", ["phone"], [f"+{phone(0)}"], ["nobody"])])
        added = await add_consents(desk.account, source, Quiet())
        assert (added.changed, added.exit_code, [each.line for each in added.rejects]) == (1, 3, [3])
        with pytest.raises(UsageProblem):
            await release_consents(desk.account, "nobody.csv", "", "asked", Quiet())


class Person(Struct):
    """What somebody said last, whether they stand on the list, and whether a no of theirs has been seen by us."""

    word: str = ""
    listed: bool = False


class Life(Struct):
    """A drawn history of imports, texts, lists, deletions, restores and undos, and what everybody said last."""

    desk: Desk
    chance: random.Random
    people: dict[int, Person] = field(default_factory=lambda: {number: Person() for number in PEOPLE})

    async def live(self, steps: int) -> None:
        await self.desk.import_(*((number, "", "") for number in PEOPLE))
        happenings = (self.import_, self.import_, self.text, self.text, self.list_, self.release, self.delete)
        for _ in range(steps):
            happens = self.chance.choice((*happenings, self.desk_export, self.restore, self.undo))
            await happens(self.chance.choice(PEOPLE))

    async def import_(self, number: int) -> None:
        out, allowed = self.chance.choice(["", "yes", "no"]), self.chance.random() < 0.3
        await self.desk.import_((number, self.chance.choice(["", "New"]), out), allow_opt_in=allowed)
        if out == "yes":
            self.people[number].word = "no"
        elif out == "no" and allowed and not self.people[number].listed:
            self.people[number].word = "yes"

    async def text(self, number: int) -> None:
        if number in self.desk.people():
            word = self.chance.choice(["STOP", "START"])
            await self.desk.text(number, word)
            self.people[number].word = {"STOP": "no", "START": "yes"}[word]

    async def list_(self, number: int) -> None:
        await self.desk.list_(number)
        self.people[number].listed = True

    async def release(self, number: int) -> None:
        await self.desk.release(number)
        self.people[number] = Person()

    async def delete(self, number: int) -> None:
        if number in self.desk.people():
            await self.desk.delete(number)

    async def desk_export(self, _: int) -> None:
        await self.desk.export()

    async def restore(self, _: int) -> None:
        if list((self.desk.folder / "snapshots").glob("*Z-full*")):
            before = self.desk.people()
            summary = await run_restore(RestoreJob(self.desk.account, "last"), Quiet())
            self.check_silenced(before, summary)

    async def undo(self, _: int) -> None:
        before, deletes = self.desk.people(), self.chance.random() < 0.5
        summary = await run_undo(UndoJob(self.desk.account, self.desk.runs[-1], delete_created=deletes), Quiet())
        self.check_silenced(before, summary)

    def check_silenced(self, before: dict[int, bool], summary: RunSummary) -> None:
        after = self.desk.people()
        silenced = [number for number, textable in before.items() if textable and after.get(number) is False]
        came = [number for number in silenced if self.people[number].word == "yes" and not self.people[number].listed]
        assert len(came) <= summary.notes.get("opted_out_again", 0), summary.notes


@pytest.mark.parametrize(
    "seed", [*range(20), *(pytest.param(each, marks=pytest.mark.service) for each in range(20, 200))]
)
async def test_nobody_who_said_no_last_is_textable_and_nobody_who_came_back_is_silenced(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a draw that can be repeated
    async with opened(tmp_path, opt_out_readable=chance.random() < 0.5) as desk:
        life = Life(desk, chance)
        await life.live(12)
        before = desk.people()
        summary = await desk.import_(*((number, "", "") for number in PEOPLE))
        after = desk.people()
        for number, person in life.people.items():
            if person.listed or person.word == "no":
                assert not after[number], (number, person)
            elif before.get(number):
                assert after[number], (number, person)
        with closing(ConsentBook(consents_path(desk.account.key))) as book:
            known = {number for number in PEOPLE if book.standing(phone(number)).no and not life.people[number].listed}
        listed = {int(line["phone"][-1]) for line in came_back(summary)}
        assert listed == {number for number in known if after[number]}


async def test_whom_it_knows_as_opted_out_is_asked_about_once_and_not_every_night(tmp_path: Path) -> None:
    async with opened(tmp_path, contacts=5, opt_out_readable=False) as desk:
        await desk.import_(*((number, "", "yes") for number in range(5)))

        async def asked() -> int:
            before = len(desk.sandbox.requests)
            await desk.import_(*((number, "", "") for number in range(5)))
            return sum(each.path == "/v1/contact/status" for each in list(desk.sandbox.requests)[before:])

        await asked()
        assert await asked() == 0
        await desk.text(2, "START")
        assert await asked() == 1, "an edit is looked at"
