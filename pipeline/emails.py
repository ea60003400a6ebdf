"""E-mail addresses: is this one written as an address is written? Nothing is looked up on a network."""

import functools
import re
from collections.abc import Callable, Sequence

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_USUAL = re.compile(
    # The local part: words of the common characters between single dots, at most 64 of them.
    r"(?=[^@]{1,64}@)[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@"
    # The domain: labels without "--" at their third place (those are encoded names), ending in letters.
    rf"(?:(?!..--){_LABEL}\.)+(?!..--)[A-Za-z]{{2,63}}"
)
"""The shape of nearly all addresses. The library accepts what it accepts, and judges what it does not."""

_USUAL_LENGTH = 200
"""Characters up to which the limits on the whole address and on the domain cannot be met."""

_SPECIAL = re.compile(r"(?:^|[@.])(?:arpa|invalid|local|localhost|onion|test)$", re.IGNORECASE)
"""Top-level names that no mail is sent to; the library has the last word on them. Source: RFC 6761 and its registry."""


def check_email(text: str) -> str | None:
    """Return None for an address that is written correctly, else the reason why it is not."""
    if len(text) <= _USUAL_LENGTH and _USUAL.fullmatch(text) and not _SPECIAL.search(text):
        return None
    return _library()(text)


def bad_emails(cells: Sequence[str]) -> dict[int, str]:
    """Return the reasons of the addresses that are not written correctly, by their place."""
    usual = _USUAL.fullmatch
    special = _SPECIAL.search
    doubtful = [
        index for index, cell in enumerate(cells) if len(cell) > _USUAL_LENGTH or not usual(cell) or special(cell)
    ]
    reasons = {index: _library()(cells[index]) for index in doubtful}
    return {index: reason for index, reason in reasons.items() if reason is not None}


@functools.cache
def _library() -> Callable[[str], str | None]:
    # It takes a while to import, and most files have no address that needs it.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    @functools.lru_cache(maxsize=10_000)
    def judge(text: str) -> str | None:
        try:
            validate_email(text, check_deliverability=False)
        except EmailNotValidError as error:
            return f"this is no e-mail address: {str(error).rstrip('.')}"
        except (UnicodeError, ValueError):
            return "this is no e-mail address"
        return None

    return judge
