"""Numbering plans as automata, compiled from libphonenumber's own metadata when they are first asked for.

Each answer is either exactly what libphonenumber would say or UNDECIDED; then libphonenumber itself has to be asked.
Rules: phonenumbers.phonenumberutil, functions parse, _maybe_extract_country_code,
_maybe_strip_national_prefix_carrier_code, region_code_for_number, _number_type_helper.
"""

from collections.abc import Sequence

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberDesc

from pipeline.phone._automaton import Language, PhoneVerdict, Question, StateTable, UnknownSyntax
from pipeline.values import Struct

_MOST_DIGITS = 17
"""Of a national number (phonenumbers.phonenumberutil._MAX_LENGTH_FOR_NSN)."""

_TYPES = (
    "premium_rate",
    "toll_free",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
    "fixed_line",
    "mobile",
)


class NationalPlan(Struct, frozen=True):
    """How digits without a plus are read in one region.

    `hazard` is the automaton of what makes a reading UNDECIDED; `general` that of the region's general description.
    `trunk` is the national prefix ("" for none); `lengths` what a national number may have, `local` only locally.
    """

    calling_code: int
    hazard: int
    general: int
    trunk: str
    lengths: tuple[int, ...]
    local: tuple[int, ...]


class _Region:
    """What decides whether a national number is valid in one region of a calling code."""

    def __init__(self, leading: Language | None) -> None:
        self.leading = leading
        # By length: where numbers of the general description end, and where those of one of the types do.
        self._general = [0] * (_MOST_DIGITS + 1)
        self._types = [0] * (_MOST_DIGITS + 1)

    def add(self, language: Language, lengths: Sequence[int], *, general: bool) -> None:
        """Add a description; without lengths it counts at every length."""
        ends = self._general if general else self._types
        for length in lengths or range(_MOST_DIGITS + 1):
            if 0 <= length <= _MOST_DIGITS:
                ends[length] |= language.last

    def has_type(self, positions: int, length: int) -> bool:
        """Whether digits of this length that led to these positions are a number of any type."""
        return bool(positions & self._general[length]) and bool(positions & self._types[length])


