"""What the rows of a file ask of its settings is written with its count."""

import io
from pathlib import Path

import openpyxl

from pipeline.reader.proposal import Proposal, find_sheet, proposal_text, propose, settings_text
from pipeline.reader.tables import ReadOptions, Source

PHONE = "(415) 555-0132"
HEADERS = ["First", "Last", "Phone", "Email", "Opt Out"]


def needs(*rows: list[str], headers: list[str] = HEADERS) -> dict[str, object]:
    return {need.key: need.value for need in of(*rows, headers=headers).needs}


def of(*rows: list[str], headers: list[str] = HEADERS) -> Proposal:
    return propose(headers, rows, region="US")


def test_a_file_without_faults_asks_for_nothing() -> None:
    assert needs(["Ann", "Lee", PHONE, "a@example.com", "no"]) == {}


def test_short_rows_and_bad_addresses() -> None:
    found = of(["Ann", "Lee", PHONE], ["Bob", "Ray", PHONE, "b@example.com", "no"], ["Cy", "Fox", PHONE, "c@@x", "no"])
    assert {need.key: need.value for need in found.needs} == {"short_rows": "pad", "on_bad_field": "leave_out"}
    text = settings_text(found, source_name="x.csv", read={})
    assert 'short_rows = "pad"   # 1 of 3 rows' in text
    assert 'on_bad_field = "leave_out"   # 1 of 2 e-mail addresses' in text
    assert 'short_rows = "pad": 1 of 3 rows' in proposal_text(found, "x.csv")


def test_words_for_nothing_but_no_names_and_no_answers_on_consent() -> None:
    rows = (["null", "Null", PHONE, "-", "no"], ["(null)", "Lee", PHONE, "none", "no"])
    assert needs(*rows) == {"null_values": ["", "NULL", "N/A", "#N/A", "null", "(null)", "-"]}
    assert needs(["Ann", "-", PHONE, "a@example.com", "-"]) == {}


def test_a_second_column_of_addresses_is_taken_and_nobody_elses() -> None:
    headers = ["Phone", "Email", "Email 2", "Owner Email"]
    found = propose(headers, [[PHONE, "", "a@example.com", "o@example.com"]], region="US")
    targets = {column.key: column.target for column in found.columns}
    assert (targets["Email"], targets["Email 2"], targets["Owner Email"]) == ("email", "email", None)


def test_the_sheet_with_contacts_is_found(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["Contacts of June"])
    sheet = book.create_sheet("Contacts")
    for row in (["First", "Phone"], ["Ann", PHONE]):
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    path = tmp_path / "people.xlsx"
    path.write_bytes(stream.getvalue())
    assert find_sheet(Source(str(path)), ReadOptions()) == "Contacts"
    book.move_sheet("Contacts", -1)
    book.save(path)
    assert find_sheet(Source(str(path)), ReadOptions()) == ""
