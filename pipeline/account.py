"""The account that a job works on: its client, its name on this machine, and its lock."""

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from pipeline.errors import LockHeld, StorageFailed
from pipeline.heymarket import ClientConfig, HeymarketClient, Place, open_client
from pipeline.settings import Credentials, Settings


@dataclass(frozen=True, slots=True)
class Account:
    """The account that a job works on, and how fast it may."""

    settings: Settings
    credentials: Credentials

    @property
    def key(self) -> str:
        """The account's name for locks and journals."""
        return account_key(self.settings.account.base_url, self.credentials.label)

    @property
    def traits_path(self) -> Path:
        """Where it is remembered what the account's service was seen to do."""
        return platformdirs.user_state_path("hmpipe") / "accounts" / f"{self.key}.traits.json"

    @property
    def memory_path(self) -> Path:
        """Where it is remembered what was written to the account and cannot be read back."""
        return platformdirs.user_state_path("hmpipe") / "accounts" / f"{self.key}.memory.sqlite"

    def drafts_path(self, place: str) -> Path:
        """Where snapshots that go to an address are made."""
        return drafts_folder(self.key, place)

    def lock(self, purpose: str) -> contextlib.AbstractContextManager[None]:
        """Hold the account for one purpose. Raises LockHeld on entering."""
        return account_lock(self.key, purpose)

    def client(self) -> contextlib.AbstractAsyncContextManager[HeymarketClient]:
        """Open the client of this account; its request limit is one with all other clients of the account."""
        limits = self.settings.limits
        folder = platformdirs.user_state_path("hmpipe") / "limits"
        return open_client(
            ClientConfig(
                base_url=self.settings.account.base_url,
                secret_id=self.credentials.secret_id,
                secret_key=self.credentials.secret_key,
                api_key=self.credentials.api_key,
                requests_per_minute=limits.requests_per_minute,
                concurrency=limits.concurrency,
                timeout_seconds=limits.timeout_seconds,
                max_attempts=limits.max_attempts,
                place=Place(self.key, folder, limits.shared.get_secret_value()),
            )
        )


def drafts_folder(owner: str, place: str) -> Path:
    """Where what `owner` makes for an address is kept until it is there."""
    return drafts_root() / hashlib.sha256(f"{owner}\n{place}".encode()).hexdigest()[:16]


def drafts_root() -> Path:
    """Where the drafts of all accounts and addresses lie, a folder for each."""
    return platformdirs.user_state_path("hmpipe") / "drafts"


def verified_path() -> Path:
    """Where it is remembered which snapshots were verified."""
    return platformdirs.user_state_path("hmpipe") / "verified.json"


def account_key(base_url: str, credential_label: str) -> str:
    """Return the name of an account for locks and journals: its URL and its credential's ID, hashed."""
    return hashlib.sha256(f"{base_url.rstrip('/')}\n{credential_label}".encode()).hexdigest()[:16]


@contextlib.contextmanager
def account_lock(account: str, purpose: str) -> Iterator[None]:
    """Hold the account for one `purpose` on this machine; a process that dies lets go of it.

    Raises LockHeld when another process holds it.
    """
    folder = platformdirs.user_state_path("hmpipe") / "accounts"
    lock = FileLock(folder / f"{account}.{purpose}.lock", timeout=0, mode=0o600)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock.acquire()
    except Timeout:
        raise LockHeld(
            f"Another {purpose} works on this account right now; nothing was sent.",
            advice="Wait until it has ended, then run this command again.",
        ) from None
    except OSError as error:
        raise StorageFailed(
            f"{folder} cannot be written: {error.strerror}.", advice="Set XDG_STATE_HOME to a folder that can."
        ) from error
    try:
        yield
    finally:
        lock.release()
