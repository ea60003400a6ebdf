"""A search that is refused, cut short or answered with strangers never makes a contact look absent."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import CanarySurprise, RequestRefused
from pipeline.models._contacts import Record
from pipeline.models._pages import Page, PageRequest
from pipeline.resolver._phones import BATCH_SIZE, MOST, Resolver
from pipeline.state._traits import ServerTraits


class Service:
    """A search endpoint with limits: it may refuse long lists, look at the first places only, answer the first only.

    `channels` are further phones of contacts.
    """

    def __init__(
        self,
        records: Sequence[Record],
        *,
        refuses_above: int = 10_000,
        looks_at: int = 10_000,
        answers: int = 10_000,
        poison: str = "",
        channels: dict[str, int] | None = None,
        status: int = 400,
    ) -> None:
        self.records = list(records)
        self.refuses_above = refuses_above
        self.looks_at = looks_at
        self.answers = answers
        self.poison = poison
        self.channels = channels or {}
        self.status = status
        self.asked: list[int] = []
        self.listed = 0

    async def search_by_phone(self, phones: Sequence[str]) -> list[Record]:
        self.asked.append(len(phones))
        if len(phones) > self.refuses_above or self.poison in phones:
            raise RequestRefused("refused", status=self.status, detail="no")
        phones = phones[: self.looks_at]
        ids = {self.channels[phone] for phone in phones if phone in self.channels}
        return [record for record in self.records if record.phone in phones or record.id in ids][: self.answers]

    async def list_contacts(self, request: PageRequest) -> Page[Record]:
        self.listed += 1
        return Page(request, tuple(self.records[:30]))


def people(count: int) -> list[Record]:
    return [Record(id=number, phone=f"141555501{number:02}") for number in range(1, count + 1)]


async def test_a_batch_is_one_search() -> None:
    service = Service(people(50))
    found = await Resolver(service).resolve([record.phone for record in people(50)])
    assert len(found.records) == 50
    assert service.asked == [50]


async def test_in_an_account_without_contacts_everybody_is_absent() -> None:
    service = Service([])
    found = await Resolver(service).resolve(["14155550101", "14155550102"])
    assert found.records == {}
    assert (service.asked, service.listed) == ([2], 1)


async def test_absence_is_proved_once_by_a_witness_and_then_believed() -> None:
    stranger = Record(id=99, phone="442079460000")
    service = Service([stranger])
    resolver = Resolver(service)
    assert not (await resolver.resolve([record.phone for record in people(50)])).records
    assert service.listed == 1
    service.asked.clear()
    assert not (await resolver.resolve([record.phone for record in people(40)])).records
    assert (service.asked, service.listed) == ([40], 1)


async def test_a_list_whose_end_is_not_looked_at_is_asked_in_parts() -> None:
    service = Service(people(40)[30:], looks_at=15)
    found = await Resolver(service).resolve([record.phone for record in people(40)])
    assert len(found.records) == 10


async def test_a_search_that_finds_nobody_ends_the_run_before_anything_is_written() -> None:
    service = Service(people(5), looks_at=0)
    for phones in (["14155550199"], [record.phone for record in people(40)]):
        with pytest.raises(CanarySurprise, match="ids 5, 4, 3"):
            await Resolver(service).resolve(phones)


async def test_without_a_list_absence_rests_on_the_search_and_that_is_said(caplog: pytest.LogCaptureFixture) -> None:
    class Listless(Service):
        """Has no contact list."""

        async def list_contacts(self, request: PageRequest) -> Page[Record]:
            raise RequestRefused(f"no such endpoint for {request}", status=404)

    found = await Resolver(Listless(people(1))).resolve(["14155550199"])
    assert not found.records
    assert "absence rests on the search alone" in caplog.text


async def test_one_witness_that_is_gone_does_not_end_it() -> None:
    class Gone(Service):
        """Lists a contact that was deleted since."""

        async def list_contacts(self, request: PageRequest) -> Page[Record]:
            return Page(request, (*self.records, Record(id=99, phone="442079460000")))

    found = await Resolver(Gone(people(2))).resolve(["14155550102", "14155550199"])
    assert list(found.records) == ["14155550102"]
    assert not (await Resolver(Gone(people(2))).resolve(["14155550199"])).records


async def test_a_witness_that_was_asked_for_itself_is_found() -> None:
    service = Service(people(40)[39:], looks_at=15)
    found = await Resolver(service).resolve([record.phone for record in people(40)])
    assert list(found.records) == ["14155550140"]


@pytest.mark.parametrize("status", [400, 413])
async def test_a_refused_size_is_halved_and_remembered(status: int) -> None:
    service = Service(people(40), refuses_above=10, status=status)
    resolver = Resolver(service)
    found = await resolver.resolve([record.phone for record in people(40)])
    assert len(found.records) == 40
    service.asked.clear()
    await resolver.resolve([record.phone for record in people(20)])
    assert service.asked == [10, 10]


async def test_one_phone_that_is_refused_is_isolated() -> None:
    service = Service(people(30), poison="14155550107")
    found = await Resolver(service).resolve([record.phone for record in people(30)])
    assert list(found.refused) == ["14155550107"]
    assert len(found.records) == 29


async def test_other_refusals_are_not_about_size() -> None:
    with pytest.raises(RequestRefused):
        await Resolver(Service(people(3), refuses_above=0, status=404)).resolve(["14155550101", "14155550102"])


async def test_an_answer_that_was_cut_short_is_asked_again() -> None:
    service = Service(people(40), answers=15)
    found = await Resolver(service).resolve([record.phone for record in people(40)])
    assert len(found.records) == 40


async def test_an_answer_shorter_than_an_earlier_one_was_not_cut() -> None:
    service = Service(people(20))
    resolver = Resolver(service)
    await resolver.resolve([record.phone for record in people(20)])
    service.asked.clear()
    await resolver.resolve([*(record.phone for record in people(10)), "14155550199"])
    assert (service.asked, service.listed) == ([11], 0)


async def test_several_contacts_with_one_phone_are_all_reported() -> None:
    twins = [Record(id=1, phone="14155550101"), Record(id=2, phone="14155550101")]
    found = await Resolver(Service(twins)).resolve(["14155550101"])
    assert [record.id for record in found.records["14155550101"]] == [1, 2]


async def test_a_phone_that_is_a_further_channel_of_another_contact_is_not_absent() -> None:
    service = Service(people(3), channels={"442079460000": 2})
    found = await Resolver(service).resolve(["14155550101", "442079460000", "14155550199"])
    assert found.elsewhere["442079460000"].id == 2
    assert list(found.records) == ["14155550101"]


@given(
    held=st.sets(st.integers(1, 60)),
    asked=st.sets(st.integers(1, 60)),
    looks_at=st.integers(1, 70),
    answers=st.integers(1, 70),
    refuses_above=st.integers(1, 70),
    batch=st.integers(1, 70),
)
async def test_law_present_is_found_and_absent_is_not(
    held: set[int], asked: set[int], looks_at: int, answers: int, refuses_above: int, batch: int
) -> None:
    records = [record for record in people(60) if record.id in held]
    service = Service(records, looks_at=looks_at, answers=answers, refuses_above=refuses_above)
    resolver = Resolver(service, ServerTraits(search_size=batch))
    for _ in range(2):
        found = await resolver.resolve([record.phone for record in people(60) if record.id in asked])
        assert {record.id for records in found.records.values() for record in records} == held & asked
        assert not found.elsewhere
        assert not found.refused


def many(count: int) -> list[Record]:
    return [Record(id=number, phone=f"1415{2_000_000 + number}") for number in range(1, count + 1)]


async def run_through(service: Service, traits: ServerTraits, rows: int = 2_000) -> list[int]:
    """Look everybody up as an upload does, in as large batches as are best; return how many were asked at once."""
    resolver = Resolver(service, traits)
    phones = [record.phone for record in many(rows)]
    while phones:
        size = resolver.size
        found = await resolver.resolve(phones[:size])
        assert found.records.keys() == {record.phone for record in service.records} & {*phones[:size]}
        phones = phones[size:]
    return service.asked


async def test_searches_grow_while_all_goes_well_and_begin_there_the_next_time() -> None:
    traits = ServerTraits()
    asked = await run_through(Service(many(2_000)), traits)
    assert [size for size in asked if size > 1][:4] == [BATCH_SIZE, 2 * BATCH_SIZE, MOST, MOST]
    assert (traits.search_size, traits.search_refused) == (MOST, 0)
    assert await run_through(Service(many(2_000)), traits) == [MOST] * 5


@pytest.mark.parametrize(("refuses_above", "looks_at"), [(250, 10_000), (10_000, 250)])
async def test_what_is_too_much_is_asked_once_and_never_again(refuses_above: int, looks_at: int) -> None:
    def service() -> Service:
        # Half of them are absent, which is where a search that looks at the first ones only would be believed.
        return Service(many(2_000)[::2], refuses_above=refuses_above, looks_at=looks_at)

    traits = ServerTraits()
    await run_through(service(), traits)
    assert traits.search_size == 2 * BATCH_SIZE
    assert 250 < traits.search_refused <= MOST
    again = await run_through(service(), traits)
    assert max(again) <= 2 * BATCH_SIZE + 1
    assert len(again) <= 30


async def test_a_phone_that_is_refused_says_nothing_about_sizes() -> None:
    traits = ServerTraits()
    service = Service(many(300), poison=many(300)[50].phone)
    found = await Resolver(service, traits).resolve([record.phone for record in many(100)])
    assert [*found.refused] == [many(300)[50].phone]
    assert traits.search_refused == 0
