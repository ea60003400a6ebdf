"""The walk over the contact list: what it proves is true, what it cannot prove it says, and it always ends."""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pipeline.exporter.walk._machine import Walk
from pipeline.exporter.walk._step import MOST_TAIL_ROUNDS
from pipeline.models._contacts import Record
from pipeline.models._pages import Page, PageRequest
from pipeline.values import replace
from tests.conftest import examples
from tests.exporter.walk.list_model import Habits, Held, ListModel, run, take_step

PLAIN = Habits(page_default=5, largest=5)

any_habits = st.builds(
    Habits,
    page_default=st.integers(1, 6),
    largest=st.integers(0, 6),
    newest_first=st.booleans(),
    inclusive=st.booleans(),
    compares_stored=st.booleans(),
    coarse=st.sampled_from([1, 1, 3]),
    ascending=st.booleans(),
    limit=st.booleans(),
    page=st.booleans(),
    page_base=st.integers(0, 1),
    page_beside_date=st.sampled_from(["combine", "combine", "ignore_page", "ignore_date"]),
    ties=st.sampled_from(["id", "reversed", "random"]),
    refuses=st.sampled_from(
        [frozenset(), frozenset(), *(frozenset({name}) for name in ("limit", "ascending", "page"))]
    ),
)
any_edits = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(["create", "edit", "delete"]), st.integers(0, 30), st.integers(0, 2)),
    max_size=14,
)


@dataclass
class Writer:
    """Somebody else who works on the account during the walk: (before which request, what, whom, seconds later)."""

    model: ListModel
    edits: list[tuple[int, str, int, int]]
    frozen_clock: bool
    gone: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.start = set(self.model.contacts)
        self.clock = max((held.moment for held in self.model.contacts.values()), default=0)
        self.next_id = 1000
        self.plan = defaultdict(list)
        for request, kind, whom, later in self.edits:
            self.plan[request].append((kind, whom, later))
        self.model.before_request = self.work

    def work(self, request: int) -> None:
        contacts = self.model.contacts
        for kind, whom, later in self.plan[request]:
            self.clock += 0 if self.frozen_clock else later
            if kind == "create":
                self.next_id += 1
                contacts[self.next_id] = Held(self.next_id, self.clock)
            elif contacts:
                chosen = sorted(contacts)[whom % len(contacts)]
                held = contacts.pop(chosen)
                if kind == "delete":
                    self.gone.add(chosen)
                else:
                    contacts[chosen] = Held(chosen, self.clock, held.rev + 1)

    @property
    def stayed(self) -> set[int]:
        return self.start - self.gone


def model_of(habits: Habits, moments: list[int]) -> ListModel:
    return ListModel(habits, {number: Held(number, moment) for number, moment in enumerate(moments, 1)})


def walked(habits: Habits, moments: list[int]) -> tuple[Walk, ListModel, set[int]]:
    model, seen = model_of(habits, moments), set[int]()
    machine = Walk(None, seen)
    run(machine, model)
    return machine, model, seen


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_habits, st.lists(st.integers(0, 12), max_size=25), any_edits, st.booleans())
def test_what_is_proved_holds_every_contact_that_stayed(
    habits: Habits, moments: list[int], edits: list[tuple[int, str, int, int]], all_equal: bool
) -> None:
    model = model_of(habits, [0] * len(moments) if all_equal else moments)
    writer, seen = Writer(model, edits, frozen_clock=all_equal), set[int]()
    machine = Walk(None, seen)
    run(machine, model)
    report = machine.report
    assert report.ended in {"proved", "stalled"}
    assert bool(report.reason) == (report.ended == "stalled")
    if report.ended == "proved":
        assert writer.stayed <= seen


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_habits, st.lists(st.integers(0, 12), max_size=25), any_edits, st.sets(st.integers(0, 60), max_size=8))
def test_a_walk_killed_after_any_page_goes_on_without_losing_one(
    habits: Habits, moments: list[int], edits: list[tuple[int, str, int, int]], kills: set[int]
) -> None:
    model = model_of(habits, moments)
    writer, saved = Writer(model, edits, frozen_clock=False), set[int]()
    machine = Walk(None, set())
    while machine.next_request() is not None:
        assert len(model.requests) < 5000
        number = len(model.requests)
        saved |= {record.id for record in take_step(machine, model)}
        if number in kills:
            machine = Walk(json.loads(json.dumps(machine.state)), set(saved))
    if machine.report.ended == "proved":
        assert writer.stayed <= saved


