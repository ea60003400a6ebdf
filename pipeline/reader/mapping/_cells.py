"""Convert the cells of one column into what they say about contacts, or into why they cannot be used."""

import functools
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

from pipeline.libraries import pd
from pipeline.models import MAX_TAGS
from pipeline.phone import read_phones
from pipeline.reader.mapping._columns import Binding, ColumnPlan
from pipeline.reader.mapping._emails import bad_emails
from pipeline.settings import ColumnTarget
from pipeline.transforms import USUAL_WORDS, TransformProblem, apply_steps, columns_named, joined

Key = TypeVar("Key")
Value = TypeVar("Value")

CLEAR = "<clear>"
"""A cell that erases the contact's value. Source: design, "Policy is ours"."""

KEEP = None
"""The value of a cell that says nothing."""

UNASSIGNED = -1
"""The owner that stands for nobody. Source: shared API facts, "Shapes"."""

OPT_OUT_WORDS = dict.fromkeys(USUAL_WORDS[0], True) | dict.fromkeys(USUAL_WORDS[1], False)

STATUS_WORDS = {"unsubscribed": True, "subscribed": False, "active": False}
"""What a status says about the opt-out. Source: shared API facts, "Endpoints", `set_status`."""

_TEXT_KINDS = frozenset(("first", "last", "display_name", "email", "custom"))


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell that cannot be used."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell says about the contact, where that is more than a text."""

    fields: Mapping[str, str | int | bool] = field(default_factory=dict)
    tags: tuple[int, ...] | None = None
    lists: tuple[int, ...] = ()
    known_id: int | None = None
    channels: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    def merged(self, other: "Cell") -> "Cell":
        """Return what both say; the fields are left to the caller."""
        tags = self.tags if other.tags is None else other.tags
        return replace(
            self,
            tags=tags,
            lists=(*self.lists, *other.lists),
            known_id=other.known_id or self.known_id,
            channels=(*self.channels, *other.channels),
            notes=(),
        )


class Column:
    """One column of a chunk, converted: a text, a Cell or KEEP for every row, with the problems and notes by row.

    Values that only a contact needs are made when the first contact is: a check that counts never asks for them.
    """

    def __init__(self, make: Callable[[], Sequence[str | Cell | None]]) -> None:
        self._make = make
        self.problems: dict[int, Problem] = {}
        self.notes: dict[int, tuple[str, ...]] = {}

    @functools.cached_property
    def values(self) -> Sequence[str | Cell | None]:
        """What each row says."""
        return self._make()


def convert_column(rows: Sequence[Sequence[str]], binding: Binding, plan: ColumnPlan) -> Column:
    """Return what a column says under its target (any but phone and ignore)."""
    kind = binding.target.kind
    if kind in _TEXT_KINDS and not binding.target.steps:
        return _judged(_text_column(list(map(operator.itemgetter(binding.index), rows)), plan), kind)
    texts, problems = read_texts(rows, binding, plan)
    if kind in _TEXT_KINDS:
        column = _judged(_text_column(list(map(joined, texts)), plan), kind)
    else:
        column = _cell_column(texts, binding.target, plan)
    column.problems |= problems
    return column


def _judged(column: Column, kind: str) -> Column:
    if kind == "email":
        _judge_emails(column)
    return column


def _judge_emails(column: Column) -> None:
    places: Sequence[int] = range(len(column.values))
    if not all(column.values):
        places = [index for index, text in enumerate(column.values) if text]
    filled = column.values if isinstance(places, range) else [column.values[index] for index in places]
    for place, reason in bad_emails(cast("Sequence[str]", filled)).items():
        column.problems[places[place]] = Problem("bad_email", reason)


def stripped(rows: Sequence[Sequence[str]], index: int) -> list[str]:
    """Return the cells of a column without the blanks around them."""
    return list(map(str.strip, map(operator.itemgetter(index), rows)))


