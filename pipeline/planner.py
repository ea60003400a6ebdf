"""Decide what to do with a contact: wanted + record + policy -> a change or an outcome. Pure, no I/O.

What is sent with an update, and why (the table in docs/policies.md):

- the names always, because the service overwrites them on every update (docs/api.md, section Guide);
- everything else that the record holds is sent along unchanged (echo), because what the service blanks when a field
  is left out is not known;
- `is_opted_out: false` never, unless opt-ins are allowed (the consent ratchet); `true` always, where it is known.
"""

import hashlib
from collections.abc import Mapping
from typing import Literal

from pipeline import jsontext
from pipeline.jsontext import as_text
from pipeline.models import (
    MAX_TAGS,
    STANDARD_FIELDS,
    Change,
    ChangeKind,
    Contact,
    FieldChange,
    Json,
    OnExisting,
    Outcome,
    OutcomeKind,
    Record,
)
from pipeline.values import Struct

_SUPPRESSIONS = "email_suppressions"

_NOTHING: tuple[Json, ...] = (None, "", [], {})

_COMPARED_OTHERWISE = frozenset(
    (
        *("id", "uuid", "contact_id", "contactID", "phone", "first", "last", "display_name", "email", "avatar"),
        *("assigned_user_id", "assignee_id", "is_opted_out", "custom", "tags", "created", "updated", "rev", "op"),
    )
)
"""What `differences` looks at, and what every write changes."""

UNASSIGNED = -1
"""The write value that takes the owner away. Source: docs/api.md, section Shapes."""

TagMode = Literal["auto", "add", "replace"]
"""What happens to the tags that a contact has: auto adds under merge and replaces under overwrite."""

CameBack = Literal["report", "opt_out", "keep"]
"""What happens to a contact that may be texted though an older no is known: it is reported, opted out, or kept so."""

OnConflict = Literal["reject", "newest"]
"""What happens to a row whose phone several contacts have: it is rejected, or means the one edited last."""


class Policy(Struct, frozen=True):
    """How an import treats contacts that exist. `custom_mapped`: the input has columns for custom fields.

    `on_conflict` says which of several contacts with one phone is meant: none (the row is rejected), or the newest.
    Without `may_create` a row whose contact is not there is skipped. `came_back` is None where rows do not speak for
    people, as those of an undo. `allow_unblock`: rows may unblock people.
    """

    on_existing: OnExisting
    allow_opt_in: bool = False
    custom_mapped: bool = True
    tags: TagMode = "auto"
    on_conflict: OnConflict = "reject"
    may_create: bool = True
    came_back: CameBack | None = None
    allow_unblock: bool = False


def plan_contact(seq: int, wanted: Contact, record: Record | None, policy: Policy) -> Change | Outcome:
    """Return the write that brings the record to what is wanted, or the outcome when nothing is to be written."""
    if wanted.to_delete:
        return _delete(seq, wanted, record)
    if record is None:
        return _create(seq, wanted) if policy.may_create else _absent(seq, wanted)
    if policy.on_existing is OnExisting.SKIP:
        reason = "a contact with this phone exists and on_existing is skip"
        notes = (*wanted.notes, *_consent_notes(wanted, record, policy))
        return Outcome(seq, OutcomeKind.SKIPPED, "exists", reason, contact_id=record.id, notes=notes)
    tags, tags_problem = _wanted_tags(wanted, record, policy)
    if tags_problem:
        return Outcome(
            seq, OutcomeKind.REJECTED, "too_many_tags", tags_problem, contact_id=record.id, notes=wanted.notes
        )
    values = _wanted_values(wanted, record, policy)
    custom = _wanted_custom(wanted, record, policy)
    notes = (*wanted.notes, *_consent_notes(wanted, record, policy), *_tag_notes(wanted, record))
    fields = (*_value_changes(values, record), *_custom_changes(custom, record), *_tag_changes(tags, record))
    if not fields:
        return Outcome(seq, OutcomeKind.UNCHANGED, contact_id=record.id, notes=notes)
    return Change(
        seq=seq,
        kind=ChangeKind.UPDATE,
        phone=wanted.phone,
        body=_update_body(values, custom, tags, record)
        | ({"custom": _as_held(custom, record)} if _replaces_custom(policy) else {}),
        overwrite=_replaces_custom(policy),
        contact_id=record.id,
        before=record,
        fields=fields,
        notes=notes,
    )


