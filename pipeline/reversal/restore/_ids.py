"""What the fields, tags and people of a snapshot are in the account that it is restored into."""

from collections import Counter
from collections.abc import Mapping
from typing import Protocol, TypeVar

from pipeline.errors import RequestRefused
from pipeline.models import Contact, CustomField, Member, Record, further_channels
from pipeline.planner import held_custom
from pipeline.reversal._undo import contact_as_before
from pipeline.snapshots import Snapshot
from pipeline.values import Struct, replace

Key = TypeVar("Key")


class Describing(Protocol):
    """The part of the client that tells what an account has beside contacts."""

    async def list_custom_fields(self) -> tuple[CustomField, ...]: ...
    async def list_all_tags(self) -> list[tuple[int, str]]: ...
    async def list_members(self) -> tuple[Member, ...]: ...


class IdMapping(Struct, frozen=True):
    """What the IDs of a snapshot are in an account: of fields, tags and people; one that is missing is not there.

    None for people: the account does not tell who is in its team, and they are taken as they are.
    """

    fields: Mapping[str, str]
    tags: Mapping[int, int]
    members: frozenset[int] | None

    @classmethod
    async def between(cls, snapshot: Snapshot, client: Describing, *, same_account: bool) -> "IdMapping":
        """Compare a snapshot with an account. In the same account an ID that is still there is the same thing.

        Else things are found by their titles, where exactly one has it. Raises what the client raises, and InputError.
        """
        there = {str(each.id): each.title for each in await client.list_custom_fields()}
        here = {str(each.id): each.title for each in snapshot.fields()}
        fields = {key: key for key in here if key in there} if same_account else {}
        fields |= {key: found for key, found in _by_title(here, there).items() if key not in fields}
        # IDs that contacts have and the account never listed have no title to go by.
        unlisted = {key: key for key in there if key not in here} if same_account else {}
        known_tags = dict(await client.list_all_tags())
        saved_tags = {int(tag["id"]): str(tag["tag"]) for tag in snapshot.tags()}
        tags = {tag: tag for tag in known_tags} if same_account else {}
        tags |= {tag: found for tag, found in _by_title(saved_tags, known_tags).items() if tag not in tags}
        try:
            members: frozenset[int] | None = frozenset(each.id for each in await client.list_members())
        except RequestRefused:
            members = None
        return cls(unlisted | fields, tags, members)

    def wanted(self, line: int, record: Record) -> Contact:
        """Return the contact as it is wanted, in the IDs of the account; notes say what the account does not have."""
        notes = Counter[str]()
        custom = {}
        for key, value in held_custom(record).items():
            if key in self.fields:
                custom[self.fields[key]] = value
            else:
                notes["field_gone"] += value not in ("", None)
        tags = record.tags
        if tags is not None:
            tags = tuple(self.tags[tag] for tag in tags if tag in self.tags)
            notes["tag_gone"] += len(tags) < len(record.tags or ())
        wanted = contact_as_before(line, record._replace(custom=custom, tags=tags))
        owner = record.assignee_id
        if owner is not None and self.members is not None and owner not in self.members:
            fields = {name: value for name, value in wanted.fields.items() if name != "assignee_id"}
            notes["owner_gone"] += 1
            wanted = replace(wanted, fields=fields)
        # The phone itself and the address are written with the contact.
        channels = further_channels(record) or ()
        return replace(
            wanted,
            channels=channels,
            notes=tuple(note for note, count in notes.items() if count),
            # Like an opt-out: what the snapshot knows is set, and nobody is unblocked.
            is_blocked=record.is_blocked or None,
        )


def _by_title(here: Mapping[Key, str], there: Mapping[Key, str]) -> dict[Key, Key]:
    """Return what has the same title, where that is the title of one thing only on either side."""
    counted = Counter(title.strip().casefold() for title in there.values())
    own = Counter(title.strip().casefold() for title in here.values())
    by_title = {title.strip().casefold(): key for key, title in there.items()}
    return {
        key: by_title[name]
        for key, title in here.items()
        if (name := title.strip().casefold()) and counted[name] == 1 and own[name] == 1
    }
