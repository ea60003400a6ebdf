"""The one place that knows the JSON shapes of the service: request bodies out, answers in.

Nothing here trusts an answer. What cannot be used at all raises UnusableAnswer; what is merely odd is read as far as
it makes sense, because the public references contradict each other (docs/api.md, sections Shapes and Contradictions).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from pipeline import jsontext
from pipeline.jsontext import as_text
from pipeline.models import CustomField, Json, Listed, Member, PageRequest, Record, Status, WriteAnswer
from pipeline.showing import visible_line

T = TypeVar("T")

Reader = Callable[[bytes], T]
"""A function that makes a value of an answer's body, or raises UnusableAnswer."""

DETAIL_LENGTH = 200

_ERROR_KEYS = ("error", "errors", "message", "detail", "details", "error_description", "reason", "title")
_TEXT_KEYS = ("first", "last", "display_name", "email", "avatar", "created", "updated")
_UUID_KEYS = ("uuid", "contact_id", "contactID")
_OWNER_KEYS = ("assigned_user_id", "assignee_id")
_CHANNEL_KEYS = ("contact_channels", "channels")
_BLOCKED_KEYS = ("blocked", "is_blocked")
_COUNT_KEYS = ("count", "total", "contacts", "total_count")
_BOOLEANS: Mapping[object, bool] = {True: True, False: False, "true": True, "false": False, "1": True, "0": False}

# Digits that stand together or are held together by the punctuation of a phone number: personal data.
_LONG_NUMBER = re.compile(r"\+?\d(?:[\s().-]{0,2}\d){6,}")
_EMAIL = re.compile(r"[^\s@<>\"',;:]+@(?=[^\s@])")
_TOKEN = re.compile(r"\beyJ[\w-]+(?:\.[\w-]*)*")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HTML_TITLE = re.compile(r"<title[^>]*>([^<]*)", re.IGNORECASE)


class UnusableAnswer(ValueError):
    """The answer is not JSON, or not in a shape that holds what was asked for."""


# Request bodies


def search_body(values: Sequence[str], kind: str = "phone") -> dict[str, Json]:
    """Return the body of a search by phone (E.164 digits without the plus), by another channel, or by UUID (id)."""
    return {"contact_channels": [{"channel_type": kind, "channel_ids": list(values)}]}


def page_body(request: PageRequest) -> dict[str, Json]:
    """Return the body that asks for one page of the contact list; what is None is left out."""
    asked = {
        "date": request.date,
        "ascending": request.ascending,
        "limit": request.limit,
        "page": request.page,
        "archived": request.archived,
    }
    return {name: value for name, value in asked.items() if value is not None}


def channel_body(kind: str, value: str) -> dict[str, Json]:
    """Return a channel as it is written, alone or in the `contact_channels` of a contact."""
    return {"channel_type": kind, "channel_id": value}


def status_body(contact_id: int, word: str) -> dict[str, Json]:
    """Return the body that gives a contact a status: active, blocked, unblocked, subscribed or unsubscribed."""
    return {"id": contact_id, "status": word}


# Answers


def read_records(body: bytes) -> tuple[Record, ...]:
    """Read an array of contacts, or an object that holds one; `null` is an empty array.

    Raises UnusableAnswer when it is neither, or when an element has no integer id: a contact that cannot be told apart
    must not be dropped silently.
    """
    return tuple(_record(text) for text in _elements(body))


def read_record(body: bytes) -> Record | None:
    """Read one contact: an object, or an array that holds one. None for `null` and the empty array."""
    value = _decode(body)
    if value is None:
        return None
    elements = jsontext.split_array(body if isinstance(value, list) else b"[" + body + b"]")
    return _record(elements[0]) if elements else None


def read_listed(body: bytes) -> tuple[Listed, ...]:
    """Read what a walk needs of an array of contacts, faster than `read_records`, and raise as that does."""
    return tuple(_listed(text) for text in _elements(body))


