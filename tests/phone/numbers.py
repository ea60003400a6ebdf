"""Drawn phone cells: numbers of every region in many layouts, some of them damaged."""

import random
from functools import cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

_TYPES = range(11)
_INSERTS = ("0", "1", "8", "00", "011", " x12", " ext. 9", ".0", "'")


@cache
def examples(region: str) -> tuple[PhoneNumber, ...]:
    """The example numbers of a region, of each type that has one."""
    found = (phonenumbers.example_number_for_type(region, kind) for kind in _TYPES)
    return tuple(number for number in found if number)


def draw_cell(rng: random.Random, region: str = "") -> str:
    """Draw a cell: half of them from the region that is given, the others from anywhere."""
    somewhere = rng.choice(sorted(phonenumbers.SUPPORTED_REGIONS))
    numbers = examples(region if region and rng.random() < 0.5 else somewhere) or examples("US")
    return _damage(rng, _write(rng, rng.choice(numbers))).strip()


def _write(rng: random.Random, number: PhoneNumber) -> str:
    national = phonenumbers.national_significant_number(number)
    digits = "".join(digit if rng.random() < 0.75 else rng.choice("0123456789") for digit in national)
    code = str(number.country_code)
    return rng.choice(
        [
            f"+{code}{digits}",
            code + digits,
            digits,
            f"0{digits}",
            f"1{digits}",
            f"00{code}{digits}",
            f"({digits[:3]}) {digits[3:6]}-{digits[6:]}",
            f"+{code} {digits[:3]} {digits[3:]}",
            phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL),
            phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL),
            "".join(rng.choice("0123456789") for _ in range(rng.randrange(3, 17))),
        ]
    )


def _damage(rng: random.Random, text: str) -> str:
    for _ in range(rng.choice((0, 0, 0, 1, 2))):
        place = rng.randrange(len(text) + 1)
        kind = rng.randrange(4)
        if kind == 0:
            text = text[:place] + text[place + 1 :]
        elif kind == 1:
            text = text[:place] + rng.choice("0123456789") + text[place + 1 :]
        elif kind == 2:
            text = text[:place] + rng.choice(" -().+/") + text[place:]
        else:
            text = text[:place] + rng.choice(_INSERTS) + text[place:]
    return text
