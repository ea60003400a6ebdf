"""Accounts that are exported, edited and restored."""

from typing import Any

from pipeline.account import Account
from pipeline.jobs.export import ExportJob, run_export
from pipeline.jobs.restore import RestoreJob, run_restore
from pipeline.results import RunSummary
from pipeline.sandbox import Sandbox, Traits
from tests.accounts import Quiet, by_phone

READABLE: dict[str, Any] = {"opt_out_readable": True}


def world(
    fields: tuple[str, ...] = ("Plan", "City"), tags: tuple[str, ...] = ("Gold", "Lead"), **traits: Any
) -> Sandbox:
    return Sandbox(traits=Traits(**traits), fields=fields, tags=tags, requests_per_minute=0)


async def export(account: Account, since: str | None = None) -> str:
    done = await run_export(ExportJob(account, since), Quiet())
    assert done.snapshot
    return done.snapshot


async def restore(account: Account, place: str, code: int = 0, **how: Any) -> RunSummary:
    done = await run_restore(RestoreJob(account, place, **how), Quiet())
    assert (done.exit_code, done.error, done.tally.adds_up) == (code, "", True), (done.error, done.examples)
    return done


async def edit_some(account: Account, sandbox: Sandbox, phones: list[str]) -> None:
    known = by_phone(sandbox)
    async with account.client() as client:
        for phone in phones:
            body = {"phone": phone, "first": "Edited", "last": "", "custom": {}, "tags": [], "email": "x@example.com"}
            await client.update_contact(known[phone]["id"], body, overwrite=True)


async def delete_some(account: Account, sandbox: Sandbox, phones: list[str]) -> None:
    known = by_phone(sandbox)
    async with account.client() as client:
        for phone in phones:
            await client.delete_contact(known[phone]["id"])