@settings(max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_habits, st.lists(st.integers(0, 12), max_size=25), any_edits, any_edits, any_edits)
def test_what_changed_since_a_proved_walk_completes_it(
    habits: Habits,
    moments: list[int],
    during: list[tuple[int, str, int, int]],
    between: list[tuple[int, str, int, int]],
    after: list[tuple[int, str, int, int]],
) -> None:
    model = model_of(habits, moments)
    writer = Writer(model, during, frozen_clock=False)
    known: dict[int, int] = {}
    base = Walk(None, set())
    while base.next_request() is not None:
        known |= {record.id: record.rev or 0 for record in take_step(base, model)}
    assume(base.report.ended == "proved" and base.report.watermark)
    for _, kind, whom, later in between:
        writer.plan[-1] = [(kind, whom, later)]
        writer.work(-1)
    # The second walk's requests are counted on from those of the first.
    offset = len(model.requests)
    writer.plan = defaultdict(list)
    for request, kind, whom, later in after:
        writer.plan[offset + request].append((kind, whom, later))
    writer.gone = set()
    start = {held.id: held.rev for held in model.contacts.values()}
    second = Walk(None, set(), since=base.report.watermark)
    for _ in range(5000):
        if second.next_request() is None:
            break
        for record in take_step(second, model):
            known[record.id] = max(known.get(record.id, 0), record.rev or 0)
    assert second.next_request() is None
    if second.report.ended == "proved":
        for contact_id in start.keys() - writer.gone:
            assert known.get(contact_id, 0) >= start[contact_id]


@pytest.mark.parametrize("inclusive", [False, True])
def test_a_walk_since_a_stamp_reads_no_more_than_that(inclusive: bool) -> None:
    model = model_of(replace(PLAIN, inclusive=inclusive), list(range(100)))
    machine, seen = Walk(None, set(), since=model.shown(90)), set[int]()
    while machine.next_request() is not None:
        seen |= {record.id for record in take_step(machine, model)}
    assert (machine.report.ended, machine.report.since) == ("proved", model.shown(90))
    assert seen >= set(range(91, 101))
    assert len(model.requests) < 8
    assert machine.report.watermark == model.shown(99)


def test_where_the_newest_cannot_be_listed_first_everything_is_read() -> None:
    model = model_of(replace(PLAIN, newest_first=False, ascending=False), list(range(40)))
    machine, seen = Walk(None, set(), since=model.shown(30)), set[int]()
    while machine.next_request() is not None:
        seen |= {record.id for record in take_step(machine, model)}
    assert (machine.report.ended, machine.report.since, len(seen)) == ("proved", "", 40)


@pytest.mark.parametrize("inclusive", [False, True])
@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("ascending", [False, True])
@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 10, 11, 103])
def test_a_quiet_account_is_read_whole_and_proved(
    inclusive: bool, newest_first: bool, ascending: bool, count: int
) -> None:
    habits = replace(PLAIN, inclusive=inclusive, newest_first=newest_first, ascending=ascending)
    machine, model, seen = walked(habits, list(range(count)))
    assert machine.report.ended == "proved"
    assert seen == set(model.contacts)
    if count > 1:
        descending = newest_first and not ascending
        assert machine.report.direction == ("descending" if descending else "ascending")
        assert machine.report.inclusive is inclusive
    if count > 5:
        assert machine.report.page_size == 5
        assert machine.report.honours_ascending is (ascending if newest_first or ascending else False)


def test_a_large_account_costs_little_more_than_its_pages() -> None:
    _, model, _ = walked(replace(PLAIN, page_default=100, largest=100), list(range(3000)))
    assert len(model.requests) < 1.2 * 30


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("inclusive", [False, True])
@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("beside", ["combine", "ignore_page", "ignore_date"])
def test_a_tie_group_wider_than_a_page_is_read_by_page_numbers(
    base: int, inclusive: bool, newest_first: bool, beside: str
) -> None:
    habits = replace(
        PLAIN, page_base=base, inclusive=inclusive, newest_first=newest_first, ascending=False, page_beside_date=beside
    )
    machine, model, seen = walked(habits, [0, 1, 2, *([3] * 23), 4, 5])
    assert machine.report.ended == "proved"
    assert seen == set(model.contacts)
    assert (machine.report.honours_page, machine.report.page_base) == (True, base)


