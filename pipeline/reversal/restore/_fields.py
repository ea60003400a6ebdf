"""Which fields of contacts are restored, where not all of them are."""

from collections.abc import Sequence

from pipeline.errors import InputError
from pipeline.models import Contact, Expected, Reject, Skip
from pipeline.reversal.restore._ids import IdMapping
from pipeline.showing import quoted
from pipeline.snapshots import Snapshot
from pipeline.values import Struct, replace

_STANDARD = {
    "first": "first", "last": "last", "display_name": "display_name", "email": "email", "picture": "avatar",
    "avatar": "avatar", "owner": "assignee_id", "opted_out": "is_opted_out",
}  # fmt: skip
_OTHERS = ("tags", "channels", "blocked")


class ChosenFields(Struct, frozen=True):
    """The standard fields, the custom fields by the account's IDs, and which of tags, channels and blocked."""

    standard: frozenset[str]
    custom: frozenset[str]
    others: frozenset[str]

    @classmethod
    def of(cls, names: Sequence[str], snapshot: Snapshot, ids: IdMapping) -> "ChosenFields":
        """Return what names of fields mean: of the record, or titles or IDs of custom fields of the snapshot.

        Raises InputError for a name that is none, or that two custom fields have.
        """
        titles: dict[str, list[str]] = {}
        for each in snapshot.fields():
            for name in {_folded(each.title), str(each.id)}:
                titles.setdefault(name, []).append(str(each.id))
        standard, custom, others = set[str](), set[str](), set[str]()
        for name in names:
            folded = _folded(name)
            if folded in _STANDARD:
                standard.add(_STANDARD[folded])
            elif folded in _OTHERS:
                others.add(folded)
            elif len(found := titles.get(folded, [])) == 1:
                custom.update(ids.fields[key] for key in found if key in ids.fields)
            else:
                raise _unknown(name, snapshot, several=bool(found))
        return cls(frozenset(standard), frozenset(custom), frozenset(others))

    def narrowed(self, row: Contact | Reject) -> Contact | Reject | Skip:
        """Return the row of a contact with nothing but these fields; nobody is made anew from a part."""
        if not isinstance(row, Contact):
            return row
        if row.expected == Expected():
            return Skip(row.line, "absent", "the contact is gone, and --fields makes none anew")
        return replace(
            row,
            fields={name: value for name, value in row.fields.items() if name in self.standard},
            custom={key: row.custom.get(key, "") for key in sorted(self.custom)},
            tags=row.tags if "tags" in self.others else None,
            channels=row.channels if "channels" in self.others else (),
            is_blocked=row.is_blocked if "blocked" in self.others else None,
        )


def _unknown(name: str, snapshot: Snapshot, *, several: bool) -> InputError:
    what = "is the title of several custom fields" if several else "is no field of the contacts in it"
    titles = ", ".join(f"{quoted(each.title)} ({each.id})" for each in snapshot.fields()) or "no custom field"
    return InputError(
        f"--fields: {quoted(name)} {what}. Nothing was sent.",
        advice=f"Known are {', '.join((*_STANDARD, *_OTHERS))}, and these by title or ID: {titles}.",
    )


def _folded(name: str) -> str:
    return name.strip().casefold()