def read_stored(text: bytes) -> Record:
    """Read one contact that was kept as `Record.raw`. Raises UnusableAnswer."""
    return _record(text)


def read_id(text: bytes) -> int:
    """Read the ID of a contact that was kept as `Record.raw`. Raises UnusableAnswer, InvalidJson."""
    found = jsontext.find_id(text)
    if found is not None:
        return found
    value = jsontext.decode(text)
    number = _identity(value.get("id")) if isinstance(value, dict) else None
    if number is None:
        raise UnusableAnswer("it has no integer id")
    return number


def read_write_answer(body: bytes) -> WriteAnswer:
    """Read the answer to a create or update: an object, an array holding one, or anything else (then without id)."""
    value = _first_object(body)
    if value is None:
        return WriteAnswer(id=None)
    return WriteAnswer(
        id=_identity(value.get("id")), rev=_integer(value.get("rev")), uuid=_first_text(value, _UUID_KEYS)
    )


def read_shown_contacts(body: bytes) -> dict[str, WriteAnswer]:
    """Read phone -> identity of whatever contacts an answer shows; an answer that is a mere word shows none.

    Raises UnusableAnswer when it is not JSON: then it may have been cut short, and nothing is known.
    """
    value = _decode(body)
    held = [element for element in value.values() if isinstance(element, list)] if isinstance(value, dict) else [value]
    shown = [each for elements in held if isinstance(elements, list) for each in elements if isinstance(each, dict)]
    return {
        phone: WriteAnswer(number, _integer(each.get("rev")), _first_text(each, _UUID_KEYS))
        for each in shown
        if (phone := _digits(each.get("phone"))) and (number := _identity(each.get("id"))) is not None
    }


def read_count(body: bytes) -> int | None:
    """Read a count: a number, or an object holding one. None when there is none to be found."""
    value = _decode(body)
    if isinstance(value, dict):
        named = [value[key] for key in _COUNT_KEYS if key in value]
        if not named and len(value) == 1:
            named = list(value.values())
        value = next((held for held in named if _integer(held) is not None), None)
    count = _integer(value)
    return count if count is not None and count >= 0 else None


def read_custom_fields(body: bytes) -> tuple[CustomField, ...]:
    """Read the list of custom fields; an element without an ID is no field that could be written and is left out."""
    return tuple(
        CustomField(field_id, _first_text(value, ("title", "name", "label"))) for field_id, value in _identified(body)
    )


def read_tags(body: bytes) -> list[tuple[int, str, str]]:
    """Read a page of tags as (id, name, date for the next page); elements without an id are left out."""
    return [
        (tag_id, _first_text(value, ("tag", "title", "name")), _first_text(value, ("updated", "date", "created")))
        for tag_id, value in _identified(body)
    ]


def read_array_length(body: bytes) -> int:
    """Return how many elements an array (or an object holding one) has."""
    return len(_elements(body))


def read_team(body: bytes) -> dict[str, Json]:
    """Read `{id, name}` of the team; an absent id is None, an absent name empty."""
    value = _first_object(body)
    if value is None:
        raise UnusableAnswer("the answer holds no team")
    return {"id": _identity(value.get("id")), "name": as_text(value.get("name"))}


def read_members(body: bytes) -> tuple[Member, ...]:
    """Read the members of the team; one without an ID cannot own a contact and is left out."""
    members = (_first_object(body) or {}).get("members")
    if not isinstance(members, list):
        raise UnusableAnswer("the answer holds no members of the team")
    return tuple(
        Member(member_id, as_text(member.get("name")), as_text(member.get("email")))
        for member in members
        if isinstance(member, dict) and (member_id := _identity(member.get("id"))) is not None
    )


def read_anything(_: bytes) -> None:
    """Take an answer whose shape does not matter: what came of the request is looked up."""


