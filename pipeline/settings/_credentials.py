"""The account's key, from the environment and from nowhere else."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Credentials:
    """The account's key: an ID and a key for signed tokens, or a team API key. Never shown."""

    secret_id: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)

    @property
    def label(self) -> str:
        """What tells this credential from others without giving it away: the ID, or a hash of the API key."""
        return self.secret_id or hashlib.sha256(self.api_key.encode()).hexdigest()


def load_credentials(environ: Mapping[str, str] | None = None) -> Credentials:
    """Return the credentials of the environment. Raises SettingsError when there are none or half of them."""
    environ = os.environ if environ is None else environ
    secret_id, secret_key, api_key = (
        environ.get(f"HEYMARKET_{name}", "").strip() for name in ("SECRET_ID", "SECRET_KEY", "API_KEY")
    )
    if bool(secret_id) != bool(secret_key):
        missing = "HEYMARKET_SECRET_KEY" if secret_id else "HEYMARKET_SECRET_ID"
        raise SettingsError(
            f"{missing} is not set, but its other half is; nothing was sent.", advice="Set both, or neither."
        )
    if not (secret_id or api_key):
        raise SettingsError(
            "There are no credentials in the environment; nothing was sent.",
            advice="Set HEYMARKET_SECRET_ID and HEYMARKET_SECRET_KEY (or HEYMARKET_API_KEY). For a rehearsal on this"
            " machine, 'hmpipe sandbox' prints the ones it takes.",
        )
    return Credentials(secret_id, secret_key, "" if secret_id else api_key)
