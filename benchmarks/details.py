"""Count what a backup with `export.detail = "full"` costs: requests for each 1,000 contacts, full and nightly.

`make bench` runs it. Requests do not depend on the machine. Nightly: one contact in a hundred was edited since.
"""

import os
import tempfile
from pathlib import Path

import anyio

from pipeline.account import Account
from pipeline.cli._progress import SilentProgress
from pipeline.heymarket import ClientConfig, open_client
from pipeline.jobs.export import ExportJob, run_export
from pipeline.sandbox import API_KEY, SECRET_ID, SECRET_KEY, Sandbox, Traits
from pipeline.settings import Credentials, load_settings
from pipeline.state import ServerTraits, TraitStore, traits_path
from pipeline.values import replace

CONTACTS = 5_000
PAGE = 100
CHANGED = 0.01
RATE = 450

SHOWN = Traits(page_max=PAGE, opt_out_readable=True, channels_shown="v2", uuid_readable="v2", blocked_shown="list")
ASKED = Traits(page_max=PAGE, uuid_readable="v2", status_shape="long")


def main() -> None:
    """Run all and print them."""
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_STATE_HOME"] = name
        print(f"requests for each 1,000 of {CONTACTS:,} contacts, {PAGE} a page, {CHANGED:.0%} edited between the two:")
        for words, traits, learned, detail in (
            ('detail = "list"', SHOWN, ServerTraits(), "list"),
            ('detail = "full", the list shows everything', SHOWN, ServerTraits(), "full"),
            ('detail = "full", each is asked', ASKED, ServerTraits(), "full"),
            (
                'detail = "full", each is asked, changes were seen to raise `updated`',
                ASKED,
                ServerTraits(status_touches="works", channel_touches="works"),
                "full",
            ),
        ):
            with tempfile.TemporaryDirectory() as folder:
                full, nightly = anyio.run(measure, Path(folder), traits, learned, detail)
            thousands = CONTACTS / 1_000
            print(
                f"  {words}: full {full / thousands:,.1f}, nightly {nightly / thousands:,.1f}"
                f" ({full / RATE:,.1f} and {nightly / RATE:,.1f} minutes in all at {RATE} a minute)"
            )


async def measure(folder: Path, traits: Traits, learned: ServerTraits, detail: str) -> tuple[int, int]:
    """Back an account up in full, edit some of it, back up what changed; return the requests of both."""
    sandbox = Sandbox(requests_per_minute=0, traits=traits)
    sandbox.seed(CONTACTS, per_stamp=3, opted_out_every=20)
    async with sandbox.serve() as url:
        settings = folder / "hmpipe.toml"
        settings.write_text(
            f'[account]\nbase_url = "{url}"\n[limits]\nrequests_per_minute = 0\n[export]\ndetail = "{detail}"\n'
        )
        account = Account(load_settings(settings, environ={}), Credentials(secret_id=SECRET_ID, secret_key=SECRET_KEY))
        TraitStore(traits_path(account.key)).save(replace(learned))
        full = await run_export(ExportJob(account), SilentProgress())
        async with open_client(ClientConfig(url, api_key=API_KEY, requests_per_minute=0)) as client:
            for contact in sandbox.contacts()[:: round(1 / CHANGED)]:
                await client.update_contact(contact["id"], {"phone": contact["phone"], "first": "B"}, overwrite=False)
        nightly = await run_export(ExportJob(account, "last"), SilentProgress())
    if full.exit_code or nightly.exit_code:
        raise SystemExit(f"an export ended with {full.exit_code} or {nightly.exit_code}: {full.reason}{nightly.reason}")
    return full.requests, nightly.requests


if __name__ == "__main__":
    main()
