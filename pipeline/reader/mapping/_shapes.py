"""Contacts in the shape in which they are sent, for a file of normalised contacts."""

from pipeline.models import Contact, Json


def contact_json(contact: Contact) -> dict[str, Json]:
    """Return a contact in the write shape, with its line as `_row`. Source: docs/contract.md, section Files."""
    shape: dict[str, Json] = {"_row": contact.line, "phone": contact.phone, **dict(sorted(contact.fields.items()))}
    if contact.custom:
        shape["custom"] = dict(sorted(contact.custom.items()))
    if contact.tags is not None:
        shape["tags"] = [{"tag_id": tag} for tag in contact.tags]
    if contact.channels:
        shape["contact_channels"] = [{"channel_type": kind, "channel_id": value} for kind, value in contact.channels]
    if contact.is_blocked is not None:
        shape["status"] = "blocked" if contact.is_blocked else "unblocked"
    return shape


def contact_of(shape: Json) -> Contact:
    """Return the contact of a shape that `contact_json` made; what the shape does not tell is left out."""
    tags = shape.pop("tags", None)
    channels = shape.pop("contact_channels", ())
    status = shape.pop("status", None)
    line, phone, custom = shape.pop("_row"), shape.pop("phone"), shape.pop("custom", {})
    return Contact(
        line,
        phone,
        shape,
        custom,
        None if tags is None else tuple(tag["tag_id"] for tag in tags),
        channels=tuple((each["channel_type"], each["channel_id"]) for each in channels),
        is_blocked=None if status is None else status == "blocked",
    )
