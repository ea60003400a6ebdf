"""A full backup says what the service knows of each contact, or says that it does not: never a false complete."""

import random
import tempfile
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from pipeline.account import Account
from pipeline.exporter._details import DetailReader
from pipeline.heymarket import ClientConfig, HeymarketClient, open_client
from pipeline.jobs.export import ExportJob, run_export
from pipeline.models import PageRequest, Status, further_channels
from pipeline.models._outcomes import Traffic
from pipeline.results import ExportSummary
from pipeline.sandbox import API_KEY, Sandbox, Traits
from pipeline.snapshots import Draft, DraftFacts, complete_record, composed, details_of, open_snapshot, status_of
from pipeline.state import ServerTraits, TraitStore, traits_path
from pipeline.values import replace
from pipeline.wire import read_stored
from tests.accounts import Quiet, account_at
from tests.conftest import examples

pytestmark = pytest.mark.usefixtures("own_state")

any_service = some.builds(
    Traits,
    v2_surface=some.sampled_from(["there", "there", "missing", "forbidden"]),
    uuid_readable=some.sampled_from([False, "v2", True]),
    channels_shown=some.sampled_from(["none", "v2", "all"]),
    channel_calls=some.sampled_from(["work", "work", "missing"]),
    blocked_shown=some.sampled_from(["status", "list", "nowhere"]),
    opt_out_readable=some.booleans(),
    status_shape=some.sampled_from(["short", "long"]),
    status_call=some.sampled_from(["there", "there", "missing"]),
    archived_listed=some.sampled_from(["asked", "apart", "always", "never"]),
    status_touches=some.booleans(),
    channel_touches=some.booleans(),
    count=some.sampled_from(["present", "present", "missing"]),
    direction=some.sampled_from(["newest", "oldest"]),
)

further = some.lists(
    some.tuples(some.sampled_from(["phone", "email", "whatsapp"]), some.integers(0, 99)), max_size=3, unique=True
)
people = some.lists(
    some.tuples(further, some.booleans(), some.sampled_from(["", "admin", "contact"]), some.booleans()), max_size=9
)


def value(kind: str, number: int, place: int) -> str:
    return f"1415556{place:02}{number:02}" if kind == "phone" else f"{kind}{place}x{number}@example.com"


def populated(traits: Traits, drawn: list[Any]) -> Sandbox:
    sandbox = Sandbox(traits=traits, requests_per_minute=0)
    for place, (channels, is_blocked, out_by, is_archived) in enumerate(drawn):
        sandbox.add_contact(
            f"141555501{place:02}",
            email=f"p{place}@example.com" if place % 2 else "",
            channels=[{"channel_type": kind, "channel_id": value(kind, number, place)} for kind, number in channels],
            blocked=is_blocked,
            archived=is_archived,
            is_opted_out=bool(out_by),
            unsubscribed_admin=out_by == "admin",
            unsubscribed_contact=out_by == "contact",
        )
    return sandbox


def in_full(account: Account) -> Account:
    export = account.settings.export.model_copy(update={"detail": "full"})
    return replace(account, settings=account.settings.model_copy(update={"export": export}))


def truth(sandbox: Sandbox) -> dict[int, Any]:
    return {
        each["id"]: (
            sorted((channel["channel_type"], channel["channel_id"]) for channel in each["channels"]),
            each["blocked"],
            each["is_opted_out"],
        )
        for each in sandbox.contacts()
    }


def backed_up(summary: ExportSummary) -> dict[int, Any]:
    assert summary.snapshot
    snapshot = open_snapshot(summary.snapshot)
    told = {each.id: each for each in details_of(snapshot)}
    records = [(read_stored(raw), told.get(read_stored(raw).id)) for raw in composed(snapshot)]
    found = {}
    for shown, details in records:
        record = complete_record(shown, details)
        channels = further_channels(record)
        found[record.id] = (
            channels if channels is None else sorted(channels),
            record.is_blocked,
            status_of(shown, details).unsubscribed,
        )
    return found


def holds(summary: ExportSummary, sandbox: Sandbox) -> None:
    """What is called complete is what the service knows; what is not, says so."""
    assert not summary.error
    expected, found = truth(sandbox), backed_up(summary)
    archived = {each["id"] for each in sandbox.contacts() if each["archived"]}
    if summary.archived == "asked":
        assert set(found) == set(expected)
    assert set(expected) - archived <= set(found)
    if summary.complete:
        assert found == {contact_id: expected[contact_id] for contact_id in found}
        assert "unknown" not in (summary.channels, summary.status)
    else:
        assert (summary.exit_code, bool(summary.reason)) == (3, True)
        assert summary.channels_unknown or summary.status_unknown
        assert "could not be learned" in summary.reason


