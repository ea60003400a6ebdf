"""Where names say nothing, the cells do."""

import pytest

from pipeline.reader.proposal import looks_headerless
from pipeline.reader.proposal._looks import show
from pipeline.reader.tables import Source, open_table
from tests.reader.proposal.real_files import of_shared
from tests.shared_data import shared_file

NO_HEADER = {"a_adventureworks_reseller_pipe.csv": "column 4", "a_palm_noheader_horde.csv": "column 5"}


@pytest.mark.parametrize(
    ("name", "region", "country"),
    [
        ("a_hubspot_contacts_faker.csv", "", ""),
        ("a_m365_users_sample.csv", "US", "country_region"),
        ("a_orocrm_contacts.csv", "US", ""),
        ("a_rapidpro_simple.csv", "", ""),
        ("a_zoho_br.csv", "", ""),
    ],
)
def test_a_region_is_written_only_where_the_file_proves_it(name: str, region: str, country: str) -> None:
    proposal = of_shared(name)
    assert (proposal.region, proposal.country_column) == (region, country)


@pytest.mark.parametrize("name", NO_HEADER)
def test_files_without_a_header_are_noticed_and_judged_by_their_looks(name: str) -> None:
    with open_table(Source(str(shared_file(name)))) as table:
        rows = [row for chunk in table.chunks() for row in chunk.records]
        assert looks_headerless(table.headers, rows)
    assert NO_HEADER[name] in [column.key for column in of_shared(name, header="none").phones]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [("2024-05-26 10:11:12", "2024-05-26 10:11:12"), ("4/1/2024", "4/1/2024"), ("(415) 736-0132", "4157***0132")],
)
def test_an_example_hides_phones_and_no_dates(cell: str, shown: str) -> None:
    assert show(cell, phone=False) == shown
