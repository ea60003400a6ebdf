"""What an account holds beside contacts: custom fields, tags, lists, its team and inboxes."""

from dataclasses import dataclass, field
from typing import Any

from pipeline.sandbox._records import TEAM_ID, make_uuid
from pipeline.sandbox._stamps import stamp_text

FIRST_FIELD_ID = 101
FIRST_TAG_ID = 301
FIRST_LIST_ID = 901
TAG_PAGE = 30
FIRST_TAG_STAMP = 1_767_225_600_000_000
"""2026-01-01. Tags are stamped a second apart, so that their own cursor can reach each of them."""

MEMBERS = (
    {"id": 7001, "name": "Ada Example", "role": "admin"},
    {"id": 7002, "name": "Ben Example", "role": "member"},
)
INBOXES = ({"id": 8001, "name": "Sandbox inbox", "phone": "14155550100"},)


@dataclass(slots=True)
class EmulatedAccount:
    """Custom fields by id (titles may be shared or empty), tags by id, lists by id."""

    fields: dict[int, str] = field(default_factory=dict)
    tags: dict[int, str] = field(default_factory=dict)
    lists: dict[int, dict[str, Any]] = field(default_factory=dict)

    def add_field(self, title: str) -> int:
        """Add a custom field, also when the title exists, and return its id."""
        number = max(self.fields, default=FIRST_FIELD_ID - 1) + 1
        self.fields[number] = title
        return number

    def field_of(self, title: str) -> int | None:
        """Return the first field with this title (regardless of case), or None; an empty title has none."""
        wanted = title.strip().lower()
        matches = (number for number, known in self.fields.items() if known.strip().lower() == wanted)
        return next(matches, None) if wanted else None

    def add_tag(self, name: str) -> int:
        """Add a tag, or find the one with this name, and return its id."""
        for number, known in self.tags.items():
            if known == name:
                return number
        number = max(self.tags, default=FIRST_TAG_ID - 1) + 1
        self.tags[number] = name
        return number

    def tag_page(self, before: int | None, *, inclusive: bool, precision: str) -> list[dict[str, Any]]:
        """Return up to 30 tags, newest first, older than the stamp `before`."""
        page: list[dict[str, Any]] = []
        for number in sorted(self.tags, reverse=True):
            stamp = tag_stamp(number)
            if before is not None and (stamp > before or (stamp == before and not inclusive)):
                continue
            text = stamp_text(stamp, precision)
            name = self.tags[number]
            page.append(
                {"id": number, "tag": name, "color": "#808080", "team_id": TEAM_ID, "created": text, "updated": text}
            )
        return page[:TAG_PAGE]

    def team(self) -> dict[str, Any]:
        """Return the team. Source: docs/api.md, section Endpoints."""
        return {"id": TEAM_ID, "name": "Sandbox team", "list_size": len(self.lists), "members": list(MEMBERS)}

    def add_list(self, title: str, local_id: str, seed: int) -> dict[str, Any]:
        """Create a list, or return the one that this `local_id` created before."""
        for known in self.lists.values():
            if local_id and known["local_id"] == local_id:
                return known
        number = FIRST_LIST_ID + len(self.lists)
        entry = {
            "id": number,
            "rev": 1,
            "uuid": make_uuid(seed, -number),
            "title": title,
            "local_id": local_id,
            "contacts": [],
            "phones": [],
            "emails": [],
        }
        self.lists[number] = entry
        return entry


def tag_stamp(number: int) -> int:
    """Return when tag `number` was created, in microseconds."""
    return FIRST_TAG_STAMP + (number - FIRST_TAG_ID) * 1_000_000