def read_channels(body: bytes) -> tuple[tuple[str, str], ...]:
    """Read the channels of a contact as (type, value), in their order; one that lacks either is left out.

    Phones are digits. Raises UnusableAnswer where the answer holds no list.
    """
    return tuple(channel for element in _elements(body) if (channel := _channel(jsontext.decode(element))))


def read_shown_channels(body: bytes) -> tuple[tuple[str, str], ...] | None:
    """Read the channels that the answer to a change of them shows: a list, one of them, or None for a mere word.

    Raises UnusableAnswer when it is not JSON: then it may have been cut short, and nothing is known.
    """
    value = _decode(body)
    if isinstance(value, dict) and _channel(value) is None:
        lists = [held for held in value.values() if isinstance(held, list)]
        value = lists[0] if len(lists) == 1 else None
    elements = value if isinstance(value, list) else [value]
    shown = [channel for element in elements if (channel := _channel(element))]
    return tuple(shown) if len(shown) == len(elements) else None


def read_status(body: bytes) -> Status | None:
    """Read the status of a contact; None when the answer says nothing of it.

    The older page has two more flags, for who unsubscribed it; it is unsubscribed where any of the three is true.
    """
    value = _first_object(body) or {}
    names = ("unsubscribed", "unsubscribed_admin", "unsubscribed_contact")
    unsubscribed, by_admin, by_contact = (_boolean(value.get(name)) for name in names)
    known = [flag for flag in (unsubscribed, by_admin, by_contact) if flag is not None]
    status = Status(any(known) if known else None, _blocked(value), by_admin, by_contact)
    return None if status == Status() else status


# The server's own words, for messages


def error_detail(body: bytes) -> str:
    """Return the server's own words about an error: one line, shortened, long numbers and addresses masked.

    Source: docs/api.md, section Errors: a JSON object, a JSON string or plain text.
    """
    try:
        text = _words(jsontext.decode(body))
    except jsontext.InvalidJson:
        text = body.decode("utf-8", errors="replace")
    if text.lstrip().startswith("<"):
        title = _HTML_TITLE.search(text)
        text = f"an HTML page: {title[1]}" if title else "an HTML page"
    return shorten(mask_personal(text))


def mask_personal(text: str) -> str:
    """Return `text` with long numbers (phones), the names of mail addresses and tokens masked."""
    text = _TOKEN.sub("***", text)
    text = _EMAIL.sub("***@", text)
    return _LONG_NUMBER.sub("***", text)


def shorten(text: str, length: int = DETAIL_LENGTH) -> str:
    """Return `text` as one line of at most `length` characters, without what cannot be printed."""
    line = visible_line(" ".join(text.split()))
    return line if len(line) <= length else f"{line[: length - 3]}..."


# Pieces


def _decode(body: bytes) -> Json:
    try:
        return jsontext.decode(body)
    except jsontext.InvalidJson as error:
        raise UnusableAnswer("the answer is not JSON, or was cut short") from error


def _first_object(body: bytes) -> dict[str, Json] | None:
    """Return the object that an answer is, or the first one of an array; None where there is none."""
    value = _decode(body)
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, dict) else None


def _elements(body: bytes) -> list[bytes]:
    try:
        text = body.strip()
        if text[:1] == b"{":
            text = _held_array(text)
        if text[:1] == b"[":
            return jsontext.split_array(text)
        value = jsontext.decode(text)
    except jsontext.InvalidJson as error:
        raise UnusableAnswer("the answer is not JSON, or was cut short") from error
    if value is None:
        return []
    raise UnusableAnswer("the answer holds no list")


def _identified(body: bytes) -> Iterator[tuple[int, dict[str, Json]]]:
    """Yield the objects of an array that have an ID, with it."""
    for value in map(jsontext.decode, _elements(body)):
        if isinstance(value, dict) and (identity := _identity(value.get("id"))) is not None:
            yield identity, value


