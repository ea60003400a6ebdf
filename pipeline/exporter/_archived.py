"""Archived contacts: whether the list knows the word `archived`, found out on one page and never assumed.

Source: docs/api.md, section List cursor.
"""

from typing import Literal

from pipeline.errors import RequestRefused, ServiceUnavailable
from pipeline.exporter.walk._ahead import Fetch
from pipeline.models import Listed, Page, PageRequest
from pipeline.values import replace

ArchivedWord = Literal["together", "apart", "unknown"]
"""What the list does at the word: adds archived contacts, shows them alone, or nothing that can be seen."""

_PAGE = 100


async def try_word(fetch: Fetch) -> ArchivedWord:
    """Ask for one page with the word and one without, and return what it does. Raises what `fetch` raises.

    Where both show the same, the word may not be known, or there may be nobody archived.
    """
    try:
        plain, asked = [
            {record.id for record in (await fetch(PageRequest(limit=_PAGE, archived=archived))).records}
            for archived in (None, True)
        ]
    except (RequestRefused, ServiceUnavailable):
        return "unknown"
    if plain == asked:
        return "unknown"
    return "together" if plain & asked else "apart"


def with_word(fetch: Fetch) -> Fetch:
    """Return a function that asks for the same pages, archived contacts among them."""

    async def ask(request: PageRequest) -> Page[Listed]:
        page = await fetch(replace(request, archived=True))
        return Page(request, page.records)

    return ask
