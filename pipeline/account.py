"""The account that a job works on: its client, its name on this machine, and its lock."""

import contextlib

from pipeline.heymarket import ClientConfig, HeymarketClient, open_client
from pipeline.limiter import Place
from pipeline.settings import Credentials, Settings
from pipeline.state import account_key, account_lock, limits_folder
from pipeline.values import Struct


class Account(Struct, frozen=True):
    """The account that a job works on, and how fast it may."""

    settings: Settings
    credentials: Credentials

    @property
    def key(self) -> str:
        """The account's name for locks and journals."""
        return account_key(self.settings.account.base_url, self.credentials.label)

    def lock(self, purpose: str) -> contextlib.AbstractContextManager[None]:
        """Hold the account for one purpose. Raises LockHeld on entering."""
        return account_lock(self.key, purpose)

    def client(self) -> contextlib.AbstractAsyncContextManager[HeymarketClient]:
        """Open the client of this account; its request limit is shared with all other clients of the account."""
        limits = self.settings.limits
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
                place=Place(self.key, limits_folder(), limits.shared.get_secret_value()),
            )
        )
