"""The contact list: from a request and the traits to one page."""

from collections.abc import Mapping
from typing import Any

from pipeline.sandbox._answers import bad_data
from pipeline.sandbox._records import StoredContact
from pipeline.sandbox._stamps import UNITS, read_stamp
from pipeline.sandbox._store import Window
from pipeline.sandbox._traits import Traits
from pipeline.sandbox._world import World


def list_page(world: World, body: Mapping[str, Any]) -> list[StoredContact]:
    """Return the contacts of the page that `body` asks for.

    Raises Problem (400) for a parameter of the wrong type, also for one that is not obeyed.
    Source: docs/api.md, section List cursor; each open point is a trait.
    """
    traits = world.traits
    ascending = traits.direction == "oldest"
    wanted = _read_flag(body.get("ascending"), "ascending")
    if traits.honours_ascending and wanted is not None:
        ascending = wanted
    limit = _page_size(traits, _read_count(body.get("limit"), "limit"))
    page = _read_count(body.get("page"), "page")
    if not traits.honours_page:
        page = None
    cursor = read_date(body)
    if page is not None and cursor is not None and traits.page_with_date != "combine":
        page, cursor = (None, cursor) if traits.page_with_date == "ignore_page" else (page, None)
    skip = 0 if page is None else max(0, page - traits.page_base) * limit
    since, before = _bounds(traits, cursor, ascending=ascending)
    archived = read_archived(traits, body)
    window = Window(ascending=ascending, limit=limit, skip=skip, since=since, before=before, archived=archived)
    return world.store.page(window, with_opted_out=traits.lists_opted_out)


def read_archived(traits: Traits, body: Mapping[str, Any]) -> bool | None:
    """Return whether archived contacts are meant by a body, as in a window. Raises Problem (400)."""
    wanted = _read_flag(body.get("archived"), "archived")
    if traits.archived_listed in ("always", "never"):
        return traits.archived_listed == "always"
    return None if wanted and traits.archived_listed == "apart" else bool(wanted)


def _page_size(traits: Traits, wanted: int | None) -> int:
    if not traits.honours_limit or not wanted:
        return traits.page_default
    return min(wanted, traits.page_max) if traits.page_max else wanted


def _bounds(traits: Traits, cursor: int | None, *, ascending: bool) -> tuple[int | None, int | None]:
    if cursor is None:
        return None, None
    unit = UNITS[traits.timestamp_precision] if traits.cursor_compares == "shown" else 1
    first = cursor - cursor % unit
    beyond = first + unit
    inclusive = traits.cursor == "inclusive"
    if ascending:
        return (first if inclusive else beyond), None
    return None, (beyond if inclusive else first)


def _read_flag(value: object, name: str) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise bad_data(f"{name} must be true or false")


def _read_count(value: object, name: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise bad_data(f"{name} must be a whole number from 0 up")
    return value


def read_date(body: Mapping[str, Any]) -> int | None:
    """Return the stamp of `date` in a body, or None. Raises Problem (400)."""
    value = body.get("date")
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise bad_data("date must be a string")
    try:
        return read_stamp(value)
    except ValueError as error:
        raise bad_data("date is not a time stamp") from error
