"""vCards and JSON lines are read: each object is a row, and all names together are the header."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.reader.tables.reading import read, refusal

ANN = """BEGIN:VCARD\r
VERSION:3.0\r
N:Lee;Ann;;Dr.;\r
FN:Dr. Ann Lee\r
TEL;TYPE=CELL:+1 415-555-0132\r
TEL;TYPE=work,voice:(415) 555-0133\r
EMAIL:ann@example.com\r
ORG:Acme;Sales\r
ADR;TYPE=HOME:;;1 Main St;Springfield;IL;62701;USA\r
CATEGORIES:a,b\r
END:VCARD\r
"""
JORG = """BEGIN:VCARD\r
VERSION:2.1\r
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg\r
TEL;CELL;PREF:+49 151 23456789\r
END:VCARD\r
"""
ZOE = """BEGIN:VCARD\r
VERSION:4.0\r
FN:Zo\u00eb\r
TEL;VALUE=uri:tel:+1-415-555-0139\r
END:VCARD\r
"""


def test_vcards_are_rows_with_their_phones_in_order() -> None:
    table = read((ANN + "\r\n" + JORG + ZOE).encode())
    rows = [dict(zip(table.headers, cells, strict=True)) for cells in table.records]
    assert [row["Phone 1"] for row in rows] == ["+1 415-555-0132", "+49 151 23456789", "+1-415-555-0139"]
    assert (rows[0]["Phone 2"], rows[0]["Type of Phone 2"]) == ("(415) 555-0133", "work")
    assert (rows[0]["First Name"], rows[0]["Last Name"], rows[0]["Email"]) == ("Ann", "Lee", "ann@example.com")
    assert (rows[0]["Company"], rows[0]["Categories"]) == ("Acme; Sales", "a; b")
    assert (rows[1]["First Name"], rows[1]["Last Name"]) == ("J\u00f6rg", "M\u00fcller")
    assert rows[2]["Full Name"] == "Zo\u00eb"
    assert table.spans == ((1, 11), (13, 17), (18, 22))
    assert table.dialect.found_by == "vCard"


def test_a_card_that_is_none_is_a_fault_and_the_others_are_read() -> None:
    table = read((ANN.replace("END:VCARD\r\n", "") + JORG).encode())
    assert [fault.code for fault in table.faults.values()] == ["bad_object"]
    assert table.records[1][0] == "J\u00f6rg"


VALUES = st.text(st.characters(codec="utf-8"), max_size=9)


@given(st.lists(st.dictionaries(st.sampled_from(["first", "phone", "x y", "a.b"]), VALUES, min_size=1), min_size=1))
def test_json_lines_read_back_as_they_were(objects: list[dict[str, str]]) -> None:
    table = read("\n".join(map(json.dumps, objects)).encode())
    names = list(dict.fromkeys(name for each in objects for name in each))
    assert list(table.headers) == names
    assert list(table.records) == [tuple(each.get(name, "") for name in names) for each in objects]
    assert table.dialect.found_by == "JSON lines"


def test_what_is_no_text_in_json_stays_as_it_is_written() -> None:
    line = b'{"phone": 4155550132, "big": 1.50, "yes": true, "none": null, "list": ["a", 1], "in": {"b": 2.5}}\n'
    assert read(line).records == (("4155550132", "1.50", "true", "", '["a", 1]', '{"b": 2.5}'),)


def test_a_line_that_is_no_object_is_a_fault() -> None:
    table = read(b'{"phone": "4155550132"}\n\n{"phone": "4155550133"}\n[1]\n')
    assert [(place, fault.code) for place, fault in table.faults.items()] == [(2, "bad_object")]
    assert [start for start, _ in table.rows] == [1, 3, 4]


def test_objects_without_a_name_are_no_table() -> None:
    assert "no contact" in refusal(b"{}\n{}\n").message