def _held_array(body: bytes) -> bytes:
    """Return the one list of an object as it was written. Raises UnusableAnswer, InvalidJson."""
    value = jsontext.split_object(body)
    # An object that speaks of an error may hold an empty list beside it. Taken for an empty result, it would turn an
    # existing contact into a second one.
    if any(jsontext.decode(value[key]) for key in _ERROR_KEYS if key in value):
        raise UnusableAnswer("the answer speaks of an error where a list was expected")
    lists = [held for held in value.values() if held[:1] == b"["]
    if len(lists) == 1:
        return lists[0]
    if len(value) == 1:
        return next(iter(value.values()))
    raise UnusableAnswer("the answer holds no list, or more than one")


def _listed(text: bytes) -> Listed:
    shown = jsontext.decode_entry(text)
    if shown is None:
        return _unusual_record(text)
    shown.raw = text
    return shown


def _record(text: bytes) -> Record:
    """Read a contact: as the service's usual form, which is quick, else field by field."""
    shown = jsontext.decode_usual(text)
    if shown is None:
        return _unusual_record(text)
    no_channels = shown.contact_channels is shown.channels is jsontext.ABSENT
    channels = shown.contact_channels or shown.channels or ()
    return Record(
        id=shown.id,
        phone=_digits(shown.phone),
        first=shown.first or "",
        last=shown.last or "",
        display_name=shown.display_name or "",
        email=shown.email or "",
        avatar=shown.avatar or "",
        assignee_id=_positive(shown.assigned_user_id) or _positive(shown.assignee_id),
        is_opted_out=shown.is_opted_out,
        custom=_without_nulls(shown.custom),
        tags=None if shown.tags is jsontext.ABSENT else _tag_ids(shown.tags),
        rev=shown.rev,
        created=shown.created or "",
        updated=shown.updated or "",
        uuid=shown.uuid or shown.contact_id or shown.contactID or (_uuid(channels[0].contact_id) if channels else ""),
        raw=text,
        channels=None if no_channels else _usual_channels(channels),
        is_blocked=shown.is_blocked if shown.blocked is None else shown.blocked,
    )


def _without_nulls(custom: Mapping[str, str | None] | None) -> dict[str, str]:
    return {key: held for key, held in custom.items() if held is not None} if custom else {}


def _tag_ids(tags: Sequence[jsontext.UsualTag] | None) -> tuple[int, ...]:
    return tuple([tag.tag_id for tag in tags]) if tags else ()


def _unusual_record(text: bytes) -> Record:
    value = _decode(text)
    if not isinstance(value, dict):
        raise UnusableAnswer("the answer holds something that is no contact")
    contact_id = _identity(value.get("id"))
    if contact_id is None:
        raise UnusableAnswer("the answer holds a contact without an integer id")
    texts = {key: as_text(value.get(key)) for key in _TEXT_KEYS}
    return Record(
        id=contact_id,
        phone=_digits(value.get("phone")),
        assignee_id=_owner(value),
        is_opted_out=_boolean(value.get("is_opted_out")),
        custom=_custom(value.get("custom")),
        tags=_tags(value["tags"]) if "tags" in value else None,
        rev=_integer(value.get("rev")),
        uuid=_first_text(value, _UUID_KEYS) or _channels_uuid(value),
        raw=text,
        channels=_channels(value),
        is_blocked=_blocked(value),
        **texts,
    )


def _owner(value: Mapping[str, Json]) -> int | None:
    for key in _OWNER_KEYS:
        owner = value.get(key)
        if owner is not None and (number := _identity(owner)) is not None:
            return number
    return None


def _custom(value: Json) -> dict[str, str]:
    if not value or not isinstance(value, dict):
        return {}
    return {key: as_text(held) for key, held in value.items() if held is not None}


def _tags(value: Json) -> tuple[int, ...] | None:
    # `null` is how some servers print an empty list; any other surprise means that tags are unreadable here.
    if value is None:
        return ()
    if not isinstance(value, list):
        return None
    found = [_tag(element) for element in value]
    known = tuple(tag for tag in found if tag is not None)
    return known if len(known) == len(found) else None


