"""The sandbox as a whole: in process, and as a server of its own."""

import asyncio
import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from pipeline.sandbox import API_KEY, SECRET_ID, SECRET_KEY, Sandbox, Traits
from tests.sandbox.client import ANA, BEN, served

SERVER = """
import sys
from pathlib import Path
from pipeline.sandbox import Sandbox
sandbox = Sandbox()
sandbox.add_contact("14155550101")
save = Path(sys.argv[1]) if len(sys.argv) > 1 else None
sandbox.run_forever(on_ready=lambda url: print(url, flush=True), save=save)
"""


def test_the_published_credentials_are_the_default_ones() -> None:
    assert (SECRET_ID, SECRET_KEY, API_KEY) == ("sandbox-id", "sandbox-key", "sandbox-api-key")


@pytest.mark.parametrize(("number", "saves"), [(signal.SIGTERM, True), (signal.SIGINT, True), (signal.SIGTERM, False)])
def test_a_server_of_its_own_ends_on_a_signal_and_saves(tmp_path: Path, number: int, *, saves: bool) -> None:
    path = tmp_path / "account.jsonl.gz"
    command = [sys.executable, "-c", SERVER, *([str(path)] if saves else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{url}/_sandbox/state", timeout=10) as answer:  # noqa: S310 - our own loopback address
            assert json.load(answer)["contact_count"] == 1
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
    assert path.exists() is saves
    if saves:
        assert Sandbox().load(path) == 1


async def test_the_same_sandbox_can_be_served_again_with_its_contacts() -> None:
    sandbox = Sandbox()
    for phone in (ANA, BEN):
        async with served(sandbox) as api:
            await api.ok("POST", "/v1/contact", {"phone": phone})
    assert len(sandbox.contacts()) == 2


async def test_an_address_that_is_taken_is_an_os_error() -> None:
    async with served(Sandbox()) as api:
        port = int(api.url.rsplit(":", 1)[1])
        with pytest.raises(OSError, match="address already in use"):
            async with Sandbox().serve(port=port):
                pytest.fail("two servers on one port")


async def test_many_requests_at_once_are_all_answered() -> None:
    sandbox = Sandbox(requests_per_minute=0)
    async with served(sandbox) as api:
        phones = [f"141555501{number:02d}" for number in range(100)]
        await asyncio.gather(*(api.ok("POST", "/v1/contact", {"phone": phone}) for phone in phones))
    assert sorted(contact["phone"] for contact in sandbox.contacts()) == phones
    assert len({contact["updated"] for contact in sandbox.contacts()}) == 100


def test_a_missing_contact_is_none_and_fields_may_share_a_title() -> None:
    sandbox = Sandbox(traits=Traits())
    assert sandbox.contact(1) is None
    assert sandbox.add_field("Plan") != sandbox.add_field("Plan")
