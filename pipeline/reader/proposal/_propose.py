"""Propose where each column of a file goes, with a confidence and a reason."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from pipeline.reader._folding import NameIndex, find_name, fold
from pipeline.reader._toml import toml
from pipeline.reader.consent import IGNORE, Kind, Verdict, column_key, judge_columns, says_consent
from pipeline.reader.proposal import _words as words
from pipeline.reader.proposal._looks import Looks, look_at, show
from pipeline.reader.proposal._needs import find_needs
from pipeline.reader.proposal._own_export import is_own_export, propose_own
from pipeline.reader.proposal._proposal import CONSENT, GUESS, LIKELY, SURE, ColumnProposal, Proposal
from pipeline.reader.proposal._region import Region, find_default
from pipeline.showing import quoted
from pipeline.transforms import is_splittable
from pipeline.values import Struct, replace

_MOSTLY = 0.6
_SOME = 0.2
"""From this share of phones on, a column that its name calls phone is one, whatever words it has beside them."""

_FEWEST = 2
"""Filled cells from which a column is judged by its looks alone."""

_EXAMPLES = 2
_SEPARATORS = (" ::: ", ";", "|", ",")


class _Column(Struct, frozen=True):
    index: int
    header: str
    key: str
    cells: Sequence[str]
    looks: Looks

    @property
    def name(self) -> str:
        return fold(self.header)

    def proposal(self, target: object, confidence: str, reason: str, *, custom: bool = False) -> ColumnProposal:
        distinct = list(dict.fromkeys(cell for cell in self.cells if cell))[:_EXAMPLES]
        examples = tuple(show(cell, phone=target == "phone") for cell in distinct)
        return ColumnProposal(self.index, self.header, self.key, target, confidence, reason, examples, custom)


def propose(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    region: str = "",
    phone_columns: Sequence[str] = (),
    has_header: bool = True,
    custom_ids: Mapping[str, int] | None = None,
) -> Proposal:
    """Propose a mapping from the headers and some rows.

    `region` and `phone_columns` are what the caller knows better. Without a header only the looks count. `custom_ids`
    are those of the custom fields by header, for the contacts.csv of a snapshot.
    """
    if has_header and not phone_columns and is_own_export(headers):
        return propose_own(headers, rows, custom_ids or {})
    width = len(headers)
    columns = [[row[index].strip() if index < len(row) else "" for row in rows] for index in range(width)]
    said = _find_region(headers, columns, region, phone_columns, has_header=has_header)
    known = NameIndex(headers)
    seen = [
        _Column(index, headers[index], column_key(headers, index, known), cells, look_at(cells, said.looks))
        for index, cells in enumerate(columns)
    ]
    decided = _Decisions(seen, phone_columns, has_header=has_header, region=said.code).decide()
    phones = sorted((found for found in decided if found.target == "phone"), key=_order)
    others = [found for found in decided if found.target != "phone"]
    skips = {column.key: "true" for column in seen if column.name in words.DELETED and has_header}
    return Proposal(
        layout=words.find_layout(headers) if has_header else "",
        columns=(*phones, *others),
        region=said.code,
        region_reason=said.reason,
        region_readings=said.readings,
        country_column="" if said.country is None else seen[said.country].key,
        skip_where=skips,
        problems=() if phones else (_no_phone(seen),),
        needs=find_needs(width, rows, decided),
    )


def _order(found: ColumnProposal) -> tuple[bool, int, int]:
    """Columns with a name before guesses, mobiles first; among equals the one that stands first in the file."""
    rank = words.phone_rank(found.header)
    return found.confidence == GUESS, 9 if rank is None else rank, found.index


def _find_region(
    headers: Sequence[str],
    columns: Sequence[Sequence[str]],
    given: str,
    phone_columns: Sequence[str],
    *,
    has_header: bool,
) -> Region:
    chosen = {place for name in phone_columns for place in find_name(name, headers)}
    named = {index for index, header in enumerate(headers) if has_header and words.phone_rank(header) is not None}
    found = find_default(headers, columns, sorted(chosen or named or _phone_like(headers, columns, has_header)))
    return replace(found, code=given, reason="as given", readings=(), looks=given) if given else found


def _phone_like(headers: Sequence[str], columns: Sequence[Sequence[str]], has_header: bool) -> set[int]:
    """The columns that may be phones by what they hold, where no name says it."""
    looks = {index: look_at(cells, "") for index, cells in enumerate(columns)}
    return {
        index
        for index, found in looks.items()
        if found.phone_like >= _MOSTLY
        and not (has_header and words.NEVER_PHONE.intersection(words.words_of(headers[index])))
    }


def _no_phone(seen: Sequence[_Column]) -> str:
    close = [
        column
        for column in sorted(seen, key=lambda column: -column.looks.phone_like)
        if column.looks.phone_like and not words.NEVER_PHONE.intersection(words.words_of(column.header))
    ]
    if close:
        named = ", ".join(
            f"{quoted(column.key)} ({column.looks.phone_like:.0%} look like phones)" for column in close[:3]
        )
        return f"No column of phones was recognised. The closest: {named}."
    return "No column of phones was recognised, and no cell looks like one."


class _Decisions:
    """The decisions about the columns of one file: each target that holds one value is given once."""

    def __init__(self, seen: Sequence[_Column], phone_columns: Sequence[str], *, has_header: bool, region: str) -> None:
        self._seen = seen
        self._has_header = has_header
        # Without a region, what is valid under some country may be none of the file's.
        self._valid = "valid" if region else "phones of some country"
        headers = [column.header for column in seen]
        self._wanted = {place for name in phone_columns for place in _places(name, headers, seen)}
        names = Counter(column.name for column in seen)
        self._has_parts = has_header and any(name in words.FIRST for name in names)
        self._has_full = has_header and any(name in words.FULL for name in names)
        self._taken: set[str] = set()
        self._verdicts = self._judge()

    def _judge(self) -> Mapping[int, Verdict]:
        """Judge the columns that are nothing else by their names."""
        known = words.FIRST | words.LAST | words.FULL | words.DISPLAY | words.EMAIL | words.DELETED | words.COUNTRY
        places = {
            column.index: column.header if self._has_header else ""
            for column in self._seen
            if column.index not in self._wanted and not (self._has_header and column.name in known)
        }
        rows = list(zip(*(column.cells for column in self._seen), strict=True))
        return judge_columns(places, rows)

    def decide(self) -> list[ColumnProposal]:
        """Return a proposal for every column, in the order of the file."""
        named: list[Callable[[_Column], ColumnProposal | None]] = [
            self._consent,
            self._phone,
            self._name,
            self._email,
            self._other_fields,
            self._useless,
        ]
        found = []
        for column in self._seen:
            rules = named if self._has_header else [self._consent, self._phone, self._email_by_looks]
            decided = next((proposal for rule in rules if (proposal := rule(column))), None)
            found.append(decided or self._custom(column))
        return found

    # --- phones ------------------------------------------------------------------------------------------------------

    def _phone(self, column: _Column) -> ColumnProposal | None:
        if column.index in self._wanted:
            return column.proposal("phone", SURE, "named on the command line")
        if self._wanted:
            return None
        if self._has_header:
            other = words.says_other_line(column.header)
            if other:
                return column.proposal(None, SURE, f"its name says {other}, which cannot be texted")
            if words.phone_rank(column.header) is not None:
                return self._named_phone(column)
        return self._phone_by_looks(column)

    def _holds_phones(self, column: _Column) -> bool:
        """Whether a column is one of phones, for all the words that stand in some of its cells."""
        found = self._phone(column) if column.looks.phone_like >= _SOME else None
        return found is not None and found.target == "phone"

    def _phone_by_looks(self, column: _Column) -> ColumnProposal | None:
        looks = column.looks
        other = self._has_header and words.NEVER_PHONE.intersection(words.words_of(column.header))
        enough = looks.filled >= _FEWEST and looks.phones >= _MOSTLY and looks.phone_like >= _MOSTLY
        nameless = not self._has_header and looks.filled > 0 and looks.phone_like >= _MOSTLY
        if other or not (enough or nameless):
            return None
        return column.proposal("phone", GUESS, f"{looks.phones:.0%} of its cells are phones")

    def _named_phone(self, column: _Column) -> ColumnProposal:
        looks = column.looks
        if not looks.filled:
            return column.proposal("phone", LIKELY, "its name says phone; the first rows are blank")
        if looks.phones >= _MOSTLY:
            return column.proposal(
                "phone", SURE, f"its name says phone, and {looks.phones:.0%} of its cells are {self._valid}"
            )
        return column.proposal(
            "phone", LIKELY, f"its name says phone, but only {looks.phones:.0%} of its cells are {self._valid}"
        )

    # --- the standard fields -----------------------------------------------------------------------------------------

    def _once(self, column: _Column, kind: str, target: object, reason: str) -> ColumnProposal | None:
        if kind in self._taken:
            return None
        self._taken.add(kind)
        return column.proposal(target, SURE, reason)

    def _name(self, column: _Column) -> ColumnProposal | None:
        if column.name in words.FIRST:
            return self._once(column, "first", "first", "its name says first name")
        # In French "nom" is the whole name, unless a column of first names stands beside it.
        if column.name in words.LAST or (column.name == "nom" and self._has_parts):
            return self._once(column, "last", "last", "its name says last name")
        has_others = self._has_parts or (column.name in words.DISPLAY and self._has_full)
        if column.name in words.DISPLAY | words.FULL and has_others:
            return self._once(column, "display_name", "display_name", "its name says the whole name")
        if column.name in words.FULL | words.DISPLAY and column.looks.words >= _MOSTLY and "first" not in self._taken:
            return self._split_name(column)
        return None

    def _split_name(self, column: _Column) -> ColumnProposal:
        self._taken |= {"first", "last"}
        parts = [
            {"to": "first", "transform": ["given_name"]},
            {"to": "last", "transform": ["family_name"]},
        ]
        reason = "the whole name in one column; split into given and family name, titles and suffixes left out"
        whole = [cell for cell in column.cells if cell and not is_splittable(cell)]
        if whole:
            shown = show(whole[0], phone=False)
            reason = f"{reason}; {len(whole)} that name no single person ({shown}) stay whole as the first name"
        return column.proposal(parts, LIKELY, reason)

    def _email(self, column: _Column) -> ColumnProposal | None:
        if column.name not in words.EMAIL and not words.says_further_email(column.header):
            return None
        good = not column.looks.filled or column.looks.emails >= _MOSTLY
        if good and "email" in self._taken:
            return self._further_email(column)
        return self._once(column, "email", "email", "its name says e-mail") if good else None

    @staticmethod
    def _further_email(column: _Column) -> ColumnProposal | None:
        reason = "a further address, used where the columns before it have no correct one"
        return column.proposal("email", SURE, reason) if column.looks.filled else None

    def _email_by_looks(self, column: _Column) -> ColumnProposal | None:
        if column.looks.emails >= _MOSTLY and "email" not in self._taken:
            self._taken.add("email")
            return column.proposal("email", GUESS, "its cells are e-mail addresses")
        return None

    def _consent(self, column: _Column) -> ColumnProposal | None:
        verdict = self._verdicts.get(column.index)
        if verdict and self._holds_phones(column) and not (self._has_header and says_consent(column.header)):
            # "DO NOT TEXT" in place of a number is heard by whoever reads the phones.
            return None
        match verdict.kind if verdict else Kind.HARMLESS:
            case Kind.MAPPED if verdict:
                found = column.proposal(
                    verdict.target, SURE if verdict.sure else LIKELY, verdict.reason + self._joined()
                )
            case Kind.QUESTION if verdict:
                found = column.proposal(None, LIKELY, f"{CONSENT}: {verdict.reason}")
            case Kind.OTHER_CHANNEL | Kind.LEFT if verdict:
                found = column.proposal(IGNORE.target, SURE, verdict.reason)
            case _:
                return self._unreadable_consent(column)
        return replace(found, verdict=verdict)

    def _joined(self) -> str:
        several = sum(verdict.kind is Kind.MAPPED for verdict in self._verdicts.values()) > 1
        return "; several columns on consent are joined: one that says opted out is enough" if several else ""

    def _unreadable_consent(self, column: _Column) -> ColumnProposal | None:
        """A column whose name speaks of consent is no phone, whatever else it is."""
        if not self._has_header or not says_consent(column.header):
            return None
        if not column.looks.filled:
            return column.proposal(
                None, LIKELY, "its name speaks of consent; it is blank in the rows that were looked at"
            )
        return self._custom(column)

    def _other_fields(self, column: _Column) -> ColumnProposal | None:
        if column.name == "assigneeid":
            return self._once(column, "assignee", "assignee_id", "its name is this tool's own")
        if column.name in words.OWNER and max(column.looks.words, column.looks.emails) >= _MOSTLY:
            reason = "owners by name or e-mail: map it to assignee if your team has them"
            return self._once(column, "assignee", None, reason)
        if column.name in words.AVATAR and column.looks.web >= _MOSTLY:
            return self._once(column, "avatar", "avatar", "its cells are web addresses of pictures")
        if column.name in words.TAGS:
            return self._tags(column)
        return None

    def _tags(self, column: _Column) -> ColumnProposal | None:
        if "tags" in self._taken:
            return None
        self._taken.add("tags")
        separator = next((mark for mark in _SEPARATORS if any(mark in cell for cell in column.cells)), ";")
        if column.name == "tags" and all(
            part.strip().isdecimal() for cell in column.cells for part in cell.split(";") if part
        ):
            return column.proposal({"tags": ";"}, SURE, "its name says tags, and its cells are tag IDs")
        reason = f"its name says tags: map it to {toml({'tags': separator})} when the account has them"
        return column.proposal(None, LIKELY, reason)

    # --- the rest ----------------------------------------------------------------------------------------------------

    def _useless(self, column: _Column) -> ColumnProposal | None:
        if not column.header.strip():
            return column.proposal(None, SURE, "it has no name")
        if column.name in words.DELETED:
            return column.proposal(None, SURE, "rows where it is true are left out (skip_where)")
        if not column.looks.filled:
            return column.proposal(None, LIKELY, "it is blank in the rows that were looked at")
        return None

    def _custom(self, column: _Column) -> ColumnProposal:
        if not self._has_header:
            return column.proposal(None, GUESS, "it has no name; name it here if it is wanted")
        return column.proposal(None, GUESS, "it can go to a custom field of that name", custom=True)


def _places(name: str, headers: Sequence[str], seen: Sequence[_Column]) -> list[int]:
    found = find_name(name, headers)
    # Any column can be named by its place, also one that has a header.
    return found or [column.index for column in seen if fold(name) == f"column{column.index + 1}"]


def looks_headerless(first: Sequence[str], rows: Sequence[Sequence[str]], region: str = "US") -> str | None:
    """Return why a first record is no header but a row, or None if it may well be one."""
    for index, cell in enumerate(first):
        text = cell.strip()
        looks = look_at([text], region)
        if "@" in text and looks.emails == 1:
            return f"its cell {quoted(show(text, phone=False))} is an e-mail address"
        if text and looks.phone_like == 1 and not looks.words:
            return f"its cell {quoted(show(text, phone=True))} is a phone"
        below = [row[index].strip() for row in rows if index < len(row)]
        if len(text) > 1 and text in below and sum(text == cell for cell in below) >= _FEWEST:
            return f"its cell {quoted(show(text, phone=False))} stands again in the rows below"
    numbers = sum(cell.strip().isdecimal() for cell in first)
    if numbers >= max(_FEWEST, len(first) * 0.3):
        return f"{numbers} of its cells are numbers"
    return None
