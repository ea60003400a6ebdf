"""What a spreadsheet makes of a cell by itself, and what only a person does."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reader._spreadsheets import is_made_of


@pytest.mark.parametrize(
    ("original", "cell"),
    [
        ("1.51255E+10", "15125500000"),
        ("15125512345", "1.51255E+10"),
        ("15125512345", "15125500000"),
        ("4155550132", "4.156E+09"),
        ("12345678901234567890", "1.23457E+19"),
        ("12345678901234567890", "12345678901234500000"),
        ("+14155550132", "14155550132"),
        ("+14155550132", "1.41556E+10"),
        ("+1-415-555-0132", "-1101"),
        ("=1+1", "2"),
        ("-foo", "#NAME?"),
        ("@home", "#NAME?"),
        ('="0123"', "0123"),
        ('="0123"', "123"),
        ("02134", "2134"),
        ("1.50", "1.5"),
        ("1.0", "1"),
        ("3E10", "30000000000"),
        ("3.14159265358979", "3.141592654"),
        ("5.102E+10", "51020000000000"),
        ("5.102E+14", "5,102E+017"),
        ("4155550132+", "4155550132"),
        ("07 -", "-7"),
        ("914e522", "1.79769313486232E+308"),
        ("1 2/3", "1.66666666666667"),
        ("7:5", "07:05:00"),
        ("15%", "0.15"),
        ("$5", "$5.00"),
        ("1,234", "1234"),
        ("1.234,50", "1234,5"),
        ("(415)", "-415"),
        ("1-2", "2-Jan"),
        ("1/2", "01.02.2026"),
        ("10.12", "10. Dez"),
        ("3-5-2020", "3/5/2020"),
        ("2020-03-05", "05.03.2020"),
        ("2020-03-05", "3/5/20"),
        ("12-2005", "Dec-05"),
        ("5 May 2020", "5-May-20"),
        ("Mar-20", "20-Mar"),
        ("12:30", "12:30:00"),
        ("12:30", "0.520833333333333"),
        ("2020-03-05 10:11:12", "3/5/2020 10:11"),
        ("2020-03-05T10:11:12Z", "3/5/2020 10:11"),
        ("3/5/2020", "43895"),
        ("3/5/2020", "########"),
        ("true", "TRUE"),
        ("TRUE", "WAHR"),
        ("#N/A", "#NV"),
        ("Jos\u00e9", "Jos\u00c3\u00a9"),
        ("\u0141uk", "?uk"),
        ("a\r\nb", "a\nb"),
        (" x ", "x"),
        ("a\x1bb", "ab"),
        ("x\udce9", "x\ufffd"),
        ("x\x85y", "x\u00c2\u2026y"),
        ("x\x85y", "x?y"),
        ("3/10/1984", "10.03.1984"),
        ("10.3.1984", "3/10/1984"),
    ],
)
def test_what_a_spreadsheet_makes_of_a_cell_is_that_cell(original: str, cell: str) -> None:
    assert is_made_of(original, cell)


@pytest.mark.parametrize(
    ("original", "cell"),
    [
        ("2134", "02134"),
        ("14155550132", "+14155550132"),
        ("4155550132", "+1 415 555 0132"),
        ("5550132", "4155550132"),
        ("415555013", "4155550130"),
        ("15125512345", "15125512346"),
        ("03/04/2020", "04/03/2020"),
        ("10.12", "12.10"),
        ("3/10/1984", "03.10.1984x"),
        ("10.3.1984", "10/4/1984"),
        ("10-11-12", "12-10-11"),
        ("1/2/1920", "1/2/2020"),
        ("2020-03-05", "2020-03-06"),
        ("12:30", "12:31"),
        ("43895", "2020-03-05"),
        ("Smith", "SMITH"),
        ("Jos\u00e9", "Jos\u00e8"),
        ("yes", "no"),
        ("5.102E+10", "51020000001"),
        ("7:5", "07:50:00"),
        ("1 2/3", "1.67"),
        ("1", "true"),
        ("", "x"),
        ("12", ""),
        ("a@b", "a@b.com"),
        ("do not call", ""),
    ],
)
def test_what_a_person_changed_is_another_cell(original: str, cell: str) -> None:
    assert not is_made_of(original, cell)


def spelt(number: Decimal, digits: int) -> set[str]:
    """A number as Excel shows it in columns of different widths, and what it makes of that when it opens it again."""
    short = f"{number:.{digits - 1}E}".replace("E+", "E+0" if number < 10**10 else "E+")
    return {str(number), f"{int(Decimal(short)):d}", short}


@given(st.integers(10**9, 10**15 - 1), st.integers(3, 6), st.sampled_from(["", "+", "0", "00"]))
def test_law_a_number_is_itself_however_it_is_shown(number: int, digits: int, before: str) -> None:
    for cell in spelt(Decimal(number), digits):
        assert is_made_of(f"{before}{number}", cell)


@given(st.integers(10**6, 10**15 - 1), st.integers(10**6, 10**15 - 1))
def test_law_another_number_is_another_cell(one: int, other: int) -> None:
    # Below the digits that a narrow column shows there may be zeros, and then they were cut.
    is_cut = other % 10**3 == 0 and str(one)[:2] == str(other)[:2]
    assert is_made_of(str(one), str(other)) is (one == other) or is_cut
    assert not is_made_of(str(one), f"+{one}")
    assert not is_made_of(str(one), f"0{one}")


@given(
    st.dates(dt.date(1930, 1, 1), dt.date(2029, 12, 31)),
    st.sampled_from(["%m/%d/%Y", "%d.%m.%Y", "%d/%m/%Y", "%d-%b-%Y", "%Y-%m-%d"]),
)
def test_law_a_day_is_itself_in_every_country(day: dt.date, form: str) -> None:
    assert is_made_of(str(day), format(day, form))


@given(st.text(max_size=12), st.text(max_size=12))
def test_law_any_two_cells_can_be_compared(one: str, other: str) -> None:
    assert is_made_of(one, one)
    assert is_made_of(one, other) in (True, False)
