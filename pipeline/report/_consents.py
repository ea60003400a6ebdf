"""What is known of consent, as a person reads it."""

from pipeline.results import ConsentChange, ConsentExport, ConsentList
from pipeline.showing import visible

_STATES = {"opted_out": "opted out", "do_not_contact": "do not contact"}
_SOURCES = {
    "row": "a row",
    "row_not_imported": "a row that was not imported",
    "service": "the service",
    "snapshot": "a snapshot",
    "list": "a list",
    "person": "a person",
}
_MOST_SHOWN = 20


def consents_text(found: ConsentList) -> str:
    """Return the list of phones that a no is known of. It shows them whole: that is what it is for."""
    if not found.phones:
        return "No opt-out is known on this machine for this account."
    lines = []
    for each in found.phones:
        place = f" ({visible(each.place)})" if each.place else ""
        back = f"; may be texted at the service, seen {each.came_back[:10]}" if each.came_back else ""
        lines.append(f"{each.phone:<18}{_STATES[each.state]:<16}{each.at[:10]}  {_SOURCES[each.source]}{place}{back}")
    return "\n".join([*lines, f"{len(found.phones):,} phone{'' if len(found.phones) == 1 else 's'}."])


def consent_added_text(found: ConsentChange) -> str:
    """Return the end of an addition to the do-not-contact list."""
    known = f"; {found.known:,} stood on it already" if found.known else ""
    put = _phones(found.changed)
    text = f"{put} put on the do-not-contact list{known}. Nothing was sent:"
    return "\n".join([f"{text} an import opts out those that it meets.", *_reject_lines(found)])


def consent_released_text(found: ConsentChange) -> str:
    """Return the end of a release."""
    known = f" Of {found.known:,} others nothing was known." if found.known else ""
    text = f"{_phones(found.changed)} released.{known} Nobody was opted in: the service still decides."
    return "\n".join([text, *_reject_lines(found)])


def consent_export_text(found: ConsentExport) -> str:
    """Return the end of a listing."""
    return f"{found.entries:,} entries: {visible(found.path)}"


def _phones(count: int) -> str:
    return "1 phone was" if count == 1 else f"{count:,} phones were"


def _reject_lines(found: ConsentChange) -> list[str]:
    if not found.rejects:
        return []
    count = len(found.rejects)
    lines = [
        f"{count:,} row{' names' if count == 1 else 's name'} no phone and {'was' if count == 1 else 'were'} NOT taken:"
    ]
    lines += [f"  line {each.line}: {visible(each.reason)} [{each.code}]" for each in found.rejects[:_MOST_SHOWN]]
    more = len(found.rejects) - _MOST_SHOWN
    return [*lines, f"  and {more:,} more"] if more > 0 else lines
