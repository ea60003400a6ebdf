"""One person as a person reads it. Personal data is shown whole: that is what it is asked for."""

from pipeline.models import Json
from pipeline.results import DuplicateSummary, Forgotten, FoundPeople, FoundPerson, PastWrite
from pipeline.showing import visible


def people_text(found: FoundPeople) -> str:
    """Return everybody who was found, and what runs wrote to them."""
    if not found.people:
        return f"Nobody was found (asked by {' and by '.join(found.asked)})."
    lines = [line for person in found.people for line in _person_lines(person)]
    if len(found.people) > 1:
        lines.append(f"{len(found.people)} contacts were found (asked by {' and by '.join(found.asked)}).")
    if found.history is not None:
        lines.append("What changed:" if found.history else "No run of this machine wrote to them.")
        lines += [line for write in found.history for line in _write_lines(write)]
    return "\n".join(lines)


def duplicates_text(found: DuplicateSummary) -> str:
    """Return how many contacts share something, and where they are listed."""
    if not found.groups:
        return f"No two contacts of {found.snapshot} share a phone, an address or another channel."
    lines = [f"  {count:>9,} {kind}" for kind, count in sorted(found.groups.items())]
    said = f"{found.contacts:,} contacts of {found.snapshot} share something; nothing was merged. What is shared:"
    return "\n".join([said, *lines, f"List: {visible(found.path)}"])


def forgotten_text(found: Forgotten) -> str:
    """Return how a person was forgotten, and what still holds them."""
    lines = [f"{found.deletion.tally.deleted:,} contacts were deleted; no import and no restore brings them back."]
    for name, places, how in (
        ("runs", found.runs, "hmpipe runs purge"),
        ("snapshots", found.snapshots, "hmpipe snapshots prune"),
    ):
        if places:
            lines.append(
                f"Still held, for backups are never rewritten, by {len(places)} {name} ('{how}' removes old ones):"
            )
            lines += [f"  {place}" for place in places]
    if found.unread:
        lines += ["Not read, so it is not known whether they hold them:", *(f"  {place}" for place in found.unread)]
    return "\n".join(lines)


def _person_lines(person: FoundPerson) -> list[str]:
    shown: dict[str, Json] = {
        "phone": f"+{person.phone}" if person.phone else "(none)",
        "name": " ".join((person.first, person.last)).strip(),
        "shown as": person.display_name,
        "e-mail": person.email,
        "opted out": _opt_out(person),
        "blocked": _flag(person.blocked),
        "known no": person.known_no,
        "owner": person.owner,
        "tags": "unknown" if person.tags is None else ", ".join(person.tags),
        **{f"{title}": value for title, value in person.custom.items()},
        "picture": person.avatar,
        "channels": "unknown"
        if person.channels is None
        else ", ".join(f"{kind} {value}" for kind, value in person.channels),
        "UUID": person.uuid or "unknown",
        "created": person.created,
        "updated": person.updated,
    }
    lines = [f"  {name:<12} {visible(str(value))}" for name, value in shown.items() if value not in ("", None)]
    return [f"Contact {person.id}", *lines]


def _opt_out(person: FoundPerson) -> str:
    who = [
        name
        for name, said in (("an admin", person.opted_out_by_admin), ("the contact", person.opted_out_by_contact))
        if said
    ]
    return _flag(person.opted_out) + (f", by {' and '.join(who)}" if who else "")


def _flag(value: bool | None) -> str:
    return "unknown: the service does not tell" if value is None else "yes" if value else "no"


def _write_lines(write: PastWrite) -> list[str]:
    fields = [f"      {field.name}: {_value(field.old)} -> {_value(field.new)}" for field in write.fields]
    if not write.run_id:
        return [f"  {write.at[:19]}  {visible(write.outcome)}", *fields]
    return [f"  {write.at[:19]}  {write.run_id}, line {write.line}: {write.kind}, {write.outcome}", *fields]


def _value(value: Json) -> str:
    return "(blank)" if value in ("", None, [], ()) else visible(str(value))