def test_the_same_accident_in_two_passes_over_a_tie_group_hides_nobody() -> None:
    class Deleting(ListModel):
        def answer(self, request: PageRequest) -> Page[Record]:
            # What follows a deletion moves up: contact 11 slips past page 2 in one pass and past page 1 in the next.
            if request.page == 2:
                self.contacts.pop(1, None)
            if request.page == 1 and 1 not in self.contacts:
                for number in range(2, 7):
                    self.contacts.pop(number, None)
            return super().answer(request)

    model, seen = Deleting(PLAIN, {number: Held(number, 0) for number in range(1, 18)}), set[int]()
    machine = Walk(None, seen)
    run(machine, model)
    assert machine.report.ended == "proved"
    assert seen == set(range(1, 18))


def test_a_tie_group_wider_than_a_page_is_read_by_a_larger_limit() -> None:
    machine, model, seen = walked(Habits(page=False), [0, *([1] * 900), 2])
    assert machine.report.ended == "proved"
    assert machine.report.honours_limit is True
    assert seen == set(model.contacts)
    assert max(request.limit or 0 for request in model.requests) == 1000


@pytest.mark.parametrize("inclusive", [False, True])
@pytest.mark.parametrize("ascending", [False, True])
def test_a_tie_group_that_nothing_opens_is_reported_and_passed(inclusive: bool, ascending: bool) -> None:
    habits = replace(PLAIN, page=False, inclusive=inclusive, ascending=ascending, newest_first=True)
    machine, model, seen = walked(habits, [0, 1, 2, *([3] * 23), 4, 5])
    report = machine.report
    assert report.ended == "stalled"
    assert report.stalls[0].stamp == model.shown(3)
    assert report.stalls[0].at_stake >= 5
    assert model.shown(3) in report.reason
    if ascending or not inclusive:
        assert {1, 2, 3, 27, 28} <= seen


def test_every_page_of_a_tied_server_without_page_numbers_is_asked_for_a_bounded_number_of_times() -> None:
    machine, model, _ = walked(replace(PLAIN, page=False, inclusive=True), [0] * 40)
    assert machine.report.ended == "stalled"
    assert len(model.requests) < 30


def test_contacts_edited_during_a_newest_first_walk_are_caught_up() -> None:
    model = model_of(replace(PLAIN, ascending=False), list(range(40)))
    writer, seen = Writer(model, [(4, "edit", 0, 1), (5, "edit", 1, 1)], frozen_clock=False), set[int]()
    machine = Walk(None, seen)
    run(machine, model)
    assert machine.report.direction == "descending"
    assert machine.report.ended == "proved"
    assert writer.start <= seen


def test_a_newest_first_walk_over_an_account_that_never_rests_says_so() -> None:
    model = model_of(replace(PLAIN, ascending=False), list(range(30)))
    Writer(model, [(n, "edit", n * 7 + k, 1) for n in range(4000) for k in range(6)], frozen_clock=False)
    machine = Walk()
    run(machine, model)
    assert machine.report.ended == "stalled"
    assert "faster than" in machine.report.reason


def test_catch_up_passes_are_bounded() -> None:
    model = model_of(replace(PLAIN, ascending=False), list(range(200)))
    # Once the main walk is over, too much is edited during each pass for the next one to fit into one answer.
    Writer(model, [(n, "edit", n * 7 + k, 1) for n in range(40, 4000) for k in range(3)], frozen_clock=False)
    machine = Walk()
    run(machine, model)
    assert machine.report.ended == "stalled"
    assert machine.report.reason == "contacts were edited faster than they could be read"


@pytest.mark.parametrize(("ascending", "newest_first", "burst"), [(True, True, 1), (True, True, 7), (False, False, 1)])
def test_an_account_that_grows_for_ever_ends_the_walk_with_a_reason(
    ascending: bool, newest_first: bool, burst: int
) -> None:
    model = model_of(replace(PLAIN, ascending=ascending, newest_first=newest_first), list(range(12)))
    Writer(model, [(n, "create", 0, 1) for n in range(500) for _ in range(burst)], frozen_clock=False)
    machine = Walk()
    for _ in range(12):
        take_step(machine, model)
    machine = Walk(machine.state | {"tail_rounds": MOST_TAIL_ROUNDS - 5}, set(model.contacts))
    run(machine, model, most=200)
    assert machine.report.ended == "stalled"
    assert machine.report.reason == "contacts were written faster than they could be read"


def test_refused_limits_are_halved_and_then_left_out() -> None:
    machine, model, seen = walked(replace(PLAIN, refuses=frozenset({"limit"})), list(range(12)))
    limits = list(dict.fromkeys(request.limit for request in model.requests))
    assert limits == [500, 250, 125, 62, 31, None]
    assert machine.report.ended == "proved"
    assert len(seen) == 12


