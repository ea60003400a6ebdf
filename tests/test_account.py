"""An account has one name on this machine, a client at its own pace, and a lock that dies with its holder."""

import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.account import Account
from pipeline.errors import LockHeld, StorageFailed
from pipeline.sandbox import API_KEY, SECRET_ID, SECRET_KEY, Sandbox
from pipeline.settings import Credentials, Settings
from pipeline.state._lock import account_lock
from pipeline.state._places import account_key

KEY = "0123456789abcdef"
HOLDER = f"""
from pipeline.account import account_lock
with account_lock("{KEY}", "import"):
    print("held", flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the machine's state folder to this test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@contextmanager
def holder() -> Iterator[subprocess.Popen[bytes]]:
    """Start a second process that holds the lock until it is ended."""
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        try:
            yield process
        finally:
            process.kill()


def settings(**account: str) -> Settings:
    return Settings.model_validate({"account": account})


def test_the_name_tells_accounts_apart_and_gives_nothing_away() -> None:
    key = account_key("https://api.heymarket.com", "my-id")
    assert len(key) == 16
    assert set(key) <= set("0123456789abcdef")
    assert key == account_key("https://api.heymarket.com/", "my-id")
    others = [account_key("https://api.heymarket.com", "my-i"), account_key("http://localhost", "my-id")]
    assert len({key, *others}) == 3


def test_the_name_follows_the_address_and_the_credential() -> None:
    account = Account(settings(base_url="http://127.0.0.1:1"), Credentials("my-id", "my-key"))
    assert account.key == account_key("http://127.0.0.1:1", "my-id")
    assert account.key == Account(account.settings, Credentials("my-id", "a new key")).key
    assert account.key != Account(account.settings, Credentials(api_key="team")).key


def test_the_lock_is_private_and_can_be_taken_again(state: Path) -> None:
    for _ in range(2):
        with account_lock(KEY, "import"):
            folder = state / "hmpipe" / "accounts"
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            [file] = folder.iterdir()
            assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_second_run_of_the_same_process_is_kept_out_until_the_first_has_ended() -> None:
    account = Account(settings(), Credentials("my-id", "my-key"))
    with account.lock("import"), pytest.raises(LockHeld, match="Another import works on this account"):
        account.lock("import").__enter__()
    with account.lock("import"):
        pass


def test_an_error_inside_lets_go_of_the_lock() -> None:
    with pytest.raises(ZeroDivisionError), account_lock(KEY, "import"):
        raise ZeroDivisionError
    with account_lock(KEY, "import"):
        pass


def test_another_account_or_purpose_is_not_kept_out() -> None:
    with account_lock(KEY, "import"), account_lock(KEY, "export"), account_lock("f" * 16, "import"):
        pass


def test_another_process_is_kept_out_until_the_holder_is_killed() -> None:
    with holder() as process:
        with pytest.raises(LockHeld) as caught, account_lock(KEY, "import"):
            pass
        assert caught.value.exit_code == 4
        process.send_signal(signal.SIGKILL)
        assert process.wait(10) == -signal.SIGKILL
        with account_lock(KEY, "import"):
            pass


def test_a_state_folder_that_cannot_be_written_is_said(state: Path) -> None:
    state.write_text("a file stands in the way")
    with pytest.raises(StorageFailed, match=r"accounts cannot be written: .*XDG_STATE_HOME"), account_lock(KEY, "x"):
        pass


@pytest.mark.parametrize("credentials", [Credentials(SECRET_ID, SECRET_KEY), Credentials(api_key=API_KEY)])
async def test_the_client_has_the_accounts_address_credential_and_pace(credentials: Credentials) -> None:
    async with Sandbox().serve() as url:
        chosen = Settings.model_validate({"account": {"base_url": url}, "limits": {"requests_per_minute": 300}})
        async with Account(chosen, credentials).client() as client:
            assert client.requests_per_minute == 300
            assert (await client.team())["id"]
