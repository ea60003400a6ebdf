"""A column that may say who must not be texted, as a person is told of it."""

from typing import Literal

from pipeline.values import Struct

ConsentState = Literal["question", "new", "unread", "other_channel"]
"""Asked and not answered; not known to settings that ask; not read; about e-mail, fax, calls or post."""


class ConsentNotice(Struct, frozen=True):
    """What a person has to know of one column. `lines` can be pasted into [import.columns], one of them."""

    column: str
    state: ConsentState
    reason: str
    lines: tuple[str, ...] = ()
