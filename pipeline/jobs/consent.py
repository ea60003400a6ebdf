"""The opt-outs that an account's state knows: listed, added to, taken out for another system, released."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from pipeline.account import Account
from pipeline.errors import InputError, StorageFailed
from pipeline.models import Contact, Record, Reject
from pipeline.phone import read_phone
from pipeline.reader.tables import Source, expand_sources
from pipeline.results import ConsentChange, ConsentExport, ConsentList, ConsentState, Example
from pipeline.reversal import ListIntake
from pipeline.runs import open_run
from pipeline.showing import quoted
from pipeline.signals import Progress, StopSwitch, interruptible
from pipeline.state import ConsentBook, Said, Standing, consents_path
from pipeline.storage import private_file

EXPORT_COLUMNS = ("phone", "state", "at", "source", "place")
"""Source: docs/contract.md, section Files."""

_STATES = {
    "no": "opted_out",
    "listed": "do_not_contact",
    "came_back": "came_back",
    "yes": "may_be_texted",
    "released": "released",
}


def list_consents(account: Account) -> ConsentList:
    """Return every phone that a no is known of. Raises StorageFailed."""
    with closing(_open(account)) as book:
        return ConsentList(tuple(_state(phone, standing) for phone, standing in book.entries()))


async def add_consents(account: Account, source: Source, progress: Progress) -> ConsentChange:
    """Put the phones of a list on the account's do-not-contact list; nothing is sent.

    Raises UsageProblem where the list names nobody by phone, StorageFailed, and Interrupted before anything is kept.
    """
    phones, rejects = await _read_list(account, source, progress)
    if not phones and not rejects:
        raise InputError(f"{source.name} names nobody. Nothing was kept.", advice="Give a list with a row a phone.")
    with closing(_open(account)) as book:
        fresh = [phone for phone, _ in phones if book.standing(phone).listed is None]
        book.keep(Said(phone, "listed", "list", source.name, line) for phone, line in phones)
    return ConsentChange(len(fresh), len(phones) - len(fresh), tuple(rejects))


def export_consents(account: Account, path: Path, *, since_last: bool) -> ConsentExport:
    """Write what was said about phones to a CSV file, oldest first: all of it, or what is new since the last time.

    The next `since_last` begins behind it. Raises StorageFailed.
    """
    with closing(_open(account)) as book:
        after = book.last_export() if since_last else 0
        said = list(book.said_since(after))
        _write(path, said)
        # Only when the file is there: what was not written comes again.
        if said:
            book.keep_export(said[-1].number)
    return ConsentExport(str(path), len(said))


async def release_consents(account: Account, what: str, run: str, why: str, progress: Progress) -> ConsentChange:
    """Take back everything that is known against phones: of one phone, of a list, or what one run has said.

    Nobody is opted in by it: only the account's state changes. Raises UsageProblem, StorageFailed and Interrupted.
    """
    rejects: list[Example] = []
    with closing(_open(account)) as book:
        if run:
            run_id = open_run(account.settings.paths.runs, run).run_id
            phones = list(dict.fromkeys(said.phone for said in book.said_in(run_id)))
        elif digits := read_phone(what, account.settings.imports.default_region).digits:
            phones = [digits]
        else:
            [source] = expand_sources([what])
            found, rejects = await _read_list(account, source, progress)
            phones = [phone for phone, _ in found]
        known = [phone for phone in phones if book.standing(phone).is_no]
        book.keep(Said(phone, "released", "person", why=why) for phone in known)
    return ConsentChange(len(known), len(phones) - len(known), tuple(rejects))


def _open(account: Account) -> ConsentBook:
    return ConsentBook(consents_path(account.key))


class _Offline:
    """Knows no contact: a list of consents is read without asking the account."""

    async def get_contact(self, contact_id: int) -> Record | None:
        """Return None."""
        raise AssertionError(contact_id)

    async def search(self, kind: str, values: Sequence[str]) -> list[Record]:
        """Return nobody."""
        raise AssertionError(kind, values)


async def _read_list(
    account: Account, source: Source, progress: Progress
) -> tuple[list[tuple[str, int]], list[Example]]:
    stop = StopSwitch()
    intake = ListIntake(_Offline(), source, account.settings.imports, stop, 1)
    async with interruptible(stop, progress.say, 0):
        names = await intake.read_names(progress)
    phones = [(each.phone, each.line) for each in names if isinstance(each, Contact) and each.phone]
    bad = [Example(each.line, each.code, each.column, "", each.reason) for each in names if isinstance(each, Reject)]
    for each in names:
        if isinstance(each, Contact) and not each.phone:
            reason = "it gives no phone; consent belongs to one, so give that"
            bad.append(Example(each.line, "without_phone", "", "", reason))
    return phones, bad


def _state(phone: str, standing: Standing) -> ConsentState:
    said = standing.listed or standing.no
    if said is None:
        raise AssertionError("nothing is known against this phone")
    back = standing.came_back.at if standing.came_back else ""
    return ConsentState(_shown(phone), _STATES[said.word], said.at, said.source, said.place, back)


def _shown(phone: str) -> str:
    return f"+{phone}" if phone.isdecimal() else phone


def _write(path: Path, said: Sequence[Said]) -> None:
    try:
        with private_file(path) as beside, beside.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(EXPORT_COLUMNS)
            writer.writerows(_cells(said))
    except OSError as error:
        raise StorageFailed(f"The list {quoted(path)} cannot be written: {error.strerror}.") from error


def _cells(said: Sequence[Said]) -> Iterator[tuple[str, ...]]:
    return ((_shown(each.phone), _STATES[each.word], each.at, each.source, each.place) for each in said)
