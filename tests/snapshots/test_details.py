"""Channels and statuses beside the contacts: written is read, in every file of a snapshot."""

import csv
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as some

from pipeline.models import CustomField, Record, Status, fold_channel, further_channels
from pipeline.snapshots._details import (
    DetailColumns,
    Details,
    complete_record,
    decode_details,
    encode_details,
    is_detail_column,
    said_by,
    status_of,
)
from pipeline.snapshots._writers import custom_headers, write_table

flags = some.none() | some.booleans()
statuses = some.builds(Status, flags, flags, flags, flags)
words = some.text(some.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
channels = some.lists(some.tuples(some.sampled_from(["phone", "email", "whatsapp", "line_2"]), words), max_size=5)
told = some.builds(Details, some.integers(1, 10**9), words, some.none() | channels.map(tuple), some.none() | statuses)


@given(told)
def test_what_is_written_is_read(details: Details) -> None:
    assert decode_details(encode_details(details)) == details


@given(some.lists(channels, max_size=5), statuses)
def test_each_further_channel_has_a_column_of_its_own(each: list[list[tuple[str, str]]], status: Status) -> None:
    contacts = [
        (Record(number, "14155550100"), Details(number, "14155550100", tuple(held), status))
        for number, held in enumerate(each, 1)
    ]
    columns = DetailColumns.over(contacts)
    assert all(map(is_detail_column, columns.headers))
    assert len({*columns.headers}) == len(columns.headers)
    for record, details in contacts:
        cells = dict(zip(columns.headers, columns.cells(record, details), strict=True))
        further = further_channels(complete_record(record, details)) or ()
        shown = sorted(cell for name, cell in cells.items() if name not in ("blocked", "unsubscribed_by") and cell)
        assert shown == sorted(value for _, value in further)
        assert cells["unsubscribed_by"] == said_by(status)


def test_the_list_goes_before_what_was_asked() -> None:
    record = Record(1, "14155550100", is_opted_out=False, is_blocked=True, channels=(("phone", "14155550100"),))
    details = Details(1, "14155550100", (("phone", "14155550199"),), Status(True, False, False, True))
    assert complete_record(record, details).channels == record.channels
    assert status_of(record, details)[:2] == (False, True)


def test_a_custom_field_of_the_same_name_keeps_its_own_column(tmp_path: Path) -> None:
    record, details = Record(1, "14155550100", custom={"7": "x"}), Details(1, "", (("phone", "14155550101"),))
    columns = DetailColumns.over([(record, details)])
    fields = [CustomField(7, "Blocked"), CustomField(8, "phone_2")]
    assert custom_headers(fields, columns.headers) == ["Blocked (7)", "phone_2 (8)"]
    write_table(tmp_path / "t.csv", [(record, details)], fields, opt_out=False, columns=columns)
    with (tmp_path / "t.csv").open(newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["phone_2"], row["Blocked (7)"], row["blocked"]) == ("14155550101", "x", "")
    assert fold_channel("phone", row["phone_2"]) == ("phone", "14155550101")
