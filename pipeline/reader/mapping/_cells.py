"""Convert the cells of one column into what they say about contacts, or into why they cannot be used."""

import csv
import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from pipeline.models import MAX_TAGS, column_of
from pipeline.reader.mapping._columns import Binding, ColumnPlan
from pipeline.reader.mapping._distinct import each_distinct, replaced, stripped
from pipeline.reader.mapping._emails import bad_emails
from pipeline.reader.mapping._letters import CONTROL, ENTITY, MOJIBAKE, has_invisible, is_invisible
from pipeline.reader.mapping._nothing import find_odd, is_error
from pipeline.reader.mapping._regions import Regions, read_under
from pipeline.settings import ColumnTarget
from pipeline.showing import quoted
from pipeline.transforms import USUAL_WORDS, TransformProblem, apply_steps, columns_named, joined
from pipeline.values import Struct, field, replace

CLEAR = "<clear>"
"""A cell that erases the contact's value. Source: docs/policies.md."""

KEEP = None
"""The value of a cell that says nothing."""

UNASSIGNED = -1
"""The owner that stands for nobody. Source: docs/api.md, section Shapes."""

OPT_OUT_WORDS = dict.fromkeys(USUAL_WORDS[0], True) | dict.fromkeys(USUAL_WORDS[1], False)

STATUS_WORDS = {"unsubscribed": True, "subscribed": False, "active": False}
_BLOCKED_WORDS = {"blocked": True, "unblocked": False, "active": False}
"""What a status says about the opt-out. Source: docs/api.md, section Endpoints."""

CONSENT_KINDS = ("is_opted_out", "status")
"""The targets that say who must not be texted."""

_TEXT_KINDS = frozenset(("first", "last", "display_name", "email", "custom"))


class CellProblem(Struct, frozen=True):
    """A cell that cannot be used."""

    code: str
    reason: str


_CONTROL_PROBLEM = CellProblem(
    "control_characters",
    "the text holds control characters, as where a file is read in a wrong encoding: name the right one"
    ' (import.encoding), mend the cell, or mend all with transform = "fix_text"',
)


class Cell(Struct, frozen=True):
    """What one cell says about the contact, where that is more than a text."""

    fields: Mapping[str, str | int | bool] = field(default_factory=dict)
    tags: tuple[int, ...] | None = None
    lists: tuple[int, ...] = ()
    known_id: int | None = None
    channels: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    is_blocked: bool | None = None
    uuid: str = ""

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
            is_blocked=self.is_blocked if other.is_blocked is None else other.is_blocked,
            uuid=other.uuid or self.uuid,
        )


def says_no(cell: Cell) -> bool:
    """Whether a cell says that its person must not be texted: opted out, or blocked."""
    return bool(cell.fields.get("is_opted_out") or cell.is_blocked)


class Column:
    """One column of a chunk, converted: a text, a Cell or KEEP for every row, with the problems and notes by row.

    `left_out` are problems that cost the cell alone. Values that only a contact needs are made when the first contact
    is: a check that counts never asks for them.
    """

    def __init__(self, make: Callable[[], Sequence[str | Cell | None]]) -> None:
        self._make = make
        self._silent: frozenset[int] = frozenset()
        self.problems: dict[int, CellProblem] = {}
        self.left_out: dict[int, CellProblem] = {}
        self.notes: dict[int, tuple[str, ...]] = {}

    @functools.cached_property
    def values(self) -> Sequence[str | Cell | None]:
        """What each row says."""
        made, silent = self._make(), self._silent
        return [KEEP if place in silent else value for place, value in enumerate(made)] if silent else made

    def silence(self, places: Iterable[int]) -> None:
        """Make the cells of some rows say nothing: not even a blank that would erase."""
        self._silent |= frozenset(places)
        self.__dict__.pop("values", None)

    def leave_out_problems(self) -> None:
        """Let the cells that have a problem say nothing, instead of rejecting their rows."""
        if self.problems:
            self.left_out, self.problems = self.problems, {}
            self.silence(self.left_out)

    def add_note(self, place: int, note: str) -> None:
        """Count something about a row."""
        self.notes[place] = (*self.notes.get(place, ()), note)


