"""The account that a job works on: its client, its name on this machine, and its lock."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from pipeline.heymarket import ClientConfig, HeymarketClient, open_client
from pipeline.limiter import Place
from pipeline.settings import Credentials, Settings
from pipeline.state import account_key, account_lock, drafts_folder


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
    def unverifiable_path(self) -> Path:
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