def needs_consent(wanted: Contact, record: Record, planned: Change | Outcome) -> bool:
    """Whether the record's opt-out state must be asked for before `planned` may be carried out.

    It must where the state is not shown in the record and an update is due (one that leaves an unseen opt-out out of
    its body might blank it), or the row asks for an opt-in: what is refused of those is always said.
    """
    return record.is_opted_out is None and (isinstance(planned, Change) or wanted.fields.get("is_opted_out") is False)


def change_digest(change: Change) -> str:
    """Return a hash of what a change alters: equal for equal changes, whatever is sent along to survive.

    Custom fields count without their keys, because a field that an import makes has none yet when it is planned. An
    opt-out does not count: whether there is one already may not be known when the plan is made, and it does no harm.
    """
    facts = sorted(
        jsontext.encode_canonical([field.name.split(".", maxsplit=1)[0], field.old, field.new])
        for field in change.fields
        if not (field.name == "is_opted_out" and field.new is True)
    )
    return hashlib.sha256(b"\n".join((change.kind.value.encode(), *facts))).hexdigest()[:32]


def differences(change: Change, found: Record) -> tuple[FieldChange, ...]:
    """Return the fields of `found` that do not hold what `change` sent; empty means that the write is proved.

    What the service shows in no record (an unreadable opt-out or tags) or derives itself (a display name that no row
    gave, a re-hosted avatar) cannot be compared and is left out.
    """
    if change.kind is ChangeKind.DELETE:
        return (FieldChange("contact", found.id, None),)
    asked = {field.name for field in change.fields}
    wrong: list[FieldChange] = []
    for name, sent in change.body.items():
        match name:
            case "phone" | "avatar" | "custom":
                continue
            case "display_name" if "display_name" not in asked:
                continue
            case "is_opted_out" if found.is_opted_out is None:
                continue
            case "tags":
                wrong += _tag_changes(tuple(tag["tag_id"] for tag in sent), found)
            case _:
                wrong += _value_changes({name: sent}, found)
    wrong += _lost_picture(change, found)
    custom = change.body.get("custom", {})
    replaces = change.kind is ChangeKind.UPDATE and change.overwrite
    wrong += _custom_changes(custom if replaces else {**found.custom, **custom}, found)
    return tuple(wrong)


def _lost_picture(change: Change, found: Record) -> list[FieldChange]:
    # A service may show a copy of its own, so only a picture that was shown and is gone can be told.
    was_shown = change.before is not None and change.before.avatar and change.kind is ChangeKind.UPDATE
    kept = change.body.get("avatar")
    return [FieldChange("avatar", "", kept)] if was_shown and kept and not found.avatar else []


def find_damage(change: Change, found: Record, *, is_whole: bool) -> tuple[FieldChange, ...]:
    """Return what the contact had before an update of ours, outside of the write shape, and has not any more.

    `is_whole`: both records come from the same surface, so that what is not shown any more is gone. The names begin
    with `other.`; the value to bring back is `new`.
    """
    before = change.before
    if change.kind is not ChangeKind.UPDATE or before is None:
        return ()
    had, has = jsontext.decode(before.raw), jsontext.decode(found.raw)
    if not (isinstance(had, dict) and isinstance(has, dict)):
        return ()
    return tuple(
        FieldChange(f"other.{name}", has.get(name), value)
        for name, value in had.items()
        if name not in _COMPARED_OTHERWISE
        and value not in _NOTHING
        and has.get(name) in _NOTHING
        and (is_whole or name in has)
    )


def holds_more(change: Change, found: Record) -> bool:
    """Whether a contact that a create is said to have made holds fields that it did not send."""
    sent = change.body
    fields = [name for name in ("first", "last", "email", "avatar") if not is_blank(getattr(found, name))]
    custom = {key for key, value in found.custom.items() if not is_blank(value)}
    is_out = found.is_opted_out is True and not sent.get("is_opted_out")
    return is_out or any(name not in sent for name in fields) or not custom <= sent.get("custom", {}).keys()


def put_back(doubt: Change, found: Record) -> Record:
    """Return `found` with what a write of ours blanked put back as it was before that write.

    The service may apply a part of a write and blank the rest, and its answer may be lost. Planning from what is left
    would then take the blanks for the contact's own state. What was there before is known from the write itself: a
    field that was to change holds its old value, all others were sent along unchanged.
    """
    before: dict[str, Json] = {f"custom.{key}": value for key, value in doubt.body.get("custom", {}).items()}
    before |= {**doubt.body, "tags": [tag["tag_id"] for tag in doubt.body.get("tags", ())]}
    before |= {field.name: field.old for field in doubt.fields}
    custom = dict(found.custom)
    values: dict[str, Json] = {}
    for field in differences(doubt, found):
        if field.name not in before and not field.name.startswith("custom."):
            continue
        if not is_blank(field.old) and field.old not in ((), False):
            continue
        if field.name.startswith("custom."):
            custom[field.name.removeprefix("custom.")] = before[field.name]
        else:
            values[field.name] = tuple(before["tags"]) if field.name == "tags" else before[field.name]
    return found._replace(custom=custom, **values)


