"""Files of real products read to the rows, the encoding and the delimiter that their index states."""

import pytest

from pipeline.reader.tables import ReadOptions
from tests.reader.tables.reading import read
from tests.shared_data import shared_file

NO_HEADER = ReadOptions(header="none")

FILES = {
    "a_adventureworks_reseller_pipe.csv": ("utf-8", "|", 701, False),
    "a_chatwoot_emoji.csv": ("utf-8", ",", 1, True),
    "a_chinook_customer_latin1.csv": ("cp1252", ",", 59, True),
    "a_crm_preflight_leads.csv": ("utf-8", ",", 12, True),
    "a_csvkit_null_byte.csv": ("utf-8", ",", 1, True),
    "a_frictionless_accents_latin1.csv": ("cp1252", ";", 638, True),
    "a_google_new_rolomind.csv": ("utf-8", ",", 4, True),
    "a_google_old_roundcube.csv": ("utf-8", ",", 1, True),
    "a_hubspot_contacts_faker.csv": ("utf-8", ",", 950, True),
    "a_m365_users_sample.csv": ("utf-8", ",", 6, True),
    "a_macosx_cr_only.csv": ("utf-8", ",", 16, False),
    # The index counts 86: it has the csv module's view, for which two lines of nothing but blanks are records.
    "a_messytables_head_padding.csv": ("utf-8", ";", 84, False),
    "a_northwind_client_fr.csv": ("utf-8", ";", 94, True),
    "a_orocrm_contacts.csv": ("utf-8", ",", 4, True),
    "a_orocrm_fng_leads_bom.csv": ("utf-8-sig", ",", 2, True),
    "a_outlook_full_horde.csv": ("utf-8", ",", 1, True),
    "a_outlook_quotes_horde_bug6370.csv": ("utf-8", ",", 1, True),
    "a_palm_noheader_horde.csv": ("utf-8", ",", 2, False),
    "a_prestashop_addresses.csv": ("utf-8", ";", 16, True),
    "a_rapidpro_latin1.csv": ("cp1252", ",", 1, True),
    "a_rapidpro_simple.csv": ("utf-8", ",", 3, True),
    "a_rapidpro_utf16le.csv": ("utf-16", ",", 1, True),
    "a_salesforce_contacts_dander.csv": ("utf-8", ",", 2, True),
    "a_salesforce_dataloader_upsert.csv": ("utf-8", ",", 10, True),
    "a_spectrum_location_phone.csv": ("utf-8", ",", 1, True),
    "a_spectrum_quotes_newlines.csv": ("utf-8", ",", 2, True),
    "a_thunderbird_roundcube.csv": ("utf-8", ",", 1, True),
    "a_wave_customers_ragged.csv": ("utf-8", ",", 5, True),
    "a_windows_address_book_horde.csv": ("utf-8", ",", 1, True),
    "a_zoho_br.csv": ("utf-8", ",", 4, True),
}
"""Encoding (ASCII is UTF-8, and Latin-1 without control characters is cp1252), delimiter, rows, has a header."""


def test_every_file_is_here() -> None:
    folder = shared_file("")
    assert {path.name for path in folder.glob("a_*.csv")} == FILES.keys()


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_reads_as_its_index_states(name: str) -> None:
    encoding, delimiter, rows, has_header = FILES[name]
    path = shared_file(name)
    table = read(path, None if has_header else NO_HEADER)
    assert (table.dialect.encoding, table.dialect.delimiter) == (encoding, delimiter)
    assert (len(table.records), table.header_line, table.faults) == (rows, int(has_header), {})
    assert table.spans[-1][1] <= path.read_bytes().count(b"\n") + path.read_bytes().count(b"\r") + 1


def test_the_header_under_a_preamble_is_found() -> None:
    path = shared_file("a_macosx_cr_only.csv")
    table = read(path)
    assert (table.header_line, table.preamble_lines, table.headers[:2]) == (3, 2, ("Username", "Last Name"))
    assert len(table.records) == 13


def test_a_statistic_without_names_of_columns_is_read_from_its_first_line() -> None:
    path = shared_file("a_messytables_head_padding.csv")
    table = read(path)
    assert (table.header_line, len(table.headers)) == (3, 1)
    assert read(path, ReadOptions(header=12)).headers[1:3] == ("1985", "1993")
