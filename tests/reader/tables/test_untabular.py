"""Files that are no tables are named for what they are; settings are never written for them."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.reader.tables import ReadOptions
from tests.reader.tables.reading import read, refusal


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<html><body><table><tr><th>First</th><th>Phone</th></tr></table></body></html>", "HTML"),
        ("\ufeff\n<!DOCTYPE html>\n<html lang=de>", "HTML"),
        ("<table border=1>\n<tr><td>Ann</td></tr></table>", "HTML"),
        ("<meta http-equiv=Content-Type content=text/html><table>", "HTML"),
        ('<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?><Workbook/>', "Excel workbook as XML"),
        ('<?xml version="1.0"?>\n<contacts><contact/></contacts>', "XML"),
        ("MIME-Version: 1.0\nContent-Type: multipart/related", "MHTML"),
        ("  %PDF-1.7\n", "PDF"),
        ("{\\rtf1\\ansi\nAnn, Lee}", "RTF"),
        ("-- dump\nINSERT INTO contacts VALUES ('Ann','Lee');", "SQL"),
        ('[{"first":"Ann","phone":"4155550132"},{"first":"Bob","phone":"4155550133"}]', "JSON"),
        ('{\n  "contacts": [\n    {"first": "Ann, Lee"}\n  ]\n}', "JSON"),
        ("[]", "JSON"),
        ('"First,Last,Phone"\n"Ann,Lee,4155550132"\n"Bob,Ray,4155550133"\n', "every line stands in quotes"),
        ('First;Last;Phone\n"Ann;Lee;4155550132"\n"Bob;Ray;4155550133"\n', "every line stands in quotes"),
        ("First   Last   Phone\nAnn     Lee    4155550132\nBob     Ray    4155550133\n", "blanks"),
    ],
)
def test_it_is_called_what_it_is(text: str, what: str) -> None:
    assert what in refusal(text.encode()).message


@given(st.sampled_from(":~#*/%!=$\u00a6\u00a7"), st.integers(2, 5), st.integers(1, 9))
def test_an_unusual_delimiter_is_named_and_can_be_said(sign: str, width: int, rows: int) -> None:
    lines = [[f"name{number}" for number in range(width)], *([f"cell {row}"] * width for row in range(rows))]
    data = "\n".join(map(sign.join, lines)).encode()
    assert "import.delimiter = " in str(refusal(data))
    assert read(data, ReadOptions(delimiter=sign)).records == tuple(map(tuple, lines[1:]))


@pytest.mark.parametrize(
    "text",
    [
        "phone\n4155550132\n4155550133\n",
        "Full name\nLopez, Ann\nRay, Bob\n",
        "Full name\nAnn Lopez\nBob Ray\n",
        "E-mail\nann@example.com\nbob@example.com\n",
        "Seen\n12:30\n12:45\n",
        "Day\n1/2/2026\n1/3/2026\n",
    ],
)
def test_a_table_of_one_column_is_one(text: str) -> None:
    assert len(read(text.encode()).headers) == 1


def test_a_document_of_numbers_is_known(tmp_path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("Index/Document.iwa", b"x")
        archive.writestr("preview.jpg", b"x")
    path = tmp_path / "list.numbers"
    path.write_bytes(held.getvalue())
    assert "Numbers" in refusal(path).message


@pytest.mark.parametrize("mark", ["\x1a", "\r\n\x1a", "\ufeff", "\r\n\ufeff", "\r\n\ufeff\r\n", "\x1a\x1a\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_marks_at_the_very_end_are_nothing(mark: str, encoding: str) -> None:
    table = read(f"First,Phone,Last\r\nAnn,4155550132,Lee\r\nBob,4155550133,Ray{mark}".encode(encoding))
    assert table.records == (("Ann", "4155550132", "Lee"), ("Bob", "4155550133", "Ray"))


def test_marks_within_a_text_stay() -> None:
    assert read(b"a,b\nx\x1a,1\n\xef\xbb\xbfy,2\n").records == (("x\x1a", "1"), ("\ufeffy", "2"))
