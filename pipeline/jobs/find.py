"""Show one person whole: what the account holds of somebody, and what runs of this machine did."""

import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from pipeline import jsontext
from pipeline.account import Account
from pipeline.errors import InputError, RequestRefused, StorageFailed, UsageProblem
from pipeline.heymarket import HeymarketClient
from pipeline.jobs._holding import changes_seen, runs_with, seen_in_snapshots
from pipeline.models import FieldChange, Record, Status
from pipeline.phone import read_phone
from pipeline.planner import held_custom
from pipeline.results import FoundPeople, FoundPerson, PastWrite
from pipeline.runs import list_runs, open_run
from pipeline.showing import quoted
from pipeline.state import ConsentBook, consents_path
from pipeline.storage import private_file
from pipeline.values import replace

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LONGEST_ID = 18
"""Digits: what fits into any service's integer."""


async def find_people(account: Account, wanted: str, *, history: bool = False) -> FoundPeople:
    """Return whom a phone, an e-mail address, a UUID or an ID means; reads only.

    A bare number may be an ID or a phone: both are asked for. Raises UsageProblem where it is none of them,
    StorageFailed, and what the client raises.
    """
    async with account.client() as client:
        asked, records = await _search(client, wanted.strip(), account.settings.imports.default_region)
        unique = list({record.id: record for record in records}.values())
        names = await _Names.of(client) if unique else _Names({}, {}, {})
        with closing(ConsentBook(consents_path(account.key), learns=False)) as book:
            people = [await _person(client, record, names, book) for record in unique]
    past = _history(account, people, names.fields) if history else None
    return FoundPeople(tuple(asked), tuple(people), past)


async def export_person(account: Account, wanted: str, path: Path) -> FoundPeople:
    """Write all that account, snapshots, journals and state hold of somebody into a new private JSON file.

    Raises UsageProblem, InputError where the file is there already, StorageFailed, and what the client raises.
    """
    _refuse_existing(path)
    found = await find_people(account, wanted, history=True)
    ids = {person.id for person in found.people}
    channels = {channel for person in found.people for channel in channels_of(person)} | _meant(account, wanted)
    seen, unread = seen_in_snapshots(account, ids, channels)
    # Who is gone from the account has an ID in the snapshots.
    ids |= {each.record.id for each in seen}
    phones = {value for kind, value in channels if kind == "phone"} | {each.record.phone for each in seen}
    phones -= {""}
    with closing(ConsentBook(consents_path(account.key), learns=False)) as book:
        standings = {phone: book.standing(phone) for phone in sorted(phones)}
    held = {
        "format": 1,
        "account": account.settings.account.base_url,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "asked": wanted,
        **{name: value for name, value in found.as_json().items() if name in ("people", "history")},
        "snapshots": [
            {"snapshot": each.where, "at": each.at, "contact": jsontext.decode(each.record.raw)} for each in seen
        ],
        "snapshots_not_read": unread,
        "runs": list(runs_with(account, phones)),
        "known_noes": [
            {"phone": phone, "at": known.at, "source": known.source, "place": known.place}
            for phone, standing in standings.items()
            if (known := standing.listed or standing.no)
        ],
    }
    try:
        with private_file(path) as beside:
            beside.write_bytes(jsontext.encode(held) + b"\n")
    except OSError as error:
        raise StorageFailed(f"{path} cannot be written: {error.strerror}.") from error
    return found


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise InputError(f"{path} is there already, and is not overwritten. Nothing was asked.")


def _meant(account: Account, wanted: str) -> set[tuple[str, str]]:
    """Return the channels that a text may be, whoever has them."""
    if "@" in wanted:
        return {("email", wanted.strip())}
    digits = read_phone(wanted, account.settings.imports.default_region).digits
    return {("phone", each) for each in (digits, _bare_phone(wanted)) if each}


def channels_of(person: FoundPerson) -> list[tuple[str, str]]:
    """Return everything by which a person is known again."""
    return [("phone", person.phone), ("email", person.email), *(person.channels or ())]


