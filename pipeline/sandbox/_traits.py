"""Traits: every contradicted or unknown point of the API as a named switch."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_TRUE_WORDS = {"true": True, "false": False}


def _choice(default: str | int | bool, *others: str | int | bool, doc: str) -> Any:
    return field(default=default, metadata={"default": default, "allowed": (default, *others), "doc": doc})


def _flag(default: bool, *, doc: str) -> Any:
    return field(default=default, metadata={"default": default, "allowed": (True, False), "doc": doc})


def _number(default: int, *, doc: str) -> Any:
    return field(default=default, metadata={"default": default, "allowed": (), "doc": doc})


@dataclass(frozen=True, slots=True)
class TraitInfo:
    """One trait, described for a person. `allowed` is empty where any whole number from 0 up will do."""

    name: str
    default: str | int | bool
    allowed: tuple[str | int | bool, ...]
    doc: str


@dataclass(frozen=True, slots=True)
class Traits:
    """How this emulated server behaves where the documents contradict each other or are silent.

    The defaults follow the newer documents. Source: docs/api.md, sections Contradictions and List cursor.
    Raises ValueError when a value is not among the allowed ones.
    """

    # Batch endpoint.
    batch_answer: str = _choice(
        "contacts", "failed", "ok", doc="POST /v1/batch/contacts answers the contacts, the failed ones (or ok), or ok"
    )
    batch_custom: str = _choice("keep", "drop", doc="whether a batch stores custom fields")
    batch_tags: str = _choice("keep", "drop", doc="whether a batch stores tags")
    batch_existing: str = _choice(
        "flag",
        "update",
        "skip",
        "duplicate",
        "error",
        doc="a batch entry whose phone exists; flag: ?overwrite=true updates it, otherwise it is skipped",
    )
    batch_limit: int = _number(0, doc="most entries of one bulk call (0: any number)")
    too_large_status: int = _choice(413, 400, doc="status of a call with too many entries or values")
    # Single writes.
    create_existing: str = _choice("error", "upsert", "duplicate", doc="POST /v1/contact with a phone that exists")
    existing_status: int = _choice(400, 409, 422, doc="status where an existing phone is an error")
    update_blanks: str = _choice(
        "names",
        "nothing",
        "all",
        doc="what an update blanks when it is left out: the three names, nothing, or every standard field and the tags",
    )
    write_opt_out: str = _choice(
        "keep", "drop", doc="whether creates and updates store is_opted_out; drop: only set_status changes it"
    )
    update_loses: str = _choice(
        "nothing",
        "batch_avatar",
        "batch_external_id",
        "external_id",
        doc="what an update blanks, whatever was sent: in a batch the avatar or the external_id, or the latter always",
    )
    update_resets_opt_out: bool = _flag(False, doc="an update without is_opted_out sets it to false")
    nulls: str = _choice("blank", "omit", doc="null in a write erases the value, or counts as left out")
    overwrite_default: bool = _flag(False, doc="what a missing ?overwrite= means")
    unknown_custom: str = _choice("drop", "refuse", doc="a custom key that is no field ID")
    custom_values: str = _choice(
        "scalars", "any", doc="custom values may be texts, numbers and booleans, or lists and objects as well"
    )
    unknown_tag: str = _choice("refuse", "drop", doc="a tag_id that does not exist")
    display_name: str = _choice("stored", "derived", doc="derived: an empty display name reads as First Last")
    missing_status: int = _choice(404, 400, doc="status for a contact that is not there")
    # Reading.
    opt_out_readable: bool = _flag(False, doc="is_opted_out shows in contacts")
    uuid_readable: bool | str = _choice(
        False, "v2", True, doc="uuid shows in contacts: in none, in those of version 2 answers, or in all"
    )
    channels_shown: str = _choice(
        "none", "v2", "all", doc="contact_channels shows in contacts: in none, in those of version 2 answers, or in all"
    )
    blocked_shown: str = _choice(
        "status", "list", "nowhere", doc="blocked shows in the status answer, in contacts as well, or nowhere"
    )
    avatar_shown: str = _choice(
        "given", "copied", doc="copied: a picture reads as the address of the server's own copy"
    )
    tags_read_shape: str = _choice(
        "objects", "ints", "named", "missing", doc="tags read as {tag_id}, as numbers, as {id, tag}, or not at all"
    )
    owner_read_as: str = _choice("assigned_user_id", "assignee_id", doc="the name under which the owner is read")
    status_shape: str = _choice("short", "long", doc="long adds unsubscribed_admin and unsubscribed_contact")
    status_call: str = _choice("there", "missing", doc="missing: POST /v1/contact/status is a 404")
    status_touches: bool = _flag(True, doc="a change of status raises rev and updated")
    timestamp_precision: str = _choice("seconds", "millis", "micros", doc="digits of created and updated")
    # Listing.
    direction: str = _choice("newest", "oldest", doc="default order of the contact list")
    cursor: str = _choice("exclusive", "inclusive", doc="whether contacts stamped exactly `date` are in the page")
    cursor_compares: str = _choice(
        "shown", "stored", doc="`date` is compared with the shown stamp, or with the stored microseconds"
    )
    honours_ascending: bool = _flag(True, doc="the list obeys `ascending`")
    honours_limit: bool = _flag(True, doc="the list obeys `limit`")
    honours_page: bool = _flag(True, doc="the list obeys `page`")
    page_base: int = _choice(0, 1, doc="number of the first page")
    page_with_date: str = _choice(
        "combine", "ignore_page", "ignore_date", doc="what happens when `page` and `date` are both given"
    )
    page_default: int = _number(30, doc="contacts a page when `limit` is not given or not obeyed")
    page_max: int = _number(100, doc="largest page (0: any)")
    lists_opted_out: bool = _flag(True, doc="opted-out contacts are in the list")
    archived_listed: str = _choice(
        "asked",
        "apart",
        "always",
        "never",
        doc="archived contacts are in the list where `archived` is true, then alone in it (apart), always, or never",
    )
    count: str = _choice("present", "missing", doc="missing: POST /v1/contacts/count is a 404")
    count_shape: str = _choice("object", "number", "text", doc='{"count": 5}, 5 or "5"')
    # Search.
    search_limit: int = _number(0, doc="most values of one search (0: any number)")
    search_overflow: str = _choice("refuse", "cap", doc="more values than that: refused, or the rest ignored silently")
    # Fields, channels and bulk.
    v2_surface: str = _choice(
        "there",
        "missing",
        "forbidden",
        doc="version 2 contacts and their channels, apart from the search: there, a 404, or a 403",
    )
    channel_calls: str = _choice(
        "work",
        "ignored",
        "refused",
        "missing",
        doc="changes of channels: made, answered with 200 and not made, a 400, or (with the lists of channels) a 404",
    )
    channel_answer: str = _choice(
        "list", "one", "word", doc="a change of channels answers the channels afterwards, the one sent, or a word"
    )
    channel_touches: bool = _flag(True, doc="a change of channels raises rev and updated")
    field_list_shape: str = _choice("array", "object", doc='contact-fields as an array or as {"fields": [...]}')
    field_id_shape: str = _choice("int", "string", doc="IDs of custom fields as numbers or as texts")
    channel_id_shape: str = _choice("int", "string", doc="IDs of channels as numbers or as texts")
    bulk_by_id: str = _choice(
        "ignore", "update", "refuse", doc="a v2 bulk entry with contact_id: created anyway, an update, or failed"
    )
    bulk_existing: str = _choice("error", "upsert", "duplicate", doc="a v2 contact (single or bulk) whose phone exists")
    stamp: str = _choice(
        "bulk", "each", "one", doc="bulk: one `updated` a bulk call; each: one a contact; one: the same for everything"
    )
    # Refusals and limits.
    error_shape: str = _choice("object", "string", "text", doc="error bodies: JSON object, JSON string or plain text")
    limit_window: str = _choice("rolling", "fixed", "bucket", doc="how requests a minute are counted")
    limit_scope: str = _choice("key", "team", doc="one limit for each key, or one for all")
    retry_after: str = _choice("missing", "seconds", "date", doc="Retry-After on the limiter's 429")

    def __post_init__(self) -> None:
        for info in self.describe():
            _check(info, getattr(self, info.name))

    @classmethod
    def describe(cls) -> tuple[TraitInfo, ...]:
        """Return every trait with its allowed values and meaning, in the order of this page."""
        return tuple(
            TraitInfo(entry.name, entry.metadata["default"], entry.metadata["allowed"], entry.metadata["doc"])
            for entry in dataclasses.fields(cls)
        )

    @classmethod
    def parse(cls, items: Iterable[str], base: "Traits | None" = None) -> "Traits":
        """Return traits from `name=value` texts, the others as in `base` or at their defaults.

        Raises ValueError for an unknown name or a value that is not allowed.
        """
        values: dict[str, Any] = {}
        for item in items:
            name, equals, text = item.partition("=")
            if not equals:
                raise ValueError(f"A trait is written name=value, but this is '{item}'.")
            values[name.strip()] = text.strip()
        return cls.from_mapping(values, base)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], base: "Traits | None" = None) -> "Traits":
        """Return traits from a mapping whose values may be texts. Raises ValueError like `parse`."""
        known = {info.name: info for info in cls.describe()}
        chosen: dict[str, Any] = {}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"There is no trait '{name}'. Known traits: {', '.join(sorted(known))}.")
            chosen[name] = _read(known[name], value)
        return dataclasses.replace(base or cls(), **chosen)


def _read(info: TraitInfo, value: object) -> object:
    if not isinstance(value, str) or isinstance(info.default, str):
        return value
    if isinstance(info.default, bool):
        return _TRUE_WORDS.get(value.lower(), value)
    return int(value) if value.isascii() and value.isdigit() else value


def _check(info: TraitInfo, value: object) -> None:
    if any(value == each and type(value) is type(each) for each in info.allowed):
        return
    if not info.allowed and type(value) is int and value >= 0:
        return
    expected = ", ".join(_word(each) for each in info.allowed) or "a whole number from 0 up"
    raise ValueError(f"Trait {info.name} cannot be '{value}'. Allowed: {expected}.")


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
