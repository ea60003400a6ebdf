"""Numbering plans compiled from the metadata accept its own examples."""

import phonenumbers

from pipeline.phone._automaton import PhoneVerdict
from pipeline.phone._plans import NumberingPlans
from tests.phone.tables import judge


def test_every_calling_code_and_region_of_the_metadata_can_be_compiled() -> None:
    plans = NumberingPlans()
    assert all(plans.international(code) > 1 for code in plans.calling_codes())
    assert all(plans.national(region) for region in phonenumbers.SUPPORTED_REGIONS)
    assert plans.international(999) == 0
    assert plans.national("ZZ") is None


def test_example_numbers_are_valid_in_the_tables() -> None:
    plans = NumberingPlans()
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        number = phonenumbers.example_number(region)
        assert number is not None
        assert number.country_code is not None
        digits = phonenumbers.national_significant_number(number)
        verdict = judge(plans.table, plans.international(number.country_code), digits)
        assert verdict in (PhoneVerdict.YES, PhoneVerdict.UNDECIDED), region