def convert_column(rows: Sequence[Sequence[str]], binding: Binding, plan: ColumnPlan, regions: Regions) -> Column:
    """Return what a column says under its target (any but phone and ignore)."""
    kind = binding.target.kind
    if kind == "channel" and binding.target.channel == "phone":
        texts, problems = read_texts(rows, binding, plan)
        column = _phone_channels(list(map(joined, texts)), regions)
    elif kind not in _TEXT_KINDS:
        texts, problems = read_texts(rows, binding, plan)
        column = _cell_column(texts, binding.target, plan)
    elif binding.target.steps:
        texts, problems = read_texts(rows, binding, plan)
        column = _text_column(list(map(joined, texts)), plan)
        _note_odd_sources(column, texts, stripped(rows, binding.index), plan)
    else:
        problems = {}
        column = _text_column(column_of(rows, binding.index), plan)
    if kind == "email":
        column.problems |= _email_problems(column.values)
    column.problems |= problems
    return column


def _note_odd_sources(
    column: Column, texts: Sequence[str | tuple[str, ...]], cells: Sequence[str], plan: ColumnPlan
) -> None:
    """Note what a column's transforms were given that stands for nothing; what became blank of it erases nothing."""
    odd = find_odd(cells, "".join(cells), plan.imports.null_values)
    column.silence(place for place in odd.errors if not texts[place])
    # What was found in the result stood in the cell, too, where nothing changed it.
    column.notes |= odd.notes


def _email_problems(values: Sequence[str | Cell | None]) -> dict[int, CellProblem]:
    # Most columns are full: then the values themselves are the addresses, and no place is moved.
    places = range(len(values)) if all(values) else [index for index, text in enumerate(values) if text]
    filled = values if isinstance(places, range) else [values[index] for index in places]
    found = bad_emails(cast("Sequence[str]", filled))
    return {places[place]: CellProblem("bad_email", reason) for place, reason in found.items()}


def join_emails(columns: Sequence[tuple[Binding, Column]]) -> None:
    """Leave to each of several columns of addresses the rows where it is the first one that is filled and correct.

    A problem stays where none is.
    """
    emails = [(binding, column) for binding, column in columns if binding.target.kind == "email"]
    taken: set[int] = set()
    for place, (binding, column) in enumerate(emails if len(emails) > 1 else ()):
        good = {index for index, value in enumerate(column.values) if value and index not in column.problems}
        for index in good - taken if place else ():
            column.add_note(index, f"email_from:{binding.header}")
        column.silence(taken)
        for _, other in emails:
            if other is not column:
                other.silence(good - taken)
        taken |= good
    for _, column in emails:
        column.problems = {index: problem for index, problem in column.problems.items() if index not in taken}


def read_texts(
    rows: Sequence[Sequence[str]], binding: Binding, plan: ColumnPlan
) -> tuple[list[str] | list[str | tuple[str, ...]], dict[int, CellProblem]]:
    """Return the cells of a column with its transforms done, and the problems that those had.

    Without transforms they are the stripped cells; with them, what stands for nothing is blank before the first one.
    """
    steps = binding.target.steps
    cells = stripped(rows, binding.index)
    if not steps:
        return cells, {}
    nulls = dict.fromkeys(plan.imports.null_values, "")
    others = {name: plan.place(name) for name in columns_named(steps)}
    # Elsewhere a failed formula is a reject: what is blank there may mean something.
    fails = is_error if binding.target.kind in _TEXT_KINDS else _never

    def change(key: tuple[Any, ...]) -> str | tuple[str, ...] | CellProblem:
        if key[0] == CLEAR and CLEAR not in nulls:
            return CLEAR
        try:
            cell, *rest = ("" if fails(each) else each for each in key)
            return apply_steps(steps, nulls.get(cell, cell), dict(zip(others, rest, strict=True)))
        except TransformProblem as problem:
            return CellProblem(problem.code, problem.reason)

    keys = list(zip(cells, *(stripped(rows, place) for place in others.values()), strict=True))
    changed = each_distinct(keys, change)
    problems = {index: text for index, text in enumerate(changed) if isinstance(text, CellProblem)}
    return ["" if isinstance(text, CellProblem) else text for text in changed], problems


def _never(_: str) -> bool:
    return False


def _text_column(cells: Sequence[str], plan: ColumnPlan) -> Column:
    blank = "" if plan.imports.blanks == "clear" else KEEP
    special: dict[str, str | None] = {CLEAR: "", **dict.fromkeys(("", *plan.imports.null_values), blank)}
    together = "".join(cells)
    nuls = [index for index, cell in enumerate(cells) if "\0" in cell] if "\0" in together else []
    if nuls:
        cells = [cell.replace("\0", "") for cell in cells]
    if has_invisible(together):
        cells = ["" if is_invisible(cell) else cell for cell in cells]
    odd = find_odd(cells, together, plan.imports.null_values)
    column = Column(lambda: replaced(list(map(str.strip, cells)), special))
    column.silence(odd.errors)
    column.notes = dict.fromkeys(nuls, ("nul_removed",)) | dict(odd.notes)
    longest = plan.imports.max_text_length
    if max(map(len, cells), default=0) > longest:
        problem = CellProblem("text_too_long", f"the text has more than {longest} characters (import.max_text_length)")
        column.problems = {index: problem for index, cell in enumerate(cells) if len(cell.strip()) > longest}
    _judge_letters(cells, together, column)
    return column