async def _search(client: HeymarketClient, wanted: str, region: str) -> tuple[list[str], list[Record]]:
    if "@" in wanted:
        return ["email"], await client.search_by_email([wanted])
    if _UUID.fullmatch(wanted):
        found = await client.search("id", [wanted])
        known = None if found else await _by_uuid(client, wanted)
        return ["uuid"], [*found, known] if known else found
    phones = [digits for digits in (read_phone(wanted, region).digits, _bare_phone(wanted)) if digits]
    asked, records = (["phone"] if phones else []), await client.search_by_phone(list(dict.fromkeys(phones)))
    if wanted.isascii() and wanted.isdecimal() and len(wanted) <= _LONGEST_ID:
        asked.append("id")
        records += [found for found in [await client.get_contact(int(wanted))] if found]
    if not asked:
        raise UsageProblem(
            f"{quoted(wanted)} is no phone, no e-mail address, no UUID and no contact ID. Nothing was asked.",
            advice="Give a phone with + and its country code, or one as import.default_region reads it.",
        )
    return asked, records


def _bare_phone(wanted: str) -> str:
    """The digits of a text that may be a phone as the service writes it: with its country code, without a plus."""
    return wanted if wanted.isascii() and wanted.isdecimal() and 7 <= len(wanted) <= 15 else ""


async def _by_uuid(client: HeymarketClient, uuid: str) -> Record | None:
    try:
        return await client.get_by_uuid(uuid)
    except RequestRefused:
        return None


class _Names:
    """What the account calls its custom fields, tags and members, as far as it tells."""

    def __init__(self, fields: dict[str, str], tags: dict[int, str], members: dict[int, str]) -> None:
        self.fields, self.tags, self.members = fields, tags, members

    @classmethod
    async def of(cls, client: HeymarketClient) -> "_Names":
        """Ask for them."""
        fields = {str(each.id): each.title for each in await client.list_custom_fields()}
        tags = dict(await client.list_all_tags())
        try:
            members = {each.id: each.name for each in await client.list_members()}
        except RequestRefused:
            members = {}
        return cls(fields, tags, members)


async def _person(client: HeymarketClient, record: Record, names: _Names, book: ConsentBook) -> FoundPerson:
    status = await client.get_status(record.id) or Status()
    opted_out = record.is_opted_out if status.unsubscribed is None else status.unsubscribed
    channels = record.channels
    if record.uuid:
        try:
            channels = await client.list_channels(record.uuid)
        except RequestRefused:
            channels = record.channels
    tags = None if record.tags is None else tuple(names.tags.get(tag, "") or f"tag {tag}" for tag in record.tags)
    owner = record.assignee_id
    standing = book.standing(record.phone) if record.phone else None
    known = standing and (standing.listed or standing.no)
    return FoundPerson(
        id=record.id,
        uuid=record.uuid,
        phone=record.phone,
        first=record.first,
        last=record.last,
        display_name=record.display_name,
        email=record.email,
        avatar=record.avatar,
        owner="" if owner is None else names.members.get(owner, "") or f"member {owner}",
        opted_out=opted_out,
        opted_out_by_admin=status.by_admin,
        opted_out_by_contact=status.by_contact,
        blocked=record.is_blocked if status.blocked is None else status.blocked,
        tags=tags,
        custom={names.fields.get(key, "") or f"field {key}": value for key, value in held_custom(record).items()},
        channels=channels,
        created=record.created,
        updated=record.updated,
        known_no=f"{known.at} ({known.source} {known.place})".strip() if known else "",
    )


def _history(account: Account, people: Sequence[FoundPerson], titles: Mapping[str, str]) -> tuple[PastWrite, ...]:
    """Return what runs of this machine wrote to people, and what else snapshots saw change, oldest first.

    Raises StorageFailed.
    """
    phones = [person.phone for person in people if person.phone]
    ids = {person.id for person in people}
    past = _written(account, phones)
    seen, _ = seen_in_snapshots(account, ids, frozenset())
    past += changes_seen(seen, past)
    named = [replace(each, fields=tuple(_titled(field, titles) for field in each.fields)) for each in past]
    return tuple(sorted(named, key=lambda each: each.at))


def _written(account: Account, phones: Sequence[str]) -> list[PastWrite]:
    runs = account.settings.paths.runs
    past: list[PastWrite] = []
    for entry in reversed(list_runs(runs)):
        if entry.state in ("unreadable", "never started") or entry.account != account.key:
            continue
        run = open_run(runs, entry.run_id)
        with closing(run.journal):
            writes = [write for phone in phones for write in run.journal.history.writes_to(phone)]
        past += [PastWrite(entry.run_id, each.at, each.line, each.kind, each.outcome, each.fields) for each in writes]
    return past


def _titled(field: FieldChange, titles: Mapping[str, str]) -> FieldChange:
    """Return a change under the title of its custom field."""
    return replace(field, name=titles.get(field.name.removeprefix("custom."), "") or field.name)
