"""Vanity numbers: 1-800-FLOWERS, and what only looks a little like one."""

import re

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from pipeline.phone._ending import digits_of

_SHAPE = re.compile(r"(\+?[\d\s().-]*\d[\s().-]*)((?:[A-Za-z]+[\s.-]?)*(?:\d[\s.-]?)?(?:[A-Za-z]+[\s.-]?)*)(\d{0,4})")
_WRITTEN_AS_A_NUMBER = re.compile(r"\s*(?:\+|\(|1[\s.-]|\d.*[.-]\s*$|(?:\d\s*){6,})")
"""Digits that letters may follow: with a plus, brackets, the 1 before an area code, a dash, or many of them.

`800 Smith St` is an address.
"""

_AREA_CODE_DIGITS = 3
_FEWEST_IN_FRONT = 3
_FEWEST_LETTERS = 3
_NANP = 1
_NANP_DIGITS = 10
_SERVICES = frozenset(
    (
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
    )
)
"""Outside North America words are sold only with numbers of these kinds; a word behind others is a label."""


def vanity_digits(text: str) -> str:
    """Return the text with its letters as the keys they stand on, or "" where it is not written as a vanity number."""
    found = _SHAPE.fullmatch(text)
    if not found or len(digits_of(found[1])) < _FEWEST_IN_FRONT or not _WRITTEN_AS_A_NUMBER.match(found[1]):
        return ""
    letters = sum(map(str.isalpha, found[2]))
    return str(phonenumbers.convert_alpha_characters_in_number(text)) if letters >= _FEWEST_LETTERS else ""


def may_have_letters(number: PhoneNumber, text: str) -> bool:
    """Whether vanity numbers are usual for numbers of this kind, written so.

    Numbers of nothing but letters behind three digits are sold as toll-free ones alone: `305-Elmwood` is an address.
    """
    shape = _SHAPE.fullmatch(text)
    front, behind = (digits_of(shape[1]), shape[3]) if shape else ("", "")
    if number.country_code == _NANP and (behind or len(front.removeprefix("1")) > _AREA_CODE_DIGITS):
        return len(str(number.national_number)) == _NANP_DIGITS
    return phonenumbers.number_type(number) in _SERVICES
