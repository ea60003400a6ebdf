"""Ordinarily written numbers, a column at a time: libphonenumber's answer from compiled tables, or "ask it".

The order of the two readings of a text without a plus (national, international) is the one of `read_phone`; every
answer here must be the one that it gives (tests/phone/test_column.py, benchmarks/phones.py).
"""

import functools

from pipeline.libraries import numpy as np
from pipeline.phone._automaton import WIDTH, PhoneVerdict
from pipeline.phone._mexico import CODE as MEXICAN_CODE
from pipeline.phone._mexico import NATIONAL_DIGITS as MEXICAN_DIGITS
from pipeline.phone._mexico import REGION as MEXICO
from pipeline.phone._plans import NationalPlan, NumberingPlans
from pipeline.phone._spelling import MOST_DIGITS, Array, Spelling
from pipeline.values import Struct

NO, YES, UNDECIDED = (int(verdict) for verdict in PhoneVerdict)

_FEWEST_DIGITS = 4
"""Below it libphonenumber's errors about what follows a country code come into play."""

_INTERNATIONAL_DIGITS = 11
"""From so many bare digits on, both readings are looked at (rules 2 and 3 of `read_phone`)."""


@functools.cache
def _tens() -> Array:
    """The powers of ten."""
    return 10 ** np.arange(MOST_DIGITS + 2, dtype=np.uint64)


class PlainReadings(Struct, frozen=True):
    """What was found: `verdict` NO, YES or UNDECIDED; where it is YES, `value` is E.164 as a number.

    `assumed` marks numbers whose country code comes from the default region, `international` those whose country code
    was there without a plus. `written` counts the digits of the cell. `national_digits` is the length of the national
    number of `calling_code` (0: not known), by which a refusal can say what is wrong.
    """

    verdict: Array
    value: Array
    assumed: Array
    international: Array
    written: Array
    national_digits: Array
    calling_code: Array


