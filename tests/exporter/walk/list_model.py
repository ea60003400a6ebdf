"""A naive contact list in memory: every open point of the cursor is a switch, every request may come with edits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pipeline.errors import RequestRefused
from pipeline.exporter.walk._machine import Walk
from pipeline.models._contacts import Record
from pipeline.models._pages import Page, PageRequest
from pipeline.values import Struct

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Held(Struct):
    """A contact in the model. `moment` counts hidden ticks; `tick // coarse` is shown."""

    id: int
    moment: int
    rev: int = 1


class Habits(Struct, frozen=True):
    """How the model behaves. `largest` 0: any limit; `ties`: how contacts of one hidden moment are ordered."""

    page_default: int = 3
    largest: int = 0
    newest_first: bool = True
    inclusive: bool = False
    compares_stored: bool = False
    coarse: int = 1
    ascending: bool = True
    limit: bool = True
    page: bool = True
    page_base: int = 0
    page_beside_date: str = "combine"
    ties: str = "id"
    refuses: frozenset[str] = frozenset()


@dataclass(slots=True)
class ListModel:
    """The list. `before_request` is called with the number of the request before each is answered."""

    habits: Habits
    contacts: dict[int, Held] = field(default_factory=dict)
    before_request: Callable[[int], None] = lambda _: None
    requests: list[PageRequest] = field(default_factory=list)

    def shown(self, moment: int) -> str:
        """Return the stamp under which a hidden moment is shown."""
        return (EPOCH + timedelta(seconds=moment // self.habits.coarse)).isoformat().replace("+00:00", "Z")

    def answer(self, request: PageRequest) -> Page[Record]:
        """Answer one request. Raises RequestRefused for a parameter that the model refuses."""
        self.before_request(len(self.requests))
        self.requests.append(request)
        habits = self.habits
        for name in habits.refuses:
            if getattr(request, name) is not None:
                raise RequestRefused(f"no {name} here", status=400)
        ascending = not habits.newest_first
        if habits.ascending and request.ascending is not None:
            ascending = request.ascending
        size = request.limit if habits.limit and request.limit else habits.page_default
        size = min(size, habits.largest) if habits.largest else size
        date, page = request.date, request.page if habits.page else None
        if page is not None and date is not None and habits.page_beside_date != "combine":
            date, page = (None, page) if habits.page_beside_date == "ignore_date" else (date, None)
        skip = max(0, (page or 0) - habits.page_base) * size if page is not None else 0
        found = self._in_order(ascending)
        if date is not None:
            limit = round((datetime.fromisoformat(date) - EPOCH).total_seconds())
            found = [held for held in found if self._satisfies(held, limit, ascending)]
        return Page(request, tuple(self._record(held) for held in found[skip : skip + size]))

    def _in_order(self, ascending: bool) -> list[Held]:
        match self.habits.ties:
            case "id":
                order = sorted(self.contacts.values(), key=lambda held: held.id)
            case "reversed":
                order = sorted(self.contacts.values(), key=lambda held: held.id, reverse=not ascending)
            case _:
                salt = len(self.requests)
                order = sorted(self.contacts.values(), key=lambda held: hash((held.id, salt)))
        return sorted(order, key=lambda held: held.moment if ascending else -held.moment)

    def _satisfies(self, held: Held, limit: int, ascending: bool) -> bool:
        coarse = self.habits.coarse
        moment, limit = (held.moment, limit * coarse) if self.habits.compares_stored else (held.moment // coarse, limit)
        if moment == limit:
            return self.habits.inclusive
        return (moment > limit) == ascending

    def _record(self, held: Held) -> Record:
        return Record(id=held.id, phone="14155550100", rev=held.rev, updated=self.shown(held.moment))


def run(machine: Walk, model: ListModel, most: int = 5000) -> int:
    """Walk over the model. Return the number of requests; more than `most` is a walk that does not end."""
    while machine.next_request() is not None:
        assert len(model.requests) < most, "the walk does not end"
        take_step(machine, model)
    return len(model.requests)


def take_step(machine: Walk, model: ListModel) -> tuple[Record, ...]:
    """Let the model answer the walk's next request. Return the records that the walk was fed."""
    request = machine.next_request()
    assert request is not None
    refused = 0
    try:
        page = model.answer(request)
    except RequestRefused as error:
        refused = error.status
        page = Page(request, ())
    if refused:
        assert machine.refuse(refused), "the walk gave up on a refused parameter"
    else:
        machine.feed(page)
    return page.records