def read_texts(
    rows: Sequence[Sequence[str]], binding: Binding, plan: ColumnPlan
) -> tuple[list[str] | list[str | tuple[str, ...]], dict[int, Problem]]:
    """Return the cells of a column with its transforms done, and the problems that those had.

    Without transforms they are the stripped cells; with them, what stands for nothing is blank before the first one.
    """
    steps = binding.target.steps
    cells = stripped(rows, binding.index)
    if not steps:
        return cells, {}
    nulls = dict.fromkeys(plan.imports.null_values, "")
    others = {name: plan.place(name) for name in columns_named(steps)}

    def change(key: tuple[Any, ...]) -> str | tuple[str, ...] | Problem:
        if key[0] == CLEAR and CLEAR not in nulls:
            return CLEAR
        try:
            return apply_steps(steps, nulls.get(key[0], key[0]), dict(zip(others, key[1:], strict=True)))
        except TransformProblem as problem:
            return Problem(problem.code, problem.reason)

    keys = list(zip(cells, *(stripped(rows, place) for place in others.values()), strict=True))
    changed = each_distinct(keys, change)
    problems = {index: text for index, text in enumerate(changed) if isinstance(text, Problem)}
    return ["" if isinstance(text, Problem) else text for text in changed], problems


def each_distinct(cells: Sequence[Key], convert: Callable[[Key], Value]) -> list[Value]:
    """Convert a column, each distinct cell once."""
    column: pd.Series[Any] = pd.Series(list[Any](cells), dtype=object)
    codes, distinct = pd.factorize(column)
    values = [convert(cell) for cell in distinct]
    return [values[code] for code in codes.tolist()]


def _text_column(cells: Sequence[str], plan: ColumnPlan) -> Column:
    blank = "" if plan.imports.blanks == "clear" else KEEP
    special: dict[str, str | None] = {CLEAR: "", **dict.fromkeys(("", *plan.imports.null_values), blank)}
    nuls = [index for index, cell in enumerate(cells) if "\0" in cell] if "\0" in "".join(cells) else []
    if nuls:
        cells = [cell.replace("\0", "") for cell in cells]
    column = Column(lambda: [special.get(text, text) for text in map(str.strip, cells)])
    column.notes = dict.fromkeys(nuls, ("nul_removed",))
    longest = plan.imports.max_text_length
    if max(map(len, cells), default=0) > longest:
        problem = Problem("text_too_long", f"the text has more than {longest} characters (import.max_text_length)")
        column.problems = {index: problem for index, cell in enumerate(cells) if len(cell.strip()) > longest}
    return column


def _cell_column(texts: Sequence[str | tuple[str, ...]], target: ColumnTarget, plan: ColumnPlan) -> Column:
    found = each_distinct(texts, lambda text: _convert(text, target, plan))
    values = [cell if isinstance(cell, Cell) else KEEP for cell in found]
    column = Column(lambda: values)
    column.problems = {index: cell for index, cell in enumerate(found) if isinstance(cell, Problem)}
    column.notes = {index: cell.notes for index, cell in enumerate(values) if cell and cell.notes}
    return column


# --- what one cell says -----------------------------------------------------------------------------------------------


def _convert(text: str | tuple[str, ...], target: ColumnTarget, plan: ColumnPlan) -> Cell | Problem | None:
    blank = not text or text in plan.imports.null_values
    # Listed among the null values, it is one of them: a file that never means it can say so.
    clears = (text == CLEAR and not blank) or (blank and plan.imports.blanks == "clear")
    if clears and target.kind in _CLEARED:
        return _CLEARED[target.kind]
    if blank:
        return KEEP
    if target.kind == "tags":
        return _tags(text if isinstance(text, tuple) else tuple(text.split(target.separator)), plan)
    return _CONVERTERS[target.kind](joined(text), target, plan)


_CLEARED = {
    "avatar": Cell({"avatar": ""}),
    "assignee_id": Cell({"assignee_id": UNASSIGNED}),
    "assignee": Cell({"assignee_id": UNASSIGNED}),
    "tags": Cell(tags=()),
}
"""What erases. The other kinds have nothing to erase: a blank says nothing about consent, lists or identity."""


