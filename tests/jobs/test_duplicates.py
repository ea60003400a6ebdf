"""Contacts that share a phone, an address or another channel are listed, all of them and nobody else."""

import csv
import random
from collections import defaultdict
from pathlib import Path

import pytest

from pipeline.jobs.duplicates import write_duplicates
from pipeline.jobs.export import ExportJob, run_export
from pipeline.models import fold_channel
from pipeline.sandbox import Sandbox, Traits
from tests.accounts import Quiet, account_at
from tests.cli.commands import hmpipe, write_settings
from tests.conftest import Serve

pytestmark = pytest.mark.usefixtures("own_state")


@pytest.mark.parametrize("seed", range(4))
async def test_law_every_shared_channel_is_listed_with_all_who_have_it(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a draw that can be repeated
    sandbox = Sandbox(traits=Traits(channels_shown="all"), requests_per_minute=0)
    for _ in range(40):
        sandbox.add_contact(
            f"141555501{chance.randrange(30):02}",
            email=chance.choice(["", "Ann@example.com", "ann@example.com", f"p{chance.randrange(30)}@example.com"]),
            channels=[{"channel_type": "phone", "channel_id": f"141555501{chance.randrange(60):02}"}],
        )
    owners = defaultdict(set)
    for each in sandbox.contacts():
        further = [(channel["channel_type"], channel["channel_id"]) for channel in each["channels"]]
        for channel in (("phone", each["phone"]), ("email", each["email"]), *further):
            if channel[1]:
                owners[fold_channel(*channel)].add(each["id"])
    async with sandbox.serve() as url:
        account = account_at(tmp_path, url)
        await run_export(ExportJob(account), Quiet())
    found = write_duplicates(account.settings, "last", tmp_path / "doubles.csv")
    listed = defaultdict(set)
    with (tmp_path / "doubles.csv").open(newline="") as file:
        for line in csv.DictReader(file):
            listed[line["shared"], line["value"]].add(int(line["contact_id"]))
    expected = {channel: ids for channel, ids in owners.items() if len(ids) > 1}
    assert listed == expected
    assert found.contacts == len(set().union(*expected.values()))
    assert sum(found.groups.values()) == len(expected)


def test_the_command_writes_a_private_list_and_says_what_is_shared(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    write_settings(tmp_path, server.url)
    for _ in range(2):
        server.sandbox.add_contact("14155550101", first="Ann")
    hmpipe(tmp_path, "export")
    done = hmpipe(tmp_path, "find", "--duplicates", "doubles.csv", "--json")
    assert (done.code, done.json["groups"], done.json["contacts"]) == (0, {"phone": 1}, 2)
    assert (tmp_path / "doubles.csv").stat().st_mode & 0o777 == 0o600
    assert hmpipe(tmp_path, "find").code == 2
    assert hmpipe(tmp_path, "find", "+14155550101", "--duplicates", "x.csv").code == 2