def _create(seq: int, wanted: Contact) -> Change:
    # `is_opted_out: false` is left out on purpose: it is the default of a new contact, and on a service that treats a
    # create as an update of the existing contact it would opt somebody back in.
    values = {name: value for name, value in wanted.fields.items() if value not in ("", False, UNASSIGNED)}
    custom = {key: value for key, value in wanted.custom.items() if value != ""}
    body: dict[str, Json] = {"phone": wanted.phone, **values}
    if custom:
        body["custom"] = custom
    if wanted.tags:
        body["tags"] = _tag_body(wanted.tags)
    fields = [FieldChange(name, "", value) for name, value in values.items()]
    fields += [FieldChange(f"custom.{key}", "", value) for key, value in custom.items()]
    if wanted.tags:
        fields.append(FieldChange("tags", (), wanted.tags))
    return Change(seq, ChangeKind.CREATE, wanted.phone, body, fields=tuple(fields), notes=wanted.notes)


def _delete(seq: int, wanted: Contact, record: Record | None) -> Change | Outcome:
    if record is None:
        return _absent(seq, wanted)
    held = [(name, getattr(record, name)) for name in STANDARD_FIELDS]
    held += [(f"custom.{key}", value) for key, value in record.custom.items()]
    # What is deleted is listed field by field.
    fields = [FieldChange(name, value, "") for name, value in held if not is_blank(value)]
    if record.tags:
        fields.append(FieldChange("tags", record.tags, ()))
    return Change(
        seq,
        ChangeKind.DELETE,
        wanted.phone,
        {},
        contact_id=record.id,
        before=record,
        fields=tuple(fields),
        notes=wanted.notes,
    )


def _absent(seq: int, wanted: Contact) -> Outcome:
    return Outcome(seq, OutcomeKind.SKIPPED, "absent", "the account has no such contact", notes=wanted.notes)


def _wanted_values(wanted: Contact, record: Record, policy: Policy) -> dict[str, Json]:
    """Return the standard fields that the row sets, after the policy and the rule against opting in."""
    values = dict(wanted.fields)
    if values.get("is_opted_out") is False and not (policy.allow_opt_in and record.is_opted_out):
        del values["is_opted_out"]
    if policy.on_existing is OnExisting.FILL:
        values = {
            name: value
            for name, value in values.items()
            # An opt-out is not a value to be preserved: "do not text me" is applied under every policy but skip.
            if name == "is_opted_out" or (value not in ("", UNASSIGNED) and is_blank(getattr(record, name)))
        }
    return values


def _wanted_custom(wanted: Contact, record: Record, policy: Policy) -> dict[str, Json]:
    """Return the custom object that the record is to hold afterwards (merge) or exactly (overwrite)."""
    if _replaces_custom(policy):
        return {key: value for key, value in wanted.custom.items() if value != ""}
    given = wanted.custom
    if policy.on_existing is OnExisting.FILL:
        given = {key: value for key, value in given.items() if value and is_blank(record.custom.get(key))}
    # Clearing what is already blank changes nothing.
    given = {key: value for key, value in given.items() if value or not is_blank(record.custom.get(key))}
    return {**record.custom, **given}


def _replaces_custom(policy: Policy) -> bool:
    # Without a mapped custom column, replacing would only erase all custom values.
    return policy.on_existing is OnExisting.OVERWRITE and policy.custom_mapped


def _wanted_tags(wanted: Contact, record: Record, policy: Policy) -> tuple[tuple[int, ...] | None, str]:
    """Return the tags to write (None: leave alone) and a problem or ""."""
    if wanted.tags is None or record.tags is None:
        return None, ""
    if policy.on_existing is OnExisting.FILL and record.tags:
        return None, ""
    if not wanted.tags or not _adds_tags(policy):
        return wanted.tags, ""
    union = tuple(dict.fromkeys((*record.tags, *wanted.tags)))
    if len(union) > MAX_TAGS:
        return (
            None,
            f"the contact's {len(record.tags)} tags and the row's would be {len(union)}; {MAX_TAGS} are allowed",
        )
    return union, ""


def _adds_tags(policy: Policy) -> bool:
    return policy.tags == "add" or (policy.tags == "auto" and policy.on_existing is OnExisting.MERGE)


