"""Sources of contacts, and exports of them."""

from collections.abc import Sequence

from pipeline.errors import RequestRefused
from pipeline.models._contacts import CustomField, Json, Record
from pipeline.models._outcomes import Traffic
from pipeline.models._pages import Listed, Page, PageRequest


class Source:
    """A list of contacts that is answered in pages of two, oldest first, with counts as they are given."""

    def __init__(self, contacts: Sequence[Record], counts: Sequence[int | RequestRefused | None]) -> None:
        self.contacts = list(contacts)
        self.counts = list(counts)
        self.sent = 0

    @property
    def traffic(self) -> Traffic:
        return Traffic(requests=self.sent)

    async def list_page(self, request: PageRequest) -> Page[Listed]:
        self.sent += 1
        found = [each for each in self.contacts if request.date is None or each.updated > request.date]
        return Page(request, tuple(found[:2] if request.page is None else found[request.page * 2 :][:2]))

    async def count_contacts(self, *, archived: bool = False) -> int | None:
        assert not archived
        told = self.counts.pop(0)
        if isinstance(told, RequestRefused):
            raise told
        return told

    async def list_custom_fields(self) -> tuple[CustomField, ...]:
        return (CustomField(1, "Plan"),)

    async def list_all_tags(self) -> list[tuple[int, str]]:
        return [(7, "vip")]

    async def describe_team(self) -> dict[str, Json]:
        raise RequestRefused("no team here", status=404)

    async def get_opt_out(self, contact_id: int) -> bool | None:
        return contact_id % 2 == 0


def contacts(count: int) -> list[Record]:
    return [
        Record(
            id=n,
            phone="14155550100",
            created=f"2026-01-01T00:00:{n:02}Z",
            updated=f"2026-01-01T00:00:{n:02}Z",
            raw=b'{"id":%d}' % n,
        )
        for n in range(1, count + 1)
    ]


def ignore_progress(_done: int, _total: int | None) -> None:
    """A caller that shows nothing."""
