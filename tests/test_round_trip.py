"""What an export writes, an import reads back as no change at all, whatever stands in the contacts."""

import re
import tempfile
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.jobs.export import ExportJob, run_export
from pipeline.jobs.import_ import ImportJob
from pipeline.jobs.plan import PlanOutputs, run_plan
from pipeline.reader.tables import Source
from pipeline.results import PlanSummary
from pipeline.sandbox import Sandbox, Traits
from pipeline.settings import load_settings
from pipeline.values import replace
from tests.accounts import Quiet, account_at
from tests.cli.commands import hmpipe

NASTY = (
    "  spaced  ", "a\nb", 'q"uote', "NULL", "<clear>", "=1+1", "'apos", "😀 é", "N/A", "true", "1.10", "007",
    "tab\there", "a;b,c", "-", "+1", "@x", '="007"', "\ufeffmark", "line\r\nend", "#N/A", "&amp;", "\uff26\uff35",
)  # fmt: skip


pytestmark = pytest.mark.usefixtures("own_state")


def account_of(values: tuple[str, ...]) -> Sandbox:
    sandbox = Sandbox(
        traits=Traits(opt_out_readable=True),
        # Two fields of one title, and one that is called like a column of ours.
        fields=["Plan", "Plan", "phone"],
        tags=["A", "B", "C", "D", "E"],
        requests_per_minute=0,
    )
    fields, tags = list(sandbox.counters()["fields"]), [int(tag) for tag in sandbox.counters()["tags"]]
    for number, value in enumerate(values):
        sandbox.add_contact(
            f"141555501{number:02}",
            first=value,
            last="" if number % 2 else value,
            display_name=f"Shown {number}" if number % 3 else "",
            email=f"p{number}@example.com" if number % 2 else "",
            custom={fields[0]: value, fields[1]: "other"} if number % 4 else {fields[2]: value},
            tags=tags[: number % 6],
            assignee_id=7001 if number % 3 else None,
            is_opted_out=number % 5 == 0,
        )
    return sandbox


async def planned(folder: Path, sandbox: Sandbox, *export: str) -> PlanSummary:
    """Export the account, let init make settings of contacts.csv, and plan that file."""
    async with sandbox.serve() as url:
        account = account_at(folder, url)
        if export:
            file = folder / "hmpipe.toml"
            file.write_text("\n".join([file.read_text(), "[export]", *export]))
            account = replace(account, settings=load_settings(file, environ={}))
        done = await run_export(ExportJob(account), Quiet())
        table = Path(done.snapshot or "") / "contacts.csv"
        own = folder / "own.toml"
        result = await anyio.to_thread.run_sync(hmpipe, folder, "init", table, "-o", own)
        assert result.code == 0, result.err
        made = load_settings(own, {"account.base_url": url, "limits.requests_per_minute": 0}, environ={})
        job = ImportJob(replace(account, settings=made), [Source(str(table))])
        return await run_plan(job, Quiet(), PlanOutputs(None, None))


async def test_every_column_is_known_and_nothing_changes(tmp_path: Path) -> None:
    found = await planned(tmp_path, account_of(NASTY))
    assert (found.tally.unchanged, found.tally.rows, found.fields) == (len(NASTY), len(NASTY), {})
    text = (tmp_path / "own.toml").read_text()
    assert '"Plan (101)" = { custom = 101 }' in text
    assert '"Plan (102)" = { custom = 102 }' in text
    assert '"phone (103)" = { custom = 103 }' in text
    assert "# Columns for custom fields" not in text, "nothing is left for a person to decide"


REFUSED = "\0" + "".join(map(chr, range(0x80, 0xA0)))
"""A zero byte is taken out of a cell, which is said (nul_removed); C1 controls reject the row (control_characters)."""


# Nothing else is lost.
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters=REFUSED), max_size=12),
        min_size=1,
        max_size=20,
    )
)
def test_whatever_stands_in_a_contact(values: list[str]) -> None:
    async def run(folder: Path) -> Any:
        return await planned(folder, account_of(tuple(values)))

    with tempfile.TemporaryDirectory() as name:
        found = anyio.run(run, Path(name))
    assert (found.tally.unchanged, found.fields) == (len(values), {})


@pytest.mark.parametrize("shown", ["none", "v2"])
async def test_a_full_backup_brings_further_channels_back_as_no_change(tmp_path: Path, shown: str) -> None:
    sandbox = Sandbox(
        traits=Traits(channels_shown=shown, uuid_readable="v2"), fields=["Blocked", "phone_2"], requests_per_minute=0
    )
    fields = list(sandbox.counters()["fields"])
    further = [("phone", "442071838750"), ("phone", "14155550199"), ("email", "b@example.com"), ("whatsapp", "w1")]
    for number in range(6):
        sandbox.add_contact(
            f"141555501{number:02}",
            email=f"p{number}@example.com",
            custom={fields[0]: "yes", fields[1]: "14155550123"},
            channels=[{"channel_type": kind, "channel_id": f"{at}"} for kind, at in further[number:]],
            blocked=number == 2,
            is_opted_out=number == 3,
        )
    found = await planned(tmp_path, sandbox, 'detail = "full"')
    assert (found.tally.unchanged, found.fields, found.tally.rows) == (6, {}, 6)
    text = (tmp_path / "own.toml").read_text()
    assert '"phone_2" = { channel = "phone" }' in text or 'phone_2 = { channel = "phone" }' in text
    assert re.search(r'^"?blocked"? *= *"ignore"', text, re.MULTILINE)