def _consent_notes(wanted: Contact, record: Record, policy: Policy) -> tuple[str, ...]:
    refused = wanted.fields.get("is_opted_out") is False and record.is_opted_out is True and not policy.allow_opt_in
    return ("opt_in_refused",) if refused else ()


def _tag_notes(wanted: Contact, record: Record) -> tuple[str, ...]:
    return ("tags_unreadable",) if wanted.tags and record.tags is None else ()


def _value_changes(values: Mapping[str, Json], record: Record) -> list[FieldChange]:
    return [
        FieldChange(name, getattr(record, name), value)
        for name, value in values.items()
        if not _same(name, getattr(record, name), value)
    ]


def _custom_changes(custom: Mapping[str, Json], record: Record) -> list[FieldChange]:
    names = dict.fromkeys((*record.custom, *custom))
    pairs = [(name, as_text(record.custom.get(name)), as_text(custom.get(name))) for name in names]
    return [FieldChange(f"custom.{name}", old, new) for name, old, new in pairs if old.strip() != new.strip()]


def _tag_changes(tags: tuple[int, ...] | None, record: Record) -> list[FieldChange]:
    if tags is None or record.tags is None or set(tags) == set(record.tags):
        return []
    return [FieldChange("tags", record.tags, tags)]


def _same(name: str, old: Json, new: Json) -> bool:
    match name:
        case "is_opted_out":
            # An opt-out that the record does not show counts as not there: writing it again does no harm.
            return bool(bool(old) == new)
        case "assignee_id":
            return bool((old or UNASSIGNED) == (new or UNASSIGNED))
        case "email":
            return bool(old.strip().casefold() == new.strip().casefold())
        case _:
            return bool(old.strip() == new.strip())


def is_blank(value: Json) -> bool:
    """Whether a record's field holds nothing."""
    return value is None or value == "" or (isinstance(value, str) and not value.strip())


def _update_body(
    values: Mapping[str, Json], custom: Mapping[str, Json], tags: tuple[int, ...] | None, record: Record
) -> dict[str, Json]:
    body: dict[str, Json] = {"phone": record.phone, "first": record.first, "last": record.last}
    body |= {name: getattr(record, name) for name in ("email", "avatar") if getattr(record, name)}
    if record.assignee_id is not None:
        body["assignee_id"] = record.assignee_id
    if record.is_opted_out:
        body["is_opted_out"] = True
    body |= values
    display_name = _display_name(values, record)
    if display_name:
        body["display_name"] = display_name
    if custom:
        body["custom"] = _as_held(custom, record)
    body |= _suppressions(record)
    kept_tags = tags if tags is not None else record.tags
    if kept_tags or (tags is not None and record.tags):
        body["tags"] = _tag_body(kept_tags or ())
    return body


def held_custom(record: Record) -> dict[str, Json]:
    """Return the custom values of a record as the service holds them: numbers, booleans and lists are no texts."""
    shown = jsontext.decode(record.raw)
    custom = shown.get("custom") if isinstance(shown, dict) else None
    held = custom if isinstance(custom, dict) else {}
    return {
        key: held[key] if key in held and as_text(held[key]) == value else value for key, value in record.custom.items()
    }


def _as_held(custom: Mapping[str, Json], record: Record) -> dict[str, Json]:
    """Return custom values to be sent: those that stay are sent as they are held, and not as the texts of them."""
    stay = [key for key, value in custom.items() if key in record.custom and as_text(value) == record.custom[key]]
    held = held_custom(record) if stay else {}
    return {key: held[key] if key in stay else value for key, value in custom.items()}


def _suppressions(record: Record) -> dict[str, Json]:
    """Return the e-mail lists that a record refuses, where it shows them: they are sent along to survive."""
    if _SUPPRESSIONS.encode() not in record.raw:
        return {}
    held = jsontext.decode(record.raw).get(_SUPPRESSIONS)
    return {_SUPPRESSIONS: held} if held else {}


def _display_name(values: Mapping[str, Json], record: Record) -> str:
    """Return the display name to send: the row's, else the record's; one made of the names follows them."""
    if "display_name" in values:
        return str(values["display_name"])
    if record.display_name == _full_name(record.first, record.last):
        return _full_name(values.get("first", record.first), values.get("last", record.last))
    return record.display_name


def _full_name(first: Json, last: Json) -> str:
    return f"{first} {last}".strip()


def _tag_body(tags: tuple[int, ...]) -> list[dict[str, int]]:
    return [{"tag_id": tag} for tag in tags]