def _phone_channels(cells: Sequence[str], regions: Regions) -> Column:
    """Further numbers, read as the phones are; one that is none is counted, for the row has a phone without it."""
    blank = {"", CLEAR, *regions.plan.imports.null_values}
    filled = ["" if cell in blank else cell for cell in cells]
    read = read_under(filled, range(len(filled)), regions)
    column = Column(lambda: [Cell(channels=(("phone", digits),)) if digits else KEEP for digits in read.digits])
    column.notes = {place: ("channel_invalid",) for place in read.missing() if filled[place]}
    return column


def _judge_letters(cells: Sequence[str], together: str, column: Column) -> None:
    """Note the cells that were spoilt before they came here; refuse control characters."""
    if "&" in together and ENTITY.search(together):
        _note(column, "html_entities", (index for index, cell in enumerate(cells) if ENTITY.search(cell)))
    if together.isascii():
        return
    if MOJIBAKE.search(together):
        _note(column, "mojibake", (index for index, cell in enumerate(cells) if MOJIBAKE.search(cell)))
    if CONTROL.search(together):
        found = (index for index, cell in enumerate(cells) if CONTROL.search(cell.strip()))
        column.problems |= dict.fromkeys(found, _CONTROL_PROBLEM)


def _note(column: Column, note: str, places: Iterable[int]) -> None:
    for index in places:
        column.notes[index] = (*column.notes.get(index, ()), note)


def _cell_column(texts: Sequence[str | tuple[str, ...]], target: ColumnTarget, plan: ColumnPlan) -> Column:
    found = each_distinct(texts, lambda text: _convert(text, target, plan))
    values = [cell if isinstance(cell, Cell) else KEEP for cell in found]
    column = Column(lambda: values)
    column.problems = {index: cell for index, cell in enumerate(found) if isinstance(cell, CellProblem)}
    column.notes = {index: cell.notes for index, cell in enumerate(values) if cell and cell.notes}
    return column


# --- what one cell says -----------------------------------------------------------------------------------------------


def _convert(text: str | tuple[str, ...], target: ColumnTarget, plan: ColumnPlan) -> Cell | CellProblem | None:
    blank = not text or text in plan.imports.null_values or (isinstance(text, str) and is_invisible(text))
    # Listed among the null values, it is one of them: a file that never means it can say so.
    clears = (text == CLEAR and not blank) or (blank and plan.imports.blanks == "clear")
    if clears and target.kind in _CLEARED:
        return _CLEARED[target.kind]
    if blank:
        return KEEP
    if target.kind == "tags":
        return _tags(text if isinstance(text, tuple) else _listed(text, target.separator), plan)
    return _CONVERTERS[target.kind](joined(text), target, plan)


_CLEARED = {
    "avatar": Cell({"avatar": ""}),
    "assignee_id": Cell({"assignee_id": UNASSIGNED}),
    "assignee": Cell({"assignee_id": UNASSIGNED}),
    "tags": Cell(tags=()),
}
"""What erases. The other kinds have nothing to erase: a blank says nothing about consent, lists or identity."""


def _listed(text: str, separator: str) -> Sequence[str]:
    """The parts of a cell that lists names; one in quotes is kept whole: `"VIP","May, 2024"`."""
    if len(separator) == 1 and re.fullmatch('"[^\r\n]*"', text):
        return next(csv.reader([text], delimiter=separator, skipinitialspace=True))
    return text.split(separator)


def _tags(parts: Sequence[str], plan: ColumnPlan) -> Cell | CellProblem:
    names = list(dict.fromkeys(name.strip() for name in parts if name.strip()))
    notes: tuple[str, ...] = ()
    if len(names) > MAX_TAGS:
        if plan.imports.too_many_tags == "reject":
            return CellProblem("too_many_tags", f"{len(names)} tags; a contact has at most {MAX_TAGS}")
        names, notes = names[:MAX_TAGS], ("tags_cut",)
    if plan.tags is None and not all(_is_number(name) for name in names):
        # Offline: the names can only be brought to IDs with the account at hand.
        return Cell(notes=(*notes, "tags_not_checked"))
    found = [_tag_ids(name, plan) for name in names]
    for name, ids in zip(names, found, strict=True):
        if len(ids) != 1:
            why = (
                f"{len(ids)} tags are called {quoted(name)}; use their IDs"
                if ids
                else f"the account has no tag {quoted(name)}"
            )
            return CellProblem("unknown_tag", why)
    return Cell(tags=tuple(dict.fromkeys(ids[0] for ids in found)), notes=notes)