def _tags(parts: Sequence[str], plan: ColumnPlan) -> Cell | Problem:
    names = list(dict.fromkeys(name.strip() for name in parts if name.strip()))
    notes: tuple[str, ...] = ()
    if len(names) > MAX_TAGS:
        if plan.imports.too_many_tags == "reject":
            return Problem("too_many_tags", f"{len(names)} tags; a contact has at most {MAX_TAGS}")
        names, notes = names[:MAX_TAGS], ("tags_cut",)
    if plan.tags is None and not all(_is_number(name) for name in names):
        # Offline: the names can only be brought to IDs with the account at hand.
        return Cell(notes=(*notes, "tags_not_checked"))
    found = [_tag_ids(name, plan) for name in names]
    for name, ids in zip(names, found, strict=True):
        if len(ids) != 1:
            why = f"{len(ids)} tags are called {name!r}; use their IDs" if ids else f"the account has no tag {name!r}"
            return Problem("unknown_tag", why)
    return Cell(tags=tuple(dict.fromkeys(ids[0] for ids in found)), notes=notes)


def _tag_ids(name: str, plan: ColumnPlan) -> tuple[int, ...]:
    known = plan.tags.find(name) if plan.tags else ()
    return (int(name),) if not known and _is_number(name) else known


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,18}", text) is not None


def _avatar(cell: str, _: ColumnTarget, __: ColumnPlan) -> Cell | Problem:
    if not cell.lower().startswith(("https://", "http://")):
        return Problem("bad_url", "this is no web address (https://...)")
    return Cell({"avatar": cell})


def _opt_out(cell: str, _: ColumnTarget, __: ColumnPlan) -> Cell | Problem:
    word = OPT_OUT_WORDS.get(cell.casefold())
    if word is None:
        return Problem("bad_boolean", "expected yes, y, true, t or 1 for opted out; no, n, false, f or 0 for not")
    return Cell({"is_opted_out": word})


def _status(cell: str, _: ColumnTarget, __: ColumnPlan) -> Cell | Problem:
    word = STATUS_WORDS.get(cell.casefold())
    if word is None:
        return Problem("bad_status", "expected active, subscribed or unsubscribed (blocking is left to the web app)")
    return Cell({"is_opted_out": word})


def _owner_id(cell: str, _: ColumnTarget, __: ColumnPlan) -> Cell | Problem:
    if cell == str(UNASSIGNED) or _is_number(cell):
        return Cell({"assignee_id": int(cell)})
    return Problem("bad_number", "expected the numeric ID of a team member, or -1 for nobody")


def _owner(cell: str, _: ColumnTarget, plan: ColumnPlan) -> Cell | Problem:
    if plan.members is None:
        return Cell(notes=("assignee_not_checked",))
    found = plan.members.find(cell)
    if len(found) == 1:
        return Cell({"assignee_id": found[0]})
    if found:
        return Problem("unknown_member", f"{len(found)} team members are called {cell!r}; use assignee_id")
    return Problem("unknown_member", f"the team has no member {cell!r}")


def _known_id(cell: str, _: ColumnTarget, __: ColumnPlan) -> Cell | Problem:
    return Cell(known_id=int(cell)) if _is_number(cell) else Problem("bad_number", "expected a contact's numeric ID")


def _list(cell: str, target: ColumnTarget, _: ColumnPlan) -> Cell | Problem:
    if target.list_id is None:
        good = _is_number(cell)
        return Cell(lists=(int(cell),)) if good else Problem("bad_number", "expected the numeric ID of a list")
    word = OPT_OUT_WORDS.get(cell.casefold())
    if word is None:
        return Problem("bad_boolean", "expected yes, y, true, t or 1 to add to the list; no, n, false, f or 0 not to")
    return Cell(lists=(target.list_id,)) if word else Cell()


def _channel(cell: str, target: ColumnTarget, plan: ColumnPlan) -> Cell | Problem:
    """A further way to reach a contact. One that cannot be is counted; the row has a phone without it."""
    value = cell
    if target.channel == "phone":
        value = read_phones([cell], plan.imports.default_region).digits[0] or ""
    elif target.channel == "email" and bad_emails([cell]):
        value = ""
    return Cell(channels=((target.channel, value),)) if value else Cell(notes=("channel_invalid",))


_CONVERTERS: Mapping[str, Callable[[str, ColumnTarget, ColumnPlan], Cell | Problem]] = {
    "avatar": _avatar,
    "is_opted_out": _opt_out,
    "status": _status,
    "assignee_id": _owner_id,
    "assignee": _owner,
    "id": _known_id,
    "list": _list,
    "channel": _channel,
}