@settings(max_examples=examples(80), suppress_health_check=list(HealthCheck))
@given(any_service, people, some.randoms(use_true_random=False))
def test_what_is_called_complete_is_what_the_service_knows(
    traits: Traits, drawn: list[Any], chance: random.Random
) -> None:
    async def run(folder: Path) -> None:
        sandbox = populated(traits, drawn)
        async with sandbox.serve() as url:
            account = in_full(account_at(folder, url))
            first = await run_export(ExportJob(account), Quiet())
            holds(first, sandbox)
            assert first.requests == len(sandbox.requests)
            async with open_client(config(url)) as client:
                for each in sandbox.contacts():
                    if chance.random() < 0.4:
                        await client.set_status(each["id"], chance.choice(["blocked", "unsubscribed", "active"]))
                    elif chance.random() < 0.4 and traits.v2_surface == "there" and traits.channel_calls == "work":
                        await client.add_channel(each["uuid"], "phone", f"1415557{each['id']:04}"[:11])
            shows = traits.channels_shown != "none" or traits.opt_out_readable or traits.blocked_shown == "list"
            if first.complete and (not shows or (traits.status_touches and traits.channel_touches)):
                # What the list alone shows is seen in a delta where it raises `updated`.
                holds(await run_export(ExportJob(account, "last"), Quiet()), sandbox)
            holds(await run_export(ExportJob(account), Quiet()), sandbox)

    with tempfile.TemporaryDirectory() as name:
        anyio.run(run, Path(name))


def config(url: str) -> ClientConfig:
    return ClientConfig(base_url=url, api_key=API_KEY, requests_per_minute=0)


async def test_a_change_that_was_seen_to_raise_updated_spares_the_others(tmp_path: Path) -> None:
    sandbox = populated(Traits(uuid_readable=True), [([("phone", 1)], False, "", False)] * 8)
    async with sandbox.serve() as url:
        account = in_full(account_at(tmp_path, url))
        await run_export(ExportJob(account), Quiet())
        TraitStore(traits_path(account.key)).save(ServerTraits(status_touches="works", channel_touches="works"))
        chosen = sandbox.contacts()[3]["id"]
        async with open_client(config(url)) as client:
            await client.set_status(chosen, "blocked")
        before = len(sandbox.requests)
        done = await run_export(ExportJob(account, "last"), Quiet())
        holds(done, sandbox)
        asked = [each.path for each in sandbox.requests[before:] if "/contact/" in each.path]
        assert len(asked) == 2
        assert (done.channels, done.status) == ("asked", "asked")


async def test_cost_and_time_are_said_before_anything_is_asked(tmp_path: Path) -> None:
    sandbox = populated(Traits(uuid_readable=True), [([], False, "", False)] * 7)
    async with sandbox.serve() as url:
        account = in_full(account_at(tmp_path, url))
        limits = account.settings.limits.model_copy(update={"requests_per_minute": 450})
        account = replace(account, settings=account.settings.model_copy(update={"limits": limits}))
        progress = Quiet()
        await run_export(ExportJob(account), progress)
    [said] = [line for line in progress.said if "Asking for what the list does not show" in line]
    assert "channels (7 requests) and status (7 requests), 14 requests, some 1 minutes at 450 a minute" in said


class Killed(BaseException):
    """Stands for a kill."""


class Dying:
    """The client, which dies with so many answers."""

    def __init__(self, client: HeymarketClient, answers: int) -> None:
        self._client = client
        self._left = answers

    @property
    def traffic(self) -> Traffic:
        return self._client.traffic

    async def get_status(self, contact_id: int) -> Status | None:
        self._die()
        return await self._client.get_status(contact_id)

    async def list_channels(self, uuid: str) -> tuple[tuple[str, str], ...]:
        self._die()
        return await self._client.list_channels(uuid)

    def _die(self) -> None:
        if self._left == 0:
            raise Killed
        self._left -= 1


@pytest.mark.parametrize("answers", [0, 1, 7, 12, 19])
async def test_what_was_answered_before_a_kill_is_not_asked_again(answers: int, tmp_path: Path) -> None:
    sandbox = populated(Traits(uuid_readable=True), [([("email", 1)], True, "admin", False)] * 10)
    async with sandbox.serve() as url, open_client(config(url)) as client:
        draft = Draft.create(tmp_path, DraftFacts("main", "api.test"))
        async with open_client(config(url)) as lister:
            draft.save((await lister.list_page(PageRequest())).records)
        before = len(sandbox.requests)
        reader = DetailReader(Dying(client, answers), draft, 1)
        reader.plan(draft.raw_contacts(), "all", {})
        with pytest.raises(BaseExceptionGroup) as caught:
            await reader.ask(lambda _: None)
        assert caught.group_contains(Killed)
        draft.close()
        again = Draft.open(draft.folder)
        reader = DetailReader(client, again, 1)
        reader.plan(again.raw_contacts(), "all", {})
        await reader.ask(lambda _: None)
        assert len(sandbox.requests) - before == 20
        assert len(list(again.details())) == 10
        again.close()
