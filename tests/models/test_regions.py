"""The list of regions is libphonenumber's own."""

import phonenumbers

from pipeline.models import _regions


def test_the_regions_are_those_of_libphonenumber() -> None:
    assert _regions._REGIONS == phonenumbers.SUPPORTED_REGIONS
