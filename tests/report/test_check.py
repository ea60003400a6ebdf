"""A check as text, to the letter."""

import pytest

from pipeline.report import check_page, check_text
from pipeline.results import CheckSummary
from tests.report.results import EXAMPLES

FILE = {
    "name": "people.csv",
    "encoding": "utf-8",
    "delimiter": ";",
    "found_by": "valid UTF-8",
    "header_line": 1,
    "preamble_lines": 0,
    "comment_lines": 0,
    "rows": 3,
}


class TestCheck:
    def test_it_says_where_every_column_goes_to_the_letter(self) -> None:
        summary = CheckSummary(
            source="people.csv",
            rows=3,
            accepted=1,
            rejected=1,
            skipped=1,
            codes={"too_short": 1},
            columns={"Phone": "phone", "Plan": "custom:Plan", "Shoe size": None},
            encoding="utf-8",
            delimiter=";",
            notes={"unwrapped": 1},
            opted_out=2,
            examples=EXAMPLES[:1],
            files=(FILE | {"compression": "gzip", "preamble_lines": 2, "header_line": 3},),
        )
        assert check_text(summary) == (
            "Check of people.csv: nothing was sent\n"
            "  people.csv: gzip, utf-8 (valid UTF-8), semicolon, header in line 3, 2 lines above it left out\n"
            "          1 accepted\n"
            "          1 rejected\n"
            "          1 skipped\n"
            "          3 rows in all\n"
            "          2 rows say opted out (67%): those people are not to be texted\n"
            "Columns:\n"
            "  Phone     -> phone\n"
            "  Plan      -> custom:Plan\n"
            "  Shoe size -> (not imported)\n"
            "Not taken, by reason:\n"
            "          1 too_short: phone number too short\n"
            "For example:\n"
            "  line 4, column 'Phone': '12': too short [too_short]\n"
            "Worth knowing:\n"
            "          1 phones were wrapped for a spreadsheet and were unwrapped [unwrapped]"
        )

    @pytest.mark.parametrize(
        ("opted_out", "line"),
        [
            (None, "  Nothing that is read from it says who is opted out."),
            (0, "          0 rows say opted out: those people are not to be texted"),
            (1, "          1 row says opted out (25%): those people are not to be texted"),
        ],
    )
    def test_it_says_how_many_are_not_to_be_texted(self, opted_out: int | None, line: str) -> None:
        summary = CheckSummary("people.csv", 4, 4, 0, 0, {}, {}, "utf-8", ",", opted_out=opted_out)
        assert line in check_text(summary).split("\n")
        assert line.strip() in " ".join(check_page(summary).split())

    @pytest.mark.parametrize(
        ("delimiter", "name"), [(",", "comma"), ("\t", "tab"), ("|", "bar"), ("~", "'~'")], ids=repr
    )
    def test_a_delimiter_is_named(self, delimiter: str, name: str) -> None:
        file = FILE | {"delimiter": delimiter, "header_line": 0, "comment_lines": 4}
        text = check_text(CheckSummary("a.csv", 0, 0, 0, 0, {}, {}, "utf-8", delimiter, files=(file,)))
        assert text == (
            "Check of a.csv: nothing was sent\n"
            f"  people.csv: utf-8 (valid UTF-8), {name}, no header, 4 comment lines left out\n"
            "  The file has a header and no rows.\nColumns:"
        )
