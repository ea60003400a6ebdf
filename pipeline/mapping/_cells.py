"""Convert the text of one cell into what it says about a contact, or into why it cannot be used."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pipeline.mapping._columns import ColumnPlan, fold
from pipeline.models import MAX_TAGS
from pipeline.settings import ColumnTarget

CLEAR = "<clear>"
"""A cell that erases the contact's value. Source: design, "Policy is ours"."""

UNASSIGNED = -1
"""The owner that stands for nobody. Source: shared API facts, "Shapes"."""

_TRUE_WORDS = ("yes", "y", "true", "t", "1")
_FALSE_WORDS = ("no", "n", "false", "f", "0")
OPT_OUT_WORDS = dict.fromkeys(_TRUE_WORDS, True) | dict.fromkeys(_FALSE_WORDS, False)
"""Source: shared API facts, "The web app's own CSV import"."""

_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell that cannot be used."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell says about the contact."""

    fields: Mapping[str, str | int | bool] = field(default_factory=dict)
    custom: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[int, ...] | None = None
    notes: tuple[str, ...] = ()


_NOTHING = Cell()


def convert_cell(cell: str, target: ColumnTarget, plan: ColumnPlan) -> Cell | Problem:
    """Return what a stripped cell says under its target (any but phone and ignore)."""
    convert = _CONVERTERS.get(target.kind)
    if convert:
        return convert(cell, target, plan)
    if clears(cell, plan):
        return Cell({target.kind: UNASSIGNED if target.kind == "assignee_id" else ""})
    return _NOTHING if is_blank(cell, plan) else _field(cell, target.kind)


def is_blank(cell: str, plan: ColumnPlan) -> bool:
    """Whether a stripped cell holds nothing, or one of the words that stand for nothing."""
    return not cell or cell in plan.imports.null_values


def clears(cell: str, plan: ColumnPlan) -> bool:
    """Whether a cell erases what the contact holds."""
    return cell == CLEAR or (is_blank(cell, plan) and plan.imports.blanks == "clear")


def _custom(cell: str, target: ColumnTarget, plan: ColumnPlan) -> Cell | Problem:
    if clears(cell, plan):
        return Cell(custom={str(target.custom): ""})
    return _NOTHING if is_blank(cell, plan) else Cell(custom={str(target.custom): cell})


def _tags(cell: str, target: ColumnTarget, plan: ColumnPlan) -> Cell | Problem:
    if clears(cell, plan):
        return Cell(tags=())
    if is_blank(cell, plan):
        return _NOTHING
    names = list(dict.fromkeys(name.strip() for name in cell.split(target.separator) if name.strip()))
    if len(names) > MAX_TAGS:
        return Problem("too_many_tags", f"{len(names)} tags; a contact has at most {MAX_TAGS}")
    if plan.tag_ids is None and not all(_is_number(name) for name in names):
        # Offline: the names can only be brought to IDs with the account at hand.
        return Cell(notes=("tags_not_checked",))
    ids = [_tag_id(name, plan) for name in names]
    if None in ids:
        return Problem("unknown_tag", f"the account has no tag {names[ids.index(None)]!r}")
    return Cell(tags=tuple(dict.fromkeys(tag for tag in ids if tag is not None)))


def _tag_id(name: str, plan: ColumnPlan) -> int | None:
    known = (plan.tag_ids or {}).get(fold(name))
    return int(name) if known is None and _is_number(name) else known


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,18}", text) is not None


def _field(cell: str, kind: str) -> Cell | Problem:
    if kind == "assignee_id":
        return _owner(cell)
    if kind == "email" and not _EMAIL.fullmatch(cell):
        return Problem("bad_email", "this is no e-mail address (name@example.com)")
    if kind == "avatar" and not cell.lower().startswith(("https://", "http://")):
        return Problem("bad_url", "this is no web address (https://...)")
    return Cell({kind: cell})


def _opt_out(cell: str, _: ColumnTarget, plan: ColumnPlan) -> Cell | Problem:
    # A blank says nothing about consent, also where blanks clear other fields.
    if is_blank(cell, plan):
        return _NOTHING
    word = OPT_OUT_WORDS.get(cell.casefold())
    if word is None:
        return Problem("bad_boolean", "expected yes, y, true, t or 1 for opted out; no, n, false, f or 0 for not")
    return Cell({"is_opted_out": word})


def _owner(cell: str) -> Cell | Problem:
    if cell == str(UNASSIGNED) or _is_number(cell):
        return Cell({"assignee_id": int(cell)})
    return Problem("bad_number", "expected the numeric ID of a team member, or -1 for nobody")


def _channel(cell: str, _: ColumnTarget, plan: ColumnPlan) -> Cell | Problem:
    return _NOTHING if is_blank(cell, plan) else Cell(notes=("channel_not_written",))


_CONVERTERS: Mapping[str, Callable[[str, ColumnTarget, ColumnPlan], Cell | Problem]] = {
    "custom": _custom,
    "tags": _tags,
    "is_opted_out": _opt_out,
    "channel": _channel,
}