def _tag_ids(name: str, plan: ColumnPlan) -> tuple[int, ...]:
    known = plan.tags.find(name) if plan.tags else ()
    return (int(name),) if not known and _is_number(name) else known


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,18}", text) is not None


def _avatar(cell: str, _: ColumnTarget, __: ColumnPlan) -> Cell | CellProblem:
    if not cell.lower().startswith(("https://", "http://")):
        return CellProblem("bad_url", "this is no web address (https://...)")
    return Cell({"avatar": cell})


def _opt_out(cell: str, _: ColumnTarget, __: ColumnPlan) -> Cell | CellProblem:
    word = OPT_OUT_WORDS.get(cell.casefold())
    return _BAD_OPT_OUT if word is None else Cell({"is_opted_out": word})


def _status(cell: str, _: ColumnTarget, __: ColumnPlan) -> Cell | CellProblem:
    word = cell.casefold()
    out, blocked = STATUS_WORDS.get(word), _BLOCKED_WORDS.get(word)
    if out is None and blocked is None:
        return _BAD_STATUS
    return Cell({} if out is None else {"is_opted_out": out}, is_blocked=blocked)


_BAD_OPT_OUT = CellProblem("bad_boolean", "expected yes, y, true, t or 1 for opted out; no, n, false, f or 0 for not")
_BAD_STATUS = CellProblem("bad_status", "expected active, subscribed, unsubscribed, blocked or unblocked")


def _owner_id(cell: str, _: ColumnTarget, __: ColumnPlan) -> Cell | CellProblem:
    if cell == str(UNASSIGNED) or _is_number(cell):
        return Cell({"assignee_id": int(cell)})
    return CellProblem("bad_number", "expected the numeric ID of a team member, or -1 for nobody")


def _owner(cell: str, _: ColumnTarget, plan: ColumnPlan) -> Cell | CellProblem:
    if plan.members is None:
        return Cell(notes=("assignee_not_checked",))
    found = plan.members.find(cell)
    if len(found) == 1:
        return Cell({"assignee_id": found[0]})
    if found:
        return CellProblem("unknown_member", f"{len(found)} team members are called {quoted(cell)}; use assignee_id")
    return CellProblem("unknown_member", f"the team has no member {quoted(cell)}")


def _known_id(cell: str, _: ColumnTarget, __: ColumnPlan) -> Cell | CellProblem:
    return (
        Cell(known_id=int(cell)) if _is_number(cell) else CellProblem("bad_number", "expected a contact's numeric ID")
    )


def _uuid(cell: str, _: ColumnTarget, __: ColumnPlan) -> Cell | CellProblem:
    good = re.fullmatch(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", cell)
    return Cell(uuid=cell.lower()) if good else CellProblem("bad_uuid", "expected a contact's UUID")


def _list(cell: str, target: ColumnTarget, _: ColumnPlan) -> Cell | CellProblem:
    if target.list_id is None:
        good = _is_number(cell)
        return Cell(lists=(int(cell),)) if good else CellProblem("bad_number", "expected the numeric ID of a list")
    word = OPT_OUT_WORDS.get(cell.casefold())
    if word is None:
        return CellProblem(
            "bad_boolean", "expected yes, y, true, t or 1 to add to the list; no, n, false, f or 0 not to"
        )
    return Cell(lists=(target.list_id,)) if word else Cell()


def _channel(cell: str, target: ColumnTarget, _: ColumnPlan) -> Cell | CellProblem:
    """A further way to reach a contact. One that cannot be is counted; the row has a phone without it."""
    if target.channel == "email" and bad_emails([cell]):
        return Cell(notes=("channel_invalid",))
    return Cell(channels=((target.channel, cell),))


_CONVERTERS: Mapping[str, Callable[[str, ColumnTarget, ColumnPlan], Cell | CellProblem]] = {
    "avatar": _avatar,
    "is_opted_out": _opt_out,
    "status": _status,
    "assignee_id": _owner_id,
    "assignee": _owner,
    "id": _known_id,
    "uuid": _uuid,
    "list": _list,
    "channel": _channel,
}
