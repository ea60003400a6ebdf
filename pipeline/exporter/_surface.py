"""Which of the two lists of contacts is read, where channels are to be backed up."""

from collections.abc import Sequence
from typing import Protocol

from pipeline.errors import RequestRefused, ServiceUnavailable
from pipeline.models import Listed, Page, PageRequest, Record
from pipeline.snapshots import Draft
from pipeline.wire import read_stored

_LOOKED_AT = 30
"""Contacts of either list that are looked at to choose one."""


class TwoLists(Protocol):
    """The part of the client that reads either list of contacts."""

    async def list_page(self, request: PageRequest) -> Page[Listed]:
        """Return one page of the list of version 1."""
        ...

    async def list_page_v2(self, request: PageRequest) -> Page[Listed]:
        """Return one page of the list of version 2."""
        ...


async def choose_surface(source: TwoLists, draft: Draft) -> None:
    """Let a draft be read from the list of version 2 where that alone shows channels, or UUIDs to ask for them by.

    Raises what the source raises, and StorageFailed.
    """
    if draft.facts.surface == "v2":
        return
    shown = [read_stored(each.raw) for each in (await source.list_page(PageRequest(limit=_LOOKED_AT))).records]
    try:
        newer = [read_stored(each.raw) for each in (await source.list_page_v2(PageRequest(limit=_LOOKED_AT))).records]
    except (RequestRefused, ServiceUnavailable):
        return
    if _reach(newer) > _reach(shown):
        draft.begin_anew("v2")


def _reach(records: Sequence[Record]) -> tuple[bool, bool]:
    """Return whether channels are shown, and UUIDs."""
    return any(each.channels is not None for each in records), any(each.uuid for each in records)