class NumberingPlans:
    """The plans compiled so far, all in one `table`."""

    def __init__(self) -> None:
        self.table = StateTable()
        self._codes: dict[int, int] = {}
        self._regions: dict[str, NationalPlan | None] = {}
        self._lengths: dict[int, tuple[tuple[int, ...], tuple[int, ...]]] = {}

    @staticmethod
    def calling_codes() -> list[int]:
        """Return every calling code there is; none of them is the beginning of another."""
        return list(COUNTRY_CODE_TO_REGION_CODE)

    def international(self, calling_code: int) -> int:
        """Return the first state of the automaton for national numbers behind `+calling_code`.

        It says YES to what libphonenumber calls valid. State 0 (always NO) for a calling code that does not exist.
        """
        if calling_code not in self._codes:
            self._codes[calling_code] = self._compile_code(calling_code)
        return self._codes[calling_code]

    def national(self, region: str) -> NationalPlan | None:
        """Return how plain digits are read in a region, or None where only libphonenumber can tell."""
        if region not in self._regions:
            self._regions[region] = self._compile_region(region)
        return self._regions[region]

    def lengths(self, calling_code: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return how many digits the national numbers of a calling code have, and those dialled only locally.

        They are those of its main region, as in libphonenumber's is_possible_number_with_reason.
        """
        if calling_code not in self._lengths:
            general = _metadata(calling_code, COUNTRY_CODE_TO_REGION_CODE[calling_code][0]).general_desc
            found = (tuple(general.possible_length), tuple(general.possible_length_local_only)) if general else ((), ())
            self._lengths[calling_code] = found
        return self._lengths[calling_code]

    def _compile_code(self, calling_code: int) -> int:
        names = COUNTRY_CODE_TO_REGION_CODE.get(calling_code)
        if not names:
            return 0
        question = Question()
        try:
            strips, strips_at_end = _national_prefix(question, _metadata(calling_code, names[0]))
            regions = [_region(question, _metadata(calling_code, name), alone=len(names) == 1) for name in names]
        except UnknownSyntax:
            return 1

        def judge(positions: int, length: int) -> PhoneVerdict:
            if any(language.holds(positions) for language in (*strips, *strips_at_end)):
                return PhoneVerdict.UNDECIDED
            return PhoneVerdict.YES if _is_valid(regions, positions, length) else PhoneVerdict.NO

        return self.table.add(question, judge)

    def _compile_region(self, region: str) -> NationalPlan | None:
        plan = PhoneMetadata.metadata_for_region(region, None)
        general = plan.general_desc if plan else None
        code = plan.country_code if plan else None
        if plan is None or code is None or general is None or not general.national_number_pattern:
            return None
        trunk, others = _trunk(plan.national_prefix_for_parsing)
        hazard = Question()
        whole = Question()
        try:
            dangers = [hazard.language(plan.international_prefix, prefix=True)] if plan.international_prefix else []
            dangers += [hazard.language(other.removesuffix("$"), prefix=True) for other in others]
            matches = whole.language(general.national_number_pattern)
        except UnknownSyntax:
            return None
        return NationalPlan(
            calling_code=code,
            hazard=self.table.add(hazard, lambda positions, _: _undecided(dangers, positions)),
            general=self.table.add(whole, lambda positions, _: PhoneVerdict(matches.holds(positions))),
            trunk=trunk,
            lengths=tuple(general.possible_length),
            local=tuple(general.possible_length_local_only),
        )


def _undecided(dangers: Sequence[Language], positions: int) -> PhoneVerdict:
    return PhoneVerdict.UNDECIDED if any(language.holds(positions) for language in dangers) else PhoneVerdict.NO


def _metadata(calling_code: int, region: str) -> PhoneMetadata:
    found = PhoneMetadata.metadata_for_region_or_calling_code(calling_code, region)
    if found is None:
        raise UnknownSyntax(region)
    return found


def _region(question: Question, plan: PhoneMetadata, *, alone: bool) -> _Region:
    # A region that has its calling code for itself is chosen without a look at its leading digits.
    leading = question.language(plan.leading_digits, prefix=True) if plan.leading_digits and not alone else None
    region = _Region(leading)
    for name in ("general_desc", *_TYPES):
        described: PhoneNumberDesc | None = getattr(plan, name)
        if described is not None and described.national_number_pattern:
            language = question.language(described.national_number_pattern)
            region.add(language, described.possible_length, general=name == "general_desc")
    return region


def _is_valid(regions: Sequence[_Region], positions: int, length: int) -> bool:
    if len(regions) == 1:
        return regions[0].has_type(positions, length)
    for region in regions:
        if region.leading is None:
            if region.has_type(positions, length):
                return True
        elif region.leading.holds(positions):
            return region.has_type(positions, length)
    return False


def _national_prefix(question: Question, plan: PhoneMetadata) -> tuple[list[Language], list[Language]]:
    """What libphonenumber would strip behind a country code: it may, so the reading is left to it."""
    pattern = plan.national_prefix_for_parsing
    if not pattern:
        return [], []
    alternatives = _alternatives(pattern)
    anywhere = [question.language(part, prefix=True) for part in alternatives if not part.endswith("$")]
    at_end = [question.language(part.removesuffix("$")) for part in alternatives if part.endswith("$")]
    return anywhere, at_end


def _trunk(pattern: str | None) -> tuple[str, list[str]]:
    """The national prefix, where it is plain digits, and the alternatives that are more than that."""
    parts = _alternatives(pattern or "")
    plain = [part for part in parts if part.isdecimal()]
    if len(plain) != 1:
        return "", [part for part in parts if part]
    return plain[0], [part for part in parts if part != plain[0]]


def _alternatives(pattern: str) -> list[str]:
    """The alternatives of a pattern, split outside its groups."""
    parts = [""]
    depth = 0
    for char in pattern:
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts
