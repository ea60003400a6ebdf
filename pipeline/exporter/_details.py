"""Channels and statuses of contacts (`export.detail = "full"`): from the list where it shows them, else asked for.

What is asked, and what was answered, stands in the draft; a killed export asks for the rest.
"""

from collections.abc import Awaitable, Callable, Container, Iterable, Iterator
from typing import Protocol, TypeVar

import anyio

from pipeline.errors import RequestRefused
from pipeline.exporter._listing import CountedSource, ExportTotals
from pipeline.models import Status
from pipeline.snapshots import CHANNELS, IS_BLOCKED, OPT_OUT, STATUS, WHO, Draft, status_of
from pipeline.values import replace
from pipeline.wire import read_stored

T = TypeVar("T")

_ASKED_AT_ONCE = 200
"""How many answers are saved together."""

_WITNESSES = 5
"""So many contacts that were just listed are asked about first. Where none is answered, the service lacks the call."""


class DetailSource(CountedSource, Protocol):
    """The part of the client that asks for channels and statuses."""

    async def get_status(self, contact_id: int) -> Status | None:
        """Return the status of a contact, or None where the service does not tell."""
        ...

    async def list_channels(self, uuid: str) -> tuple[tuple[str, str], ...]:
        """Return the channels of a contact as (type, value)."""
        ...


class DetailReader:
    """Asks for the channels and statuses of contacts that the list does not show, one request each."""

    def __init__(self, source: DetailSource, draft: Draft, concurrency: int) -> None:
        self._source = source
        self._draft = draft
        self._limiter = anyio.CapacityLimiter(concurrency)
        self._totals = ExportTotals(source, draft)

    def plan(self, contacts: Iterable[bytes], of: str, carried: dict[str, tuple[str, int]]) -> tuple[int, int]:
        """Note what is to be asked about these contacts; return how many requests for channels and for statuses.

        `of` says which contacts they are, `carried` how the rest is known, both as in the draft's facts. Who opted a
        contact out is asked for where the list shows that it is and the draft holds it: of others that is known from
        before. Raises StorageFailed.
        """
        draft = self._draft
        held = draft.ids()
        draft.note(replace(draft.facts, detail="full", detailed=of, carried=carried))
        draft.want_details(_wanted(contacts, held))
        return draft.count_unasked_details(CHANNELS), draft.count_unasked_details(STATUS)

    async def ask(self, advance: Callable[[int], None]) -> None:
        """Ask for all that was planned. `advance` is told how many more were asked for.

        Raises what the source raises; what was answered by then is saved.
        """
        draft = self._draft

        async def status(contact_id: int, _: str) -> Status | None:
            return await self._source.get_status(contact_id)

        async def who(contact_id: int, _: str) -> Status | None:
            told = await self._source.get_status(contact_id)
            return None if told is None or (told.by_admin is None and told.by_contact is None) else told

        async def channels(_: int, uuid: str) -> tuple[tuple[str, str], ...] | None:
            try:
                return await self._source.list_channels(uuid)
            except RequestRefused:
                # Deleted since, or a call that the service lacks: either way they are not known.
                return None

        await self._ask_all(OPT_OUT | IS_BLOCKED, status, draft.save_statuses, advance)
        await self._ask_all(WHO, who, draft.save_statuses, advance)
        await self._ask_all(CHANNELS, channels, draft.save_channels, advance)
        if draft.tells_opt_outs and not draft.facts.shows_opt_out:
            draft.note(replace(draft.facts, consent="status"))

    async def _ask_all(
        self,
        what: int,
        ask: Callable[[int, str], Awaitable[T | None]],
        save: Callable[[Iterable[tuple[int, T | None]]], None],
        advance: Callable[[int], None],
    ) -> None:
        draft, is_answered, size = self._draft, False, _WITNESSES
        while contacts := draft.unasked_details(what, size):
            answers: list[tuple[int, T | None]] = []

            async def ask_one(contact_id: int, uuid: str, answers: list[tuple[int, T | None]] = answers) -> None:
                async with self._limiter:
                    answers.append((contact_id, await ask(contact_id, uuid)))

            try:
                async with anyio.create_task_group() as group:
                    for each in contacts:
                        group.start_soon(ask_one, *each)
            finally:
                save(answers)
                draft.note(self._totals.on(draft.facts))
            advance(len(contacts))
            is_answered = is_answered or any(told is not None for _, told in answers)
            if not is_answered:
                advance(draft.count_unasked_details(what))
                draft.stop_asking(what)
            size = _ASKED_AT_ONCE


def _wanted(contacts: Iterable[bytes], held: Container[int]) -> Iterator[tuple[int, str, str, int, bytes]]:
    for raw in contacts:
        record = read_stored(raw)
        status = status_of(record, None)
        wants = CHANNELS if record.channels is None else 0
        wants |= OPT_OUT | WHO if status.unsubscribed is None else 0
        wants |= IS_BLOCKED if status.blocked is None else 0
        # Who did it stands in no documented list.
        is_told = status.by_admin is not None or status.by_contact is not None
        wants |= WHO if status.unsubscribed and record.id in held and not is_told else 0
        if wants:
            yield record.id, record.phone, record.uuid, wants, raw