def _channels(value: Mapping[str, Json]) -> tuple[tuple[str, str], ...] | None:
    """Return the channels of a contact: all of them, or None where none are shown or not all can be read."""
    shown = _shown_channels(value)
    if shown is None:
        return None
    found = [_channel(element) for element in shown]
    known = tuple(channel for channel in found if channel)
    return known if len(known) == len(found) else None


def _shown_channels(value: Mapping[str, Json]) -> list[Json] | None:
    held = [value[key] for key in _CHANNEL_KEYS if key in value]
    for shown in held:
        # As with tags, `null` may be an empty list.
        if shown is not None and shown != []:
            return shown if isinstance(shown, list) else None
    return [] if held else None


def _channels_uuid(value: Mapping[str, Json]) -> str:
    shown = _shown_channels(value)
    first = shown[0] if shown else None
    return _uuid(first.get("contact_id")) if isinstance(first, dict) else ""


def _channel(element: Json) -> tuple[str, str] | None:
    if not isinstance(element, dict):
        return None
    kind, value = element.get("channel_type"), element.get("channel_id")
    if type(value) is int:
        value = str(value)
    return _pair(kind, value) if isinstance(kind, str) and isinstance(value, str) else None


def _usual_channels(channels: Sequence[jsontext.UsualChannel]) -> tuple[tuple[str, str], ...] | None:
    pairs = [_pair(each.channel_type, each.channel_id) for each in channels]
    known = tuple([pair for pair in pairs if pair])
    return known if len(known) == len(pairs) else None


def _pair(kind: str, value: str) -> tuple[str, str] | None:
    if kind == "phone":
        value = _digits(value)
    return (kind, value) if kind and value else None


def _uuid(value: Json) -> str:
    """Return the UUID of a contact that its channel names; an ID of another kind is none."""
    return value if isinstance(value, str) and _UUID.fullmatch(value) else ""


def _blocked(value: Mapping[str, Json]) -> bool | None:
    flags = (_boolean(value.get(key)) for key in _BLOCKED_KEYS)
    return next((flag for flag in flags if flag is not None), None)


def _tag(element: Json) -> int | None:
    if isinstance(element, dict):
        tag_id = _identity(element.get("tag_id"))
        return _identity(element.get("id")) if tag_id is None else tag_id
    return _identity(element)


def _positive(number: int | None) -> int | None:
    return number if number is not None and number > 0 else None


def _identity(value: Json) -> int | None:
    number = _integer(value)
    return number if number is not None and number > 0 else None


def _integer(value: Json) -> int | None:
    """Return a whole number that fits 64 bits, given as an integer, a whole float or digits; else None."""
    if type(value) is int:
        return value if -jsontext.LARGEST_INTEGER <= value <= jsontext.LARGEST_INTEGER else None
    if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if abs(value) <= jsontext.LARGEST_INTEGER else None


def _boolean(value: Json) -> bool | None:
    if isinstance(value, str):
        value = value.strip().lower()
    return _BOOLEANS.get(value) if isinstance(value, (str, int)) else None


def _first_text(value: Mapping[str, Json], keys: Sequence[str]) -> str:
    for key in keys:
        held = value.get(key)
        if held is not None and (text := as_text(held)):
            return text
    return ""


def _digits(value: Json) -> str:
    if type(value) is str and value.isascii() and value.isdecimal():
        return value
    return "".join(char for char in as_text(value) if char in "0123456789") if isinstance(value, (str, int)) else ""


def _words(value: Json) -> str:
    """Return the sentence that an error body holds: the first telling key, else the whole as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        telling = [_words(value[key]) for key in _ERROR_KEYS if value.get(key)]
        if telling:
            return "; ".join(telling)
    return "" if value in (None, {}, []) else jsontext.encode(value).decode()