def test_a_refused_ascending_is_dropped_and_remembered() -> None:
    machine, _, seen = walked(replace(PLAIN, refuses=frozenset({"ascending"})), list(range(12)))
    assert machine.report.honours_ascending is False
    assert machine.report.ended == "proved"
    assert len(seen) == 12


def test_an_error_that_no_parameter_explains_is_not_swallowed() -> None:
    assert not Walk().refuse(404)
    machine = Walk()
    while (request := machine.next_request()) and (request.limit or request.ascending is not None):
        assert machine.refuse(400)
    assert not machine.refuse(400)


def test_unsorted_pages_are_counted_and_never_proved() -> None:
    class Shuffled(ListModel):
        def _in_order(self, ascending: bool) -> list[Held]:
            return sorted(super()._in_order(ascending), key=lambda held: (held.id * 7) % 11)

    model = Shuffled(PLAIN, model_of(PLAIN, list(range(20))).contacts)
    machine = Walk()
    run(machine, model)
    assert machine.report.ended == "stalled"
    assert machine.report.unsorted_pages > 0


def test_contacts_without_updated_are_counted_and_spoil_the_proof() -> None:
    machine = Walk()
    while (request := machine.next_request()) is not None:
        records = (Record(id=1, phone="1"), Record(id=2, phone="2", updated="2026-01-01T00:00:00Z"))
        machine.feed(Page(request, () if request.date or request.page else records))
    assert machine.report.ended == "stalled"
    assert machine.report.without_updated > 0
    assert machine.seen == 2


def test_a_list_of_nothing_but_undated_contacts_ends() -> None:
    machine = Walk()
    while (request := machine.next_request()) is not None:
        machine.feed(Page(request, (Record(id=1, phone="1"),)))
    assert machine.report.ended == "stalled"
    assert machine.seen == 1


def test_a_server_that_goes_in_circles_is_left() -> None:
    class Circling(ListModel):
        def answer(self, request: PageRequest) -> Page[Record]:
            page = super().answer(request)
            if request.page is None:
                return page
            # Each page differs, none brings anything new, and no pass ever ends.
            number = len(self.requests)
            return Page(request, tuple(record._replace(rev=number) for record in page.records))

    model = Circling(replace(PLAIN, page=False), {n: Held(n, 0) for n in range(1, 9)})
    machine = Walk()
    run(machine, model)
    assert machine.report.ended == "stalled"


def test_the_cursor_is_sent_back_byte_for_byte() -> None:
    stamps = [f"2026-01-01T00:00:0{n}.1234567{n}+00:00" for n in range(9)]
    machine, dates = Walk(), set()
    while (request := machine.next_request()) is not None:
        dates.add(request.date)
        start = 0 if request.date is None else stamps.index(request.date)
        records = [Record(id=n, phone="1", updated=stamps[n]) for n in range(start, min(start + 4, 9))]
        machine.feed(Page(request, tuple(records)))
    assert machine.report.ended == "proved"
    assert dates - {None} <= set(stamps)


def test_a_finished_walk_stays_finished_when_it_is_resumed() -> None:
    machine, _, seen = walked(PLAIN, list(range(12)))
    again = Walk(json.loads(json.dumps(machine.state)), seen)
    assert again.next_request() is None
    assert again.report == machine.report


# Services that page otherwise than they seem to


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    any_habits.map(lambda habits: replace(habits, page=True, refuses=frozenset(), compares_stored=False, coarse=1)),
    st.integers(2, 6),
    st.lists(st.integers(1, 4).flatmap(lambda times: st.tuples(st.just(times), st.booleans())), max_size=8),
    st.sampled_from(["id", "reversed"]),
)
def test_what_rests_and_can_be_paged_is_proved(
    habits: Habits, size: int, groups: list[tuple[int, bool]], ties: str
) -> None:
    # Groups of whole pages are what an import in batches leaves.
    moments = [moment for moment, (times, whole) in enumerate(groups) for _ in range(times * (size if whole else 1))]
    walk, model, seen = walked(replace(habits, page_default=size, largest=size, ties=ties), moments)
    assert (walk.report.ended, walk.report.reason) == ("proved", "")
    assert seen == set(model.contacts)


class Otherwise(ListModel):
    """A model that answers the request with a number otherwise, as `change` says."""

    def __init__(self, habits: Habits, moments: list[int], change: Callable[[int, PageRequest, Page[Record]], object]):
        super().__init__(habits, model_of(habits, moments).contacts)
        self.change = change

    def answer(self, request: PageRequest) -> Page[Record]:
        page = super().answer(request)
        records = self.change(len(self.requests), request, page)
        return Page(request, records) if isinstance(records, tuple) else page


