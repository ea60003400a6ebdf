"""Reading a tie group, contacts with one time stamp, that is larger than a page: by `page`, with a proof."""

from collections.abc import Callable, Generator

from pipeline.exporter.walk._frontier import signature
from pipeline.models import Listed, PageRequest
from pipeline.values import Struct

MOST_PASSES = 6
"""How often a tie group is read before it is given up: each edit in it costs one more pass."""

MOST_TRIALS = 3
"""How often the number of the first page is looked for: an edit between two requests spoils the comparison."""

Answer = tuple[Listed, ...] | None
"""The records of a page, or None when the server refused the request."""

AskPage = Callable[[int | None], Generator[PageRequest, Answer, Answer]]
"""Asks for page n of one date; None leaves `page` out."""


class TieProof(Struct, frozen=True):
    """A tie group that is proved to be complete.

    `tail` is the page where it ended, `at_end` whether the list ended there too, `has_body` whether any contact of the
    group was read.
    """

    tail: tuple[Listed, ...]
    at_end: bool
    has_body: bool


class _Pass(Struct, frozen=True):
    slots: int
    digest: int
    proof: TieProof


def prove_by_pages(
    ask: AskPage,
    is_beyond: Callable[[Listed], bool],
    found_base: Callable[[int | None], None],
    known_base: int | None = None,
) -> Generator[PageRequest, Answer, TieProof | None]:
    """Read pages 0, 1, 2... of one date until a record `is_beyond` the tie group, or the list ends.

    A page can miss records when others are deleted while the pages are read, and the same accident can happen twice.
    So the proof counts: the last page of a pass shows how many records precede its end; when as many different ones
    were read, and the following pass shows that every one of them was still there unchanged, there is no room for
    another. None when `page` is ignored within the date, or the group changes in every pass.
    `found_base` is told the number of the first page, or None when `page` is seen to be ignored. `known_base` was found
    earlier; if it is wrong here, the first pass shows that.
    """
    base, earlier = known_base, None
    if base is not None:
        earlier = yield from _read_once(ask, base, is_beyond)
    if earlier is None:
        base = yield from _find_base(ask, found_base)
    if base is None:
        return None
    for _ in range(MOST_PASSES):
        current = yield from _read_once(ask, base, is_beyond)
        if earlier and current and (earlier.slots, earlier.digest) == (current.slots, current.digest):
            return earlier.proof
        earlier = current
    return None


def _find_base(ask: AskPage, found_base: Callable[[int | None], None]) -> Generator[PageRequest, Answer, int | None]:
    """Return the number of the page that equals the one without a number, if the page after it differs."""
    for _ in range(MOST_TRIALS):
        head = yield from ask(None)
        pages = []
        for number in range(3):
            pages.append((yield from ask(number)))
            if len(pages) > 1 and _same(pages[-2], head) and not _same(pages[-1], head):
                found_base(number - 1)
                return number - 1
        if all(_same(page, head) for page in pages):
            found_base(None)
            return None
    return None


def _same(page: Answer, head: Answer) -> bool:
    if page is None or head is None:
        return False
    return {signature(record) for record in page} == {signature(record) for record in head}


def _read_once(
    ask: AskPage, base: int, is_beyond: Callable[[Listed], bool]
) -> Generator[PageRequest, Answer, _Pass | None]:
    """Read the group once. None when the pages do not fit together: they overlap, or a short one is not the last."""
    seen: set[int] = set()
    digest = 0
    size: int | None = None
    page: tuple[Listed, ...] = ()
    number = base
    while True:
        before = page
        answer = yield from ask(number)
        if answer is None or (size is not None and answer and not len(answer) <= size == len(before)):
            return None
        page = answer
        size = len(page) if size is None else size
        for record in page:
            if is_beyond(record):
                return _Pass(len(seen), digest, TieProof(page, at_end=False, has_body=bool(seen)))
            if record.id in seen:
                return None
            seen.add(record.id)
            digest = (digest + int(signature(record), 16)) % 2**64
        if not page:
            return _Pass(len(seen), digest, TieProof(before, at_end=True, has_body=bool(seen)))
        number += 1
