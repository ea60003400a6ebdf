"""A saved plan is applied as it is, or it is said why it cannot be."""

import gzip
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from pipeline.errors import InputError
from pipeline.sandbox import SECRET_ID, Fault, Sandbox, Traits
from tests.jobs.desk import Desk, people, phone

pytestmark = pytest.mark.usefixtures("own_state")


def lines_of(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).splitlines(keepends=True)


def text_of(path: str) -> str:
    return Path(path).read_text()


class TestSaved:
    async def test_it_is_applied_exactly_and_says_what_it_is(self, tmp_path: Path) -> None:
        sandbox = Sandbox(traits=Traits(opt_out_readable=True), requests_per_minute=0, fields=["Plan"])
        sandbox.add_contact(phone(1), first="Old")
        sandbox.add_contact(phone(2), first="P2")
        async with sandbox.serve() as url:
            desk = Desk(tmp_path, sandbox, url)
            job = desk.file(*people(4), "12,Bad")
            writes = len(sandbox.writes)
            summary = await desk.plan(job, save="plan.json.gz", page="plan.html")
            assert len(sandbox.writes) == writes
            assert (summary.tally.created, summary.tally.updated, summary.tally.unchanged) == (2, 1, 1)
            assert stat.S_IMODE((tmp_path / "plan.json.gz").stat().st_mode) == 0o600
            header, *rows = map(json.loads, lines_of(tmp_path / "plan.json.gz"))
            assert (header["format"], header["account"], header["rows"]) == (1, desk.account.key, 5)
            assert header["totals"] == summary.as_json()
            update = next(row for row in rows if row["kind"] == "update")
            assert (update["line"], update["fields"]) == (3, [["first", "Old", "P1"]])
            assert {"contact_id", "rev"} <= update.keys()
            page = (tmp_path / "plan.html").read_text()
            assert "1415***0001" in page
            assert phone(1) not in page
            # The plan is applied, whatever has become of the file and of the policy.
            (tmp_path / "people.csv").unlink()
            applied = await desk.apply("plan.json.gz")
            tally = applied.tally
            assert (tally.rows, tally.created, tally.updated, tally.unchanged, tally.rejected) == (5, 2, 1, 1, 1)
            assert applied.rejects
            assert "12,Bad," in text_of(applied.rejects)
            assert desk.contact(phone(1))["first"] == "P1"
            repeated = await desk.apply("plan.json.gz")
            assert repeated.exit_code == 4, "all of it is stale by then"

    async def test_nothing_is_done_to_who_moved_on(self, tmp_path: Path) -> None:
        sandbox = Sandbox(traits=Traits(opt_out_readable=True), requests_per_minute=0)
        ids = [sandbox.add_contact(phone(number), first="Old")["id"] for number in range(40)]
        async with sandbox.serve() as url:
            desk = Desk(tmp_path, sandbox, url)
            await desk.plan(desk.file(*people(44)), save="plan.gz")
            async with desk.account.client() as client:
                edit = {"phone": phone(3), "first": "Old", "last": "Edited"}
                await client.update_contact(ids[3], edit, overwrite=False)
            sandbox.add_contact(phone(41), first="Theirs")
            applied = await desk.apply("plan.gz")
            assert applied.exit_code == 0, applied
            assert applied.codes == {"stale": 2}
            assert (applied.tally.created, applied.tally.updated, applied.tally.skipped) == (3, 39, 2)
            assert (desk.contact(phone(3))["first"], desk.contact(phone(3))["last"]) == ("Old", "Edited")
            assert desk.contact(phone(41))["first"] == "Theirs"

    async def test_too_much_that_moved_on_refuses_the_whole(self, tmp_path: Path) -> None:
        sandbox = Sandbox(requests_per_minute=0)
        async with sandbox.serve() as url:
            desk = Desk(tmp_path, sandbox, url)
            await desk.plan(desk.file(*people(10)), save="plan.gz")
            sandbox.add_contact(phone(4))
            sent = len(sandbox.writes)
            applied = await desk.apply("plan.gz")
            assert (applied.exit_code, len(sandbox.writes)) == (4, sent)
            assert "1 of the 10 changes" in applied.error
            Desk(tmp_path, sandbox, url, "max_stale = 0.2")
            assert (await desk.apply("plan.gz", desk.account_of(SECRET_ID))).tally.created == 9

    async def test_a_plan_for_another_account_is_refused(self, tmp_path: Path) -> None:
        sandbox = Sandbox(requests_per_minute=0)
        async with sandbox.serve() as url:
            desk = Desk(tmp_path, sandbox, url)
            await desk.plan(desk.file(*people(2)), save="plan.gz")
            refused = await desk.apply("plan.gz", desk.account_of("another-id"))
            assert refused.exit_code == 4
            assert "another account" in refused.error
            assert sandbox.writes == []

    async def test_fields_that_are_made_for_a_plan_get_their_values(self, tmp_path: Path) -> None:
        sandbox = Sandbox(traits=Traits(opt_out_readable=True), requests_per_minute=0)
        sandbox.add_contact(phone(1), first="A")
        async with sandbox.serve() as url:
            desk = Desk(tmp_path, sandbox, url, 'unmapped = "create"')
            job = desk.file("+14155550001,A,Paris", "+14155550002,B,Rome", header="Phone,First,City")
            summary = await desk.plan(job, save="plan.gz")
            assert summary.fields_to_create == ("City",)
            applied = await desk.apply("plan.gz")
            assert (applied.exit_code, applied.tally.created, applied.tally.updated) == (0, 1, 1), applied
            assert list(desk.contact(phone(1))["custom"].values()) == ["Paris"]

    async def test_an_interrupted_one_goes_on(self, tmp_path: Path) -> None:
        sandbox = Sandbox(requests_per_minute=0)
        async with sandbox.serve() as url:
            desk = Desk(tmp_path, sandbox, url, columns="")
            await desk.plan(desk.file(*people(12)), save="plan.gz")
            sandbox.faults = [Fault.parse("error_before:POST /v1/contact:status=403:after=4")]
            stopped = await desk.apply("plan.gz")
            assert stopped.exit_code == 1, stopped
            sandbox.faults = []
            done = await desk.apply("plan.gz")
            assert (done.exit_code, done.run_id, done.tally.created) == (0, stopped.run_id, 12)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A saved plan of ten creates."""

    async def make() -> None:
        sandbox = Sandbox(requests_per_minute=0)
        async with sandbox.serve() as url:
            desk = Desk(tmp_path, sandbox, url)
            await desk.plan(desk.file(*people(10)), save="plan.gz")

    anyio.run(make)
    return tmp_path / "plan.gz"


def spoil_header(path: Path, **facts: Any) -> None:
    header, *rows = lines_of(path)
    path.write_bytes(gzip.compress(json.dumps(json.loads(header) | facts).encode() + b"\n" + b"".join(rows)))


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-40]), "cut short"),
        (lambda path: path.write_bytes(b"Phone,First\n"), "no plan"),
        (lambda path: path.write_bytes(b""), "no plan"),
        (lambda path: path.write_bytes(gzip.compress(b'{"some": "json"}\n')), "no plan"),
        (lambda path: path.write_bytes(gzip.compress(b"[1]\n")), "no plan"),
        (lambda path: spoil_header(path, format=99), "format 99"),
        (lambda path: spoil_header(path, policy={"on_existing": "wipe"}), "policy"),
        (lambda path: spoil_header(path, sources=None), "sources"),
        (lambda path: spoil_header(path, sha256="0"), "its rows"),
        (lambda path: path.unlink(), "No such file"),
    ],
)
async def test_a_plan_that_cannot_be_used_is_said_and_nothing_is_sent(
    saved: Path, spoil: Callable[[Path], Any], word: str
) -> None:
    sandbox = Sandbox(requests_per_minute=0)
    async with sandbox.serve() as url:
        desk = Desk(saved.parent, sandbox, url)
        key = desk.account.key
        # The saved plan is of another sandbox's address.
        spoil_header(saved, account=key)
        spoil(saved)
        with pytest.raises(InputError, match=word) as caught:
            await desk.apply(saved.name)
        assert caught.value.exit_code == 2
        assert sandbox.writes == []
        assert not list((saved.parent / "runs").glob("*/journal.sqlite"))
