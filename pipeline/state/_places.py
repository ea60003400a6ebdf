"""Where the state that outlives a run lies on this machine."""

import hashlib
from pathlib import Path

import platformdirs


def drafts_folder(owner: str, place: str) -> Path:
    """Where the drafts of `owner` for an address are kept until they are published there."""
    return drafts_root() / hashlib.sha256(f"{owner}\n{place}".encode()).hexdigest()[:16]


def drafts_root() -> Path:
    """Where the drafts of all accounts and addresses lie, a folder for each."""
    return platformdirs.user_state_path("hmpipe") / "drafts"


def verified_path() -> Path:
    """Where it is remembered which snapshots were verified."""
    return platformdirs.user_state_path("hmpipe") / "verified.json"


def account_folder() -> Path:
    """Where the lock and the learned state of each account lie, in files that begin with its key."""
    return platformdirs.user_state_path("hmpipe") / "accounts"


def limits_folder() -> Path:
    """Where the request budgets lie that the processes of this machine share."""
    return platformdirs.user_state_path("hmpipe") / "limits"


def traits_path(account: str) -> Path:
    """Where it is remembered how the service of an account was seen to behave."""
    return account_folder() / f"{account}.traits.json"


def unverifiable_path(account: str) -> Path:
    """Where it is remembered what was written to an account and cannot be read back."""
    return account_folder() / f"{account}.memory.sqlite"


def consents_path(account: str) -> Path:
    """Where it is remembered what the people of an account have said about being texted."""
    return account_folder() / f"{account}.optouts.sqlite"


def erased_path(account: str) -> Path:
    """Where it is remembered by keyed hashes who was forgotten."""
    return account_folder() / f"{account}.erased"


def find_erased(account: str) -> Path | None:
    """Return where it is remembered who was forgotten of an account, by the beginning of its key; None for nowhere."""
    found = sorted(account_folder().glob(f"{account}*.erased")) if account.isalnum() else []
    return found[0] if len(found) == 1 else None


def account_key(base_url: str, credential_label: str) -> str:
    """Return the name of an account for locks and journals: its URL and its credential's ID, hashed."""
    return hashlib.sha256(f"{base_url.rstrip('/')}\n{credential_label}".encode()).hexdigest()[:16]
