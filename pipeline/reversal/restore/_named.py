"""The contacts that a list names, looked for in a snapshot: an ID is an ID of the snapshot, whoever is there now."""

from collections.abc import Iterable, Iterator

from pipeline.models import Contact, Record, Reject
from pipeline.values import Struct, field


class Missing(Struct, frozen=True):
    """An entry of the list that the snapshot does not hold, as the list gives it; one of `id` and `phone` may be ""."""

    id: str
    phone: str
    reason: str

    @property
    def value(self) -> str:
        """What is not there."""
        return self.id or self.phone


class NamedContacts(Struct):
    """Phones, and IDs with the phone that stands beside each, or ""; addresses and UUIDs; all with their lines.

    It remembers what it was asked about, so that it can say what was never found. Each is named once.
    """

    ids: dict[int, tuple[int, str]] = field(default_factory=dict)
    phones: dict[str, int] = field(default_factory=dict)
    others: dict[str, int] = field(default_factory=dict)
    _found: set[int | str] = field(default_factory=set)

    @classmethod
    def of(cls, rows: Iterable[Contact]) -> "NamedContacts":
        """Return what the rows of a list name: the ID where there is one, else the phone."""
        named = cls()
        for row in rows:
            if row.known_id:
                named.ids.setdefault(row.known_id, (row.line, row.phone))
            elif row.phone:
                named.phones.setdefault(row.phone, row.line)
            else:
                value = str(row.fields.get("uuid") or row.fields["email"])
                named.others.setdefault(value.casefold(), row.line)
        return named

    @property
    def content(self) -> tuple[object, ...]:
        """What the same list is recognised by."""
        return sorted((key, phone) for key, (_, phone) in self.ids.items()), sorted(self.phones), sorted(self.others)

    def names(self, record: Record) -> bool:
        """Whether a contact is on the list."""
        keys = {record.id} & self.ids.keys() | {record.phone} & self.phones.keys()
        known = {record.uuid, record.email, *(value for kind, value in record.channels or () if kind == "email")}
        keys |= {value.casefold() for value in known if value} & self.others.keys()
        self._found |= keys
        return bool(keys)

    def contradiction(self, line: int, record: Record) -> Reject | None:
        """Return why a contact that is named by its ID may not be the one that is meant: another phone stands there."""
        place, phone = self.ids.get(record.id, (0, ""))
        if not phone or phone == record.phone or record.phone in self.phones:
            return None
        reason = (
            f"line {place} of the list gives this phone for the contact with id {record.id}, which has another one in"
            " the snapshot; give the ID alone if it is the one that is meant"
        )
        return Reject(line, "id_mismatch", "Phone", phone, reason)

    def missing(self) -> Iterator[Missing]:
        """Yield what the snapshot does not hold, once all its contacts were asked about; in the order of the list."""
        entries = [(place, str(key), phone) for key, (place, phone) in self.ids.items() if key not in self._found]
        entries += [(place, "", phone) for phone, place in self.phones.items() if phone not in self._found]
        entries += [(place, value, "") for value, place in self.others.items() if value not in self._found]
        for place, key, phone in sorted(entries):
            what = "this phone" if phone and not key else f"id {key}" if key.isdecimal() else "this address or UUID"
            yield Missing(key, phone, f"the snapshot holds no contact with {what} (line {place} of the list)")