def judged(model: ListModel) -> tuple[str, int]:
    """Walk; return how it ended and how many contacts it missed."""
    seen = set[int]()
    machine = Walk(None, seen)
    run(machine, model)
    return machine.report.ended, len(model.contacts) - len(seen)


TIED = [*range(60), *[60] * 12, *range(61, 150)]


@pytest.mark.parametrize("inclusive", [False, True])
@pytest.mark.parametrize("empty", [{1}, {2}, {2, 3}, {7}, {7, 8}])
def test_a_page_that_is_empty_by_mistake_is_not_the_end(inclusive: bool, empty: set[int]) -> None:
    habits = replace(PLAIN, inclusive=inclusive)
    model = Otherwise(habits, list(range(100)), lambda number, _, __: () if number in empty else None)
    assert judged(model) == ("proved", 0)


@pytest.mark.parametrize(("times", "ended"), [(1, "proved"), (99, "stalled")])
def test_a_look_at_the_newest_that_shows_nobody_proves_no_end(times: int, ended: str) -> None:
    looks: list[int] = []

    def hide(number: int, request: PageRequest, _: Page[Record]) -> object:
        if number > 1 and request.ascending is False and request.date is None:
            looks.append(number)
            return () if len(looks) <= times else None
        return None

    model = Otherwise(PLAIN, list(range(60)), hide)
    machine = Walk(None, set())
    run(machine, model)
    assert (machine.report.ended, bool(looks)) == (ended, True)


@pytest.mark.parametrize("inclusive", [False, True])
def test_a_list_from_the_oldest_on_that_needs_a_date_is_read_from_the_newest_on(inclusive: bool) -> None:
    def from_now_on(_: int, request: PageRequest, __: Page[Record]) -> object:
        return () if request.ascending and request.date is None else None

    assert judged(Otherwise(replace(PLAIN, inclusive=inclusive), list(range(100)), from_now_on)) == ("proved", 0)


@pytest.mark.parametrize("inclusive", [False, True])
def test_pages_that_become_shorter_are_not_taken_for_the_end(inclusive: bool) -> None:
    habits = replace(PLAIN, page_default=10, largest=10, inclusive=inclusive)

    def shorter(number: int, _: PageRequest, page: Page[Record]) -> object:
        return page.records[:5] if number > 8 else None

    ended, missing = judged(Otherwise(habits, TIED, shorter))
    assert ended == "proved" if not missing else ended == "stalled"
    assert missing <= 12, "what can be had is read all the same"


@pytest.mark.parametrize("inclusive", [False, True])
def test_a_contact_that_comes_twice_in_a_page_makes_no_other_page_short(inclusive: bool) -> None:
    habits = replace(PLAIN, inclusive=inclusive)

    def doubled(number: int, _: PageRequest, page: Page[Record]) -> object:
        return page.records + page.records[-1:] if number == 4 else None

    assert judged(Otherwise(habits, TIED, doubled)) == ("proved", 0)


@pytest.mark.parametrize("moments", [[0, 1, *[2] * 57, *range(3, 40)], [2] * 57])
def test_page_numbers_may_count_by_what_was_asked_for(moments: list[int]) -> None:
    habits = replace(PLAIN, page_beside_date="combine")

    def by_what_was_asked_for(_: int, request: PageRequest, __: Page[Record]) -> object:
        if request.page is None or not request.limit:
            return None
        whole = model_of(replace(habits, largest=0), moments)
        everything = whole.answer(replace(request, page=None, limit=1000)).records
        return everything[request.page * request.limit :][:5]

    assert judged(Otherwise(habits, moments, by_what_was_asked_for)) == ("proved", 0)


def test_what_changes_by_itself_is_no_edit() -> None:
    def signed_anew(number: int, _: PageRequest, page: Page[Record]) -> object:
        return tuple(record._replace(raw=b"%d" % number) for record in page.records)

    assert judged(Otherwise(PLAIN, list(range(200)), signed_anew)) == ("proved", 0)


@pytest.mark.parametrize("inclusive", [False, True])
@pytest.mark.parametrize("beside", ["combine", "ignore_page", "ignore_date"])
def test_many_wide_groups_cost_a_few_times_the_pages(inclusive: bool, beside: str) -> None:
    habits = replace(PLAIN, inclusive=inclusive, page_beside_date=beside)
    walk, model, _ = walked(habits, [number // 8 for number in range(800)])
    assert walk.report.ended == "proved"
    assert len(model.requests) <= 8 * 160