class PlainReader:
    """Reads the spellings that are not odd. A numbering plan is compiled when it is first needed, once in a process."""

    def __init__(self) -> None:
        self.plans = NumberingPlans()
        self._next = np.empty(0, dtype=np.int32)
        self._verdicts = np.empty(0, dtype=np.uint8)
        # By the first three digits of an international number: its calling code, and the state behind that.
        self._codes, self._code_lengths = _calling_codes(self.plans)
        self._starts = np.full(1000, -1, dtype=np.int32)

    def read(self, spelling: Spelling, region: str) -> PlainReadings:
        """Read all cells under a default region ("" for none)."""
        usable = ~spelling.odd & (spelling.count >= _FEWEST_DIGITS)
        plain = np.flatnonzero(usable & ~spelling.plus)
        size = len(usable)
        answer = PlainReadings(
            verdict=np.full(size, UNDECIDED, dtype=np.uint8),
            value=spelling.value.copy(),
            assumed=np.zeros(size, dtype=bool),
            international=np.zeros(size, dtype=bool),
            written=spelling.count,
            national_digits=np.zeros(size, dtype=np.int64),
            calling_code=np.zeros(size, dtype=np.int64),
        )
        self._read_plus(spelling, np.flatnonzero(usable & spelling.plus), answer)
        if len(plain):
            self._read_national(spelling, plain, region, answer)
            self._compare_readings(spelling, plain, region, answer)
            if region == MEXICO:
                self._leave_old_prefixes(spelling, plain, answer)
        return answer

    @staticmethod
    def _leave_old_prefixes(spelling: Spelling, plain: Array, answer: PlainReadings) -> None:
        """Leave to `read_phone` what may be a Mexican number behind a prefix that is no longer dialled."""
        answer.verdict[plain[spelling.count[plain] > MEXICAN_DIGITS]] = UNDECIDED

    def _read_plus(self, spelling: Spelling, rows: Array, answer: PlainReadings) -> None:
        verdict, code, length = self._international(spelling, rows)
        # Where there is no such country, libphonenumber tries once more without the plus.
        may_be_old = (code == MEXICAN_CODE) & (verdict == NO)
        answer.verdict[rows] = np.where((code == 0) | may_be_old, UNDECIDED, verdict)
        answer.calling_code[rows] = code
        answer.national_digits[rows] = spelling.count[rows] - length

    def _compare_readings(self, spelling: Spelling, plain: Array, region: str, answer: PlainReadings) -> None:
        """Decide between the national reading, which the answer holds, and the international one."""
        verdict = answer.verdict[plain]
        many = spelling.count[plain] >= _INTERNATIONAL_DIGITS
        bare = spelling.bare[plain]
        possible = bare | (spelling.spaced[plain] & many)
        asked = plain[((verdict == NO) & possible) | ((verdict == YES) & bare & many)]
        found, _, _ = self._international(spelling, asked)
        was_valid = answer.verdict[asked] == YES
        same = answer.value[asked] == spelling.value[asked]
        # Two valid readings that differ, or one that is not certain: the order of `read_phone` has to decide.
        unclear = (found == UNDECIDED) | (was_valid & (found == YES) & ~same)
        if region:
            # It may be a number of the region with something behind a blank.
            unclear |= (found == YES) & ~was_valid & ~spelling.bare[asked]
        answer.verdict[asked[unclear]] = UNDECIDED
        taken = asked[(found == YES) & ~was_valid & ~unclear]
        answer.verdict[taken] = YES
        answer.value[taken] = spelling.value[taken]
        answer.international[taken] = True
        answer.assumed[taken] = False

    # --- one reading each --------------------------------------------------------------------------------------------

    def _international(self, spelling: Spelling, rows: Array) -> tuple[Array, Array, Array]:
        """The verdict on `+` and the digits, the calling code, and its length."""
        head = spelling.digits[:3, rows].astype(np.int64)
        # Where there is no third digit the number has fewer than four and is not looked at.
        key = np.minimum(head[0] * 100 + head[1] * 10 + head[2], 999)
        for missing in np.unique(key[self._starts[key] < 0]).tolist():
            self._starts[missing] = self.plans.international(int(self._codes[missing]))
        verdict = np.full(len(rows), NO, dtype=np.uint8)
        length = self._code_lengths[key]
        for digits in (1, 2, 3):
            some = np.flatnonzero(length == digits)
            verdict[some] = self._run(self._starts[key[some]], spelling.digits[digits:, rows[some]])
        return verdict, self._codes[key], length

    def _read_national(self, spelling: Spelling, rows: Array, region: str, answer: PlainReadings) -> None:
        plan = self.plans.national(region) if region else None
        if plan is None:
            # Without a region there is no national reading; with one that has no plan here, libphonenumber decides.
            answer.verdict[rows] = UNDECIDED if region else NO
            return
        start = self.plans.international(plan.calling_code)
        skipped = self._skipped_digits(spelling, rows, plan)
        verdict = np.full(len(rows), UNDECIDED, dtype=np.uint8)
        for digits in np.unique(skipped[skipped >= 0]).tolist():
            some = np.flatnonzero(skipped == digits)
            verdict[some] = self._run(start, spelling.digits[digits:, rows[some]])
        length = spelling.count[rows] - np.maximum(skipped, 0)
        value = plan.calling_code * _tens()[length] + spelling.value[rows] % _tens()[length]
        answer.verdict[rows] = verdict
        answer.value[rows] = np.where(verdict == YES, value, spelling.value[rows])
        answer.assumed[rows] = (verdict == YES) & (value != spelling.value[rows])
        answer.national_digits[rows] = length
        answer.calling_code[rows] = plan.calling_code

    def _skipped_digits(self, spelling: Spelling, rows: Array, plan: NationalPlan) -> Array:
        """How many digits stand before the national number: none, the trunk prefix or the country code; -1: unclear."""
        digits = spelling.digits[:, rows]
        count = spelling.count[rows]
        code = str(plan.calling_code)
        skipped = np.zeros(len(rows), dtype=np.int64)
        with_code = _begins(digits, code)
        trunk = _begins(digits, plan.trunk) if plan.trunk else np.zeros(len(rows), dtype=bool)
        some = np.flatnonzero(with_code)
        if len(some):
            skipped[some] = self._after_code(digits[:, some], count[some], trunk[some], plan)
        some = np.flatnonzero(trunk & ~with_code)
        if len(some):
            skipped[some] = self._after_trunk(digits[:, some], count[some], plan)
        skipped[self._is_hazard(digits, plan)] = -1
        return skipped

    def _after_code(self, digits: Array, count: Array, trunk: Array, plan: NationalPlan) -> Array:
        length = len(str(plan.calling_code))
        rest = digits[length:]
        whole_fits, rest_fits = self._run(plan.general, digits) == YES, self._run(plan.general, rest) == YES
        too_long = (count > max(plan.lengths)) & ~np.isin(count, plan.local)
        is_code = (~whole_fits & rest_fits) | too_long
        unclear = self._is_hazard(rest, plan) | (trunk & ~is_code)
        if plan.trunk:
            unclear |= _begins(rest, plan.trunk)
        return np.where(unclear, -1, np.where(is_code, length, 0))

    def _after_trunk(self, digits: Array, count: Array, plan: NationalPlan) -> Array:
        length = len(plan.trunk)
        rest = digits[length:]
        whole_fits, rest_fits = self._run(plan.general, digits) == YES, self._run(plan.general, rest) == YES
        left = count - length
        possible = (np.isin(left, plan.lengths) | (left > max(plan.lengths))) & ~np.isin(left, plan.local)
        return np.where((rest_fits | ~whole_fits) & possible, length, 0)

    def _is_hazard(self, digits: Array, plan: NationalPlan) -> Array:
        # Most numbers leave the automaton at their first digit.
        alive = np.flatnonzero(self._table()[np.int32(plan.hazard * WIDTH) + digits[0]] != 0)
        found = np.zeros(digits.shape[1], dtype=bool)
        found[alive] = self._run(plan.hazard, digits[:, alive]) == UNDECIDED
        return found

    # --- the tables --------------------------------------------------------------------------------------------------

    def _run(self, start: "int | Array", digits: Array) -> Array:
        """The verdicts on digit strings, each from its own first state or all from one."""
        table = self._table()
        state = np.broadcast_to(np.asarray(start, dtype=np.int32), digits.shape[1])
        for row in digits:
            state = table.take(state * WIDTH + row)
        return self._verdicts[state]

    def _table(self) -> Array:
        built = self.plans.table
        if len(self._verdicts) < len(built.verdict):
            self._next = np.array(built.next, dtype=np.int32)
            self._verdicts = np.array(built.verdict, dtype=np.uint8)
        return self._next


@functools.cache
def plain_reader() -> PlainReader:
    """Return the reader of this process."""
    return PlainReader()


def _begins(digits: Array, prefix: str) -> Array:
    found = np.ones(digits.shape[1], dtype=bool)
    for row, digit in zip(digits, prefix, strict=False):
        found &= row == int(digit)
    return found


def _calling_codes(plans: NumberingPlans) -> tuple[Array, Array]:
    """The calling code that three digits begin with (0: none), and its length."""
    codes = np.zeros(1000, dtype=np.int64)
    lengths = np.zeros(1000, dtype=np.int64)
    for code in plans.calling_codes():
        width = 10 ** (3 - len(str(code)))
        codes[code * width : (code + 1) * width] = code
        lengths[code * width : (code + 1) * width] = len(str(code))
    return codes, lengths
