"""Where the state that outlives a run lies on this machine."""

import hashlib
from pathlib import Path

import platformdirs


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
