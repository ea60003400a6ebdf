"""A search that is refused, cut short or answered with strangers never makes a contact look absent."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import RequestRefused
from pipeline.models import Record
from pipeline.resolver import Resolver


class Service:
    """A search endpoint with limits; `channels` are further phones of contacts."""

    def __init__(
        self,
        records: Sequence[Record],
        *,
        refuses_above: int = 10_000,
        caps_at: int = 10_000,
        poison: str = "",
        channels: dict[str, int] | None = None,
        status: int = 400,
    ) -> None:
        self.records = list(records)
        self.refuses_above = refuses_above
        self.caps_at = caps_at
        self.poison = poison
        self.channels = channels or {}
        self.status = status
        self.asked: list[int] = []

    async def search_by_phone(self, phones: Sequence[str]) -> list[Record]:
        self.asked.append(len(phones))
        if len(phones) > self.refuses_above or self.poison in phones:
            raise RequestRefused("refused", status=self.status, detail="no")
        ids = {self.channels[phone] for phone in phones if phone in self.channels}
        return [record for record in self.records if record.phone in phones or record.id in ids][: self.caps_at]


def people(count: int) -> list[Record]:
    return [Record(id=number, phone=f"141555501{number:02}") for number in range(1, count + 1)]


async def test_a_batch_is_one_search() -> None:
    service = Service(people(50))
    found = await Resolver(service).resolve([record.phone for record in people(50)])
    assert len(found.records) == 50
    assert service.asked == [50]


async def test_absent_phones_are_proved_by_an_empty_answer() -> None:
    service = Service([])
    found = await Resolver(service).resolve(["14155550101", "14155550102"])
    assert found.records == {}
    assert service.asked == [2]


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
    service = Service(people(40), caps_at=15)
    found = await Resolver(service).resolve([record.phone for record in people(40)])
    assert len(found.records) == 40


async def test_an_answer_shorter_than_an_earlier_one_was_not_cut() -> None:
    service = Service(people(20))
    resolver = Resolver(service)
    await resolver.resolve([record.phone for record in people(20)])
    service.asked.clear()
    await resolver.resolve([*(record.phone for record in people(10)), "14155550199"])
    assert service.asked == [11]


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
    cap=st.integers(1, 70),
    refuses_above=st.integers(1, 70),
    batch=st.integers(1, 70),
)
async def test_law_present_is_found_and_absent_is_not(
    held: set[int], asked: set[int], cap: int, refuses_above: int, batch: int
) -> None:
    records = [record for record in people(60) if record.id in held]
    service = Service(records, caps_at=cap, refuses_above=refuses_above)
    resolver = Resolver(service, batch_size=batch)
    for _ in range(2):
        found = await resolver.resolve([record.phone for record in people(60) if record.id in asked])
        assert {record.id for records in found.records.values() for record in records} == held & asked
        assert not found.elsewhere
        assert not found.refused
