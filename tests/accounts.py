"""Accounts of a rehearsal: contacts of every kind, and what can be written of them."""

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.account import Account
from pipeline.sandbox import SECRET_ID, SECRET_KEY, Sandbox
from pipeline.settings import Credentials, load_settings
from pipeline.snapshots._manifest import with_checksum

WRITABLE = (
    "phone", "first", "last", "display_name", "email", "avatar", "assignee_id", "is_opted_out", "custom", "tags",
)  # fmt: skip
MEMBERS = (7001, 7002)


class Quiet:
    """A progress that remembers what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def stage(self, name: str, total: int | None) -> None:
        """See Progress."""

    def advance(self, steps: int) -> None:
        """See Progress."""

    def say(self, line: str) -> None:
        """See Progress."""
        self.said.append(line)


def account_at(folder: Path, url: str, *imports: str, columns: Mapping[str, str] = {}) -> Account:
    """Return the account of a sandbox; `imports` are lines below [import]."""
    file = folder / "hmpipe.toml"
    lines = [f'[account]\nbase_url = "{url}"', "[limits]\nrequests_per_minute = 0\nlost_answer_seconds = 0.2"]
    lines += ["[import]", *imports, "[import.columns]", *(f'"{name}" = {target}' for name, target in columns.items())]
    file.write_text("\n".join(lines))
    return Account(load_settings(file, environ={}), Credentials(secret_id=SECRET_ID, secret_key=SECRET_KEY))


def populate(sandbox: Sandbox, chance: random.Random, count: int) -> list[str]:
    """Add contacts that hold anything, and return their phones."""
    fields, tags = sandbox.counters()["fields"], [int(tag) for tag in sandbox.counters()["tags"]]
    phones = [f"141555501{number:02}" for number in range(count)]
    for number, phone in enumerate(phones):
        sandbox.add_contact(phone, **_anything(chance, number, list(fields), tags))
    return phones


def _anything(chance: random.Random, number: int, fields: list[str], tags: list[int]) -> dict[str, Any]:
    def maybe(value: Any, blank: Any) -> Any:
        return value if chance.random() < 0.6 else blank

    first, last = maybe(f"First{number}", ""), maybe(f"Last{number}", "")
    return {
        "first": first,
        "last": last,
        "display_name": chance.choice([f"Nick{number}", f"{first} {last}".strip()]),
        "email": maybe(f"p{number}@example.com", ""),
        "avatar": maybe(f"https://example.com/{number}.png", ""),
        "assignee_id": maybe(chance.choice(MEMBERS), None),
        "is_opted_out": chance.random() < 0.3,
        "custom": {key: f"Old{number}" for key in fields if chance.random() < 0.6},
        "tags": chance.sample(tags, chance.randint(0, min(3, len(tags)))),
    }


def writable(contact: Mapping[str, Any], *, derived: bool = False) -> dict[str, Any]:
    """Return what can be written of a contact, blank custom values left out and tags in order.

    `derived`: the service shows the names where there is no display name.
    """
    found = {name: contact[name] for name in WRITABLE}
    if derived:
        found["display_name"] = found["display_name"] or f"{found['first']} {found['last']}".strip()
    found["custom"] = {key: value for key, value in contact["custom"].items() if value}
    found["tags"] = sorted(contact["tags"])
    return found


def by_phone(sandbox: Sandbox) -> dict[str, dict[str, Any]]:
    """Return every contact by its phone; each has one."""
    contacts = sandbox.contacts()
    assert len({contact["phone"] for contact in contacts}) == len(contacts), "a contact was doubled"
    return {contact["phone"]: contact for contact in contacts}


def edit_manifest(folder: Path, **changes: Any) -> None:
    """Change what a manifest says, and its own checksum with it."""
    path = folder / "manifest.json"
    value = json.loads(path.read_text())
    path.write_text(with_checksum({name: held for name, held in value.items() if name != "own_sha256"} | changes))


def content(path: str) -> str:
    """Return what a run's private file holds."""
    assert Path(path).stat().st_mode & 0o777 == 0o600
    return Path(path).read_text(encoding="utf-8")
