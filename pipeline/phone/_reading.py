"""One cell: what a person or a spreadsheet wrote becomes E.164 digits, or a reject that says why."""

import re
import unicodedata
from collections.abc import Sequence

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberFormat, ValidationResult

from pipeline.models import is_region
from pipeline.phone._ending import (
    FULL_NUMBER_DIGITS,
    digits_of,
    drop_label,
    drop_plain_labels,
    find_ending,
    has_doubtful_end,
    has_letters,
    names_extension,
    split_extension,
)
from pipeline.phone._mexico import REGION as MEXICO
from pipeline.phone._mexico import is_written_as_in_mexico, without_old_prefix
from pipeline.phone._vanity import may_have_letters, vanity_digits
from pipeline.values import Struct, replace

_LONGEST_CELL = 250
"""Characters; libphonenumber refuses longer texts itself (MAX_INPUT_STRING_LENGTH)."""

_E164_MOST_DIGITS = 15
_COUNTRY_AND_NUMBER = 11
"""Digits from which a number that is not of the region is more likely another country's than a slip."""

_SCIENTIFIC = re.compile(r"(\+?)(\d+)(?:[.,](\d*))?[eE]([+-]?)(\d{1,3})")
_FLOAT = re.compile(r"(\+?\d{7,})\.0{1,2}")
_EXCEL_TEXT = re.compile(r'="([^"]*)"|"([^"]*)"', re.DOTALL)
_SEPARATOR = re.compile(r"[/;|&\n\r]|(?<!,),(?!,)|:::|\bor\b|\band\b", re.IGNORECASE)
_SECOND_PLUS = re.compile(r"\d[^+]*(?<!=)\+", re.DOTALL)
_DATE = re.compile(r"(\d{1,2}|\d{4})([-/.])(\d{1,2})\2(\d{1,4})")
_UNDERSCORES = re.compile(r"(?<=\d)_+(?=\d)")
_DOUBLE_TRUNK = re.compile(r"1{2,}")

_WORDS_BESIDE = "the cell holds words beside the number; leave only the number in it"
_WORDS_ALONE = (
    "the cell holds words and no number; put the number in it or empty it, and if the words mean that the person is not"
    " to be texted, say so in the opt-out column"
)
_TOO_SHORT = ("too_short", "the number has too few digits")
_TOO_LONG = ("too_long", "the number has too many digits")
_INVALID = ("invalid", "no such number exists in the numbering plan of its country")
_TWO_NUMBERS = ("two_numbers", "the cell holds more than one number; keep one")


class PhoneReading(Struct, frozen=True):
    """What one cell says. `digits` is E.164 without the plus, or None, and then `code` and `reason` say why.

    Codes: missing, vanity_letters, two_numbers, too_short, too_long, invalid, region_unknown, sci_notation_lossy.
    `notes` name what was recovered, assumed or doubtful: sci_notation_recovered, float_suffix, international_digits,
    region_assumed, repeated_country_code, extension_dropped, label_dropped, old_prefix_dropped, unwrapped,
    first_of_two, date_like. `extension` holds the digits behind the number; no contact has room for them.
    """

    digits: str | None
    code: str = ""
    reason: str = ""
    notes: tuple[str, ...] = ()
    extension: str = ""


_Fault = tuple[str, str]
"""A reject code and its reason. No exception as a value: raised, it would hold the frame that holds it."""


class _Unreadable(Exception):
    """The cell is refused; carries the reject code and the reason."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def read_phone(text: str, region: str, *, vanity_letters: bool = False, first_of_two: bool = False) -> PhoneReading:
    """Read one cell under a default region (ISO code; empty or unknown means none). Never raises.

    Before libphonenumber judges, the cell is cleaned: invisible characters go, any script's digits become ASCII,
    `="..."`, quotes and a leading apostrophe are unwrapped, `4155550100.0` loses its suffix, and scientific notation
    is expanded when the mantissa shows every digit. What stands behind a whole number is no part of it: an extension
    or a label (`(home)`) is taken off, an alternative (`/8`) makes two numbers. Two numbers in a cell are refused,
    since choosing one would be a guess, unless `first_of_two`. Letters are refused; with `vanity_letters` those of a
    vanity number (1-800-FLOWERS) are read as keys.

    Digits without a plus have two readings: national (under the default region) and international (`+` put before
    them, where they are bare, or 11 and more with nothing but blanks between them; a formatted number such as
    `(472) 123-4567` is never taken for another country's, nor one of the region with more behind a blank). If only
    one of them is valid, or both are the same number, there is no question. If both are valid and differ, the first
    rule that applies decides:

    1. it is digit for digit how the default region itself writes the number (Brazil's 81991234567, China's
       15012345678, Russia's 84951234567): national;
    2. it is 11 digits beginning with 1 and nothing else, Heymarket's own form (15105553344): international;
    3. it is 11 to 15 digits and nothing else, beginning neither with 0 nor with the region's trunk prefix:
       international;
    4. otherwise national. So ten digits such as 6562345678 are Florida under US, though +65 is Singapore.

    Reading `digits` again therefore gives the same digits under every region where rules 1 and 4 do not step in.
    `read_phones` gives the same answers for a whole column, much faster.
    """
    return judge(prepare(text, vanity_letters=vanity_letters, first_of_two=first_of_two), region)


class Prepared(Struct, frozen=True):
    """A cell made ready for libphonenumber: the `base` text, the extension that stood behind it, what was done.

    `refusal` is set where the cell is refused without asking it.
    """

    base: str
    extension: str
    notes: tuple[str, ...]
    refusal: PhoneReading | None = None
    vanity_letters: bool = False
    first_of_two: bool = False


def prepare(text: str, *, vanity_letters: bool, first_of_two: bool) -> Prepared:
    """Take off what spreadsheets and people put around a number."""
    notes: list[str] = []
    try:
        base, extension = _take_apart(text, notes, first_of_two=first_of_two)
    except _Unreadable as refusal:
        return Prepared("", "", tuple(notes), PhoneReading(None, refusal.code, refusal.reason, tuple(notes)))
    return Prepared(base, extension, tuple(notes), vanity_letters=vanity_letters, first_of_two=first_of_two)


def _take_apart(text: str, notes: list[str], *, first_of_two: bool) -> tuple[str, str]:
    clean = _unwrap(_clean(text[: _LONGEST_CELL * 4]), notes)
    if len(clean) > _LONGEST_CELL:
        raise _Unreadable("too_long", f"the cell has more than {_LONGEST_CELL} characters")
    if not any(map(str.isalnum, clean)):
        # Nothing, or what is left of an input mask that nobody filled in: `(   )    -`.
        raise _Unreadable("missing", "the cell holds no digits" if clean else "the cell is empty")
    if not digits_of(clean):
        raise _Unreadable("invalid", "the cell holds words and no number")
    one = _one_number(_undo_number_format(clean, notes), notes, first_of_two=first_of_two)
    plain = drop_plain_labels(one)
    base, extension = split_extension(plain)
    base = drop_plain_labels(base) if extension else base
    if len(base) + len(extension) < len(one) and plain != one:
        notes.append("label_dropped")
    return base, extension


def judge(prepared: Prepared, region: str) -> PhoneReading:
    """Ask libphonenumber about a prepared cell."""
    if prepared.refusal:
        return prepared.refusal
    notes = list(prepared.notes)
    try:
        number, found = _read_base(prepared, region if is_region(region) else None, notes)
    except _Unreadable as refusal:
        return PhoneReading(None, refusal.code, refusal.reason, tuple(notes))
    return accepted(number, prepared, tuple(notes), found)


def _read_base(prepared: Prepared, region: str | None, notes: list[str]) -> tuple[str, str]:
    """The E.164 digits of a prepared cell, and the extension that was found on the way."""
    base = prepared.base
    if has_letters(base):
        return _read_letters(prepared, region, notes)
    ending = find_ending(base, lambda number: _is_number(number, region))
    if ending is None:
        if has_doubtful_end(base):
            raise _Unreadable("invalid", "it is not clear where the number ends; leave only the number in the cell")
        return _decide(base, region, notes)
    if ending.is_alternative and not prepared.first_of_two:
        raise _Unreadable(*_TWO_NUMBERS)
    if ending.is_alternative:
        notes.append("first_of_two")
    return _decide(ending.number, region, notes)[0], "" if ending.is_alternative else ending.digits


def _read_letters(prepared: Prepared, region: str | None, notes: list[str]) -> tuple[str, str]:
    """Read a number with a label behind it, or with letters for keys; the keys only where they are wanted."""
    number = drop_label(prepared.base)
    if number != prepared.base and not has_letters(number) and _is_number(number, region):
        notes.append("label_dropped")
        return _read_base(replace(prepared, base=number), region, notes)
    keys = vanity_digits(prepared.base)
    found = _parse(keys, region)[0] if keys else None
    if found is None or not may_have_letters(found, prepared.base):
        raise _Unreadable("invalid", _WORDS_BESIDE if any(map(str.isdigit, prepared.base)) else _WORDS_ALONE)
    if not prepared.vanity_letters:
        raise _Unreadable("vanity_letters", "the number holds letters; set import.vanity_letters to read them as keys")
    return _decide(keys, region, notes)


def _is_number(text: str, region: str | None) -> bool:
    try:
        _decide(text, region, [])
    except _Unreadable:
        return False
    return True


def accepted(digits: str, prepared: Prepared, notes: tuple[str, ...], found_extension: str = "") -> PhoneReading:
    """Return the reading of a valid number, with the doubts that libphonenumber does not have."""
    extension = prepared.extension or found_extension
    notes += ("extension_dropped",) if extension else ()
    notes += ("date_like",) if is_date_like(prepared.base) else ()
    return PhoneReading(digits, notes=notes, extension=extension)


def is_date_like(text: str) -> bool:
    """Whether a text is written as a date is: `3/10/1984` is a valid number in Canada."""
    found = _DATE.fullmatch(text)
    if not found:
        return False
    parts = [int(part) for part in found.group(1, 3, 4)]
    # Above 31 it is the year; without such a part the year stands last.
    day_and_month = sorted(parts)[:2] if max(parts) > 31 else sorted(parts[:2])
    return day_and_month[0] in range(1, 13) and day_and_month[1] in range(1, 32)


def refuse_length(length: int, possible: Sequence[int], local: Sequence[int]) -> PhoneReading:
    """Return the refusal of a number that does not exist, by how long it is and how long it could be."""
    if length in local or possible[0] <= length <= possible[-1]:
        return PhoneReading(None, *_INVALID)
    return PhoneReading(None, *(_TOO_SHORT if length < possible[0] else _TOO_LONG))


def _clean(text: str) -> str:
    """Without invisible characters, every kind of blank a space, every decimal digit an ASCII one."""
    return text.strip() if text.isascii() else "".join(map(_clean_character, text)).strip()


def _clean_character(char: str) -> str:
    if char.isascii():
        return char
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category == "Zs":
        return " "
    # The fullwidth forms of East Asian keyboards mirror ASCII at a fixed distance.
    return chr(ord(char) - 0xFEE0) if "\uff01" <= char <= "\uff5e" else char


def _unwrap(text: str, notes: list[str]) -> str:
    """Without what spreadsheets put around a text so that it stays a text."""
    bare = text
    wrapped = _EXCEL_TEXT.fullmatch(bare)
    if wrapped:
        bare = (wrapped[1] or wrapped[2] or "").strip()
    if bare.startswith("'"):
        bare = bare[1:].strip()
    bare = _UNDERSCORES.sub("-", bare)
    if bare[:4].lower() == "tel:":
        bare = bare[4:].strip()
    if bare != _UNDERSCORES.sub("-", text):
        notes.append("unwrapped")
    return bare


def _undo_number_format(text: str, notes: list[str]) -> str:
    """The digits behind `4155550100.0` or `4.155550100E+9`, as spreadsheets and data frames print numbers."""
    whole = _FLOAT.fullmatch(text)
    if whole:
        notes.append("float_suffix")
        return whole[1]
    scientific = _SCIENTIFIC.fullmatch(text)
    if not scientific:
        return text
    plus, head, fraction, sign, exponent = scientific.groups(default="")
    # Fewer decimals than the exponent asks for: the missing digits may be zeros or may have been rounded away.
    if sign == "-" or len(fraction) != int(exponent):
        raise _Unreadable(
            "sci_notation_lossy",
            "a spreadsheet has rounded the number (scientific notation), and its last digits are lost; take it from the"
            " first export again, without opening that in a spreadsheet",
        )
    notes.append("sci_notation_recovered")
    return plus + head + fraction


def _one_number(text: str, notes: list[str], *, first_of_two: bool) -> str:
    """The text, or the first number in it where it holds two and the first is wanted."""
    # What names itself an extension or a parameter (ext. 1234567, ;ext=1234567, 1234567#) is no number of its own.
    whole = [part for part in _SEPARATOR.split(text) if _is_whole_number(part)]
    second_plus = _SECOND_PLUS.search(text) if "+" in text[1:] else None
    if len(whole) < 2 and not second_plus:
        return text
    if not first_of_two:
        raise _Unreadable(*_TWO_NUMBERS)
    notes.append("first_of_two")
    first = whole[0] if len(whole) > 1 else text
    second_plus = _SECOND_PLUS.search(first)
    return (first[: second_plus.end() - 1] if second_plus else first).strip()


def _is_whole_number(part: str) -> bool:
    return not names_extension(part) and len(digits_of(part)) >= FULL_NUMBER_DIGITS


def _decide(base: str, region: str | None, notes: list[str]) -> tuple[str, str]:
    """The E.164 digits and libphonenumber's extension; the order of readings is in `read_phone`."""
    mexican = _read_old_mexican(base, region)
    if mexican:
        notes.append("old_prefix_dropped")
        return mexican, ""
    national, fault = _parse(base, region)
    international = None if "+" in base else _international(base, national, region)
    if international:
        notes.append("international_digits")
        return _e164(international), ""
    if national is None:
        raise _Unreadable(*(_advise_plus(base, fault)))
    digits = _e164(national)
    if _repeats_country_code(digits_of(base), digits):
        notes.append("repeated_country_code")
    if "+" not in base and digits_of(base) != digits:
        notes.append("region_assumed")
    return digits, national.extension or ""


def _advise_plus(base: str, fault: _Fault) -> _Fault:
    """The fault of a number; behind the 00 that most of the world dials before country codes, with that advice."""
    digits = digits_of(base)
    if "+" in base or not digits.startswith("00") or not _parse("+" + digits[2:], None)[0]:
        return fault
    return fault[0], "the number begins with 00, which is dialled in some countries only; write + in its place"


def _read_old_mexican(base: str, region: str | None) -> str:
    """The digits of a Mexican number behind a prefix that is no longer dialled, or ""."""
    current = without_old_prefix(base, region)
    number = _parse(current, None)[0] if current else None
    if number is None:
        return ""
    digits = digits_of(base)
    if region == MEXICO and "+" not in base and digits.startswith("1") and _parse("+" + digits, None)[0]:
        if base == digits:
            # The service's own form of a number in the United States (rule 2 of `read_phone`).
            return ""
        if not is_written_as_in_mexico(base):
            raise _Unreadable("invalid", "a number of the US or an old Mexican one; write +1 or +52 before it")
    return _e164(number)


def _international(base: str, national: PhoneNumber | None, region: str | None) -> PhoneNumber | None:
    """The reading of a text as if a plus stood before it, where that one is to be taken."""
    if not (_could_be_either(base) if national else _may_lack_its_plus(base, region)):
        return None
    found, _ = _parse("+" + digits_of(base), None)
    is_taken = found and (national is None or _international_wins(base, national, found, region))
    return found if is_taken else None


def is_a_digit_too_long(text: str, region: str) -> bool:
    """Whether a text begins with a whole number of the region, behind which one digit more stands.

    `41551361367` is a number in Switzerland, and one in the United States with a digit too many.
    """
    return is_region(region) and _parse(digits_of(text)[:-1], region)[0] is not None


def _could_be_either(base: str) -> bool:
    return base.isdecimal() and _COUNTRY_AND_NUMBER <= len(base) <= _E164_MOST_DIGITS


def _may_lack_its_plus(base: str, region: str | None) -> bool:
    """Whether digits that are no number of the region may be another country's: never where it is formatted.

    Nor where they are a number of the region with something behind a blank: `4155550132 2` is nobody in Switzerland.
    """
    digits = base.replace(" ", "")
    # With blanks between them, digits are another country's number only where they are many.
    is_written_so = base == digits or len(digits) >= _COUNTRY_AND_NUMBER
    if not (digits.isdecimal() and is_written_so and len(digits) <= _E164_MOST_DIGITS):
        return False
    blanks = [place for place, char in enumerate(base) if char == " "] if region else []
    return not any(_parse(base[:place], region)[0] for place in blanks)


def _international_wins(base: str, national: PhoneNumber, international: PhoneNumber, region: str | None) -> bool:
    """Rules 1 to 3 of `read_phone`, for digits that are both a national and an international number."""
    if _e164(national) == _e164(international):
        return False
    if digits_of(phonenumbers.format_number(national, PhoneNumberFormat.NATIONAL)) == base:
        return False
    if len(base) == 11 and base.startswith("1"):
        return True
    plan = PhoneMetadata.metadata_for_region(region or "")
    return not base.startswith(("0", (plan and plan.national_prefix) or "0"))


def _repeats_country_code(written: str, digits: str) -> bool:
    """Whether it is like `1 (11) 500 555-0132`: one 1 was taken for the country's and one for the trunk prefix.

    libphonenumber calls the rest valid; it is doubtful all the same and said so (docs/mapping.md, section Phones).
    """
    return digits.startswith("1") and written.endswith(digits[1:]) and bool(_DOUBLE_TRUNK.fullmatch(written[:-10]))


def _parse(text: str, region: str | None) -> tuple[PhoneNumber | None, _Fault]:
    """The valid number, or None and what is wrong with it."""
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException as error:
        # The library keeps the error in its own frame: a cycle, which would hold the whole column that is being read.
        error.__traceback__ = None
        return None, _parse_refusal(error, text, region)
    if phonenumbers.is_valid_number(number):
        return number, ("", "")
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible == ValidationResult.TOO_SHORT:
        return None, _TOO_SHORT
    if possible == ValidationResult.TOO_LONG:
        return None, _TOO_LONG
    return None, _INVALID


def _parse_refusal(error: NumberParseException, text: str, region: str | None) -> _Fault:
    kind = error.error_type
    if kind == NumberParseException.TOO_LONG:
        return _TOO_LONG
    few = 0 < len(digits_of(text)) < 3
    if few or kind in (NumberParseException.TOO_SHORT_NSN, NumberParseException.TOO_SHORT_AFTER_IDD):
        return _TOO_SHORT
    if kind == NumberParseException.INVALID_COUNTRY_CODE and region is None and "+" not in text:
        return "region_unknown", "the number has no country code, and no region is known for it (import.default_region)"
    if kind == NumberParseException.INVALID_COUNTRY_CODE:
        return "invalid", "the country code does not exist"
    return "invalid", "this is not a telephone number"


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164).removeprefix("+")
