"""Columns are recognised by their names and by what they hold, and never guessed where that could text strangers."""

import pytest

from pipeline.reader.proposal import Proposal, looks_headerless, propose
from pipeline.reader.tables import Source, open_table
from tests.reader.proposal.real_files import US, of_shared
from tests.shared_data import shared_file


def of(headers: list[str], *rows: list[str], region: str = "", has_header: bool = True) -> Proposal:
    return propose(headers, rows, region=region, has_header=has_header)


def target(proposal: Proposal, key: str) -> object:
    [found] = [column.target for column in proposal.columns if column.key == key]
    return found


SHARED: dict[str, tuple[str, list[str]]] = {
    "a_chatwoot_emoji.csv": ("", ["phone_number"]),
    "a_chinook_customer_latin1.csv": ("", ["Phone"]),
    "a_crm_preflight_leads.csv": ("", ["Phone"]),
    "a_google_new_rolomind.csv": ("Google Contacts (new layout)", ["Phone 1 - Value"]),
    "a_google_old_roundcube.csv": (
        "Google Contacts (old layout)",
        [f"Phone {number} - Value" for number in range(1, 8)],
    ),
    "a_hubspot_contacts_faker.csv": ("HubSpot contacts", ["Mobile Phone Number", "Phone Number"]),
    "a_m365_users_sample.csv": ("Microsoft 365 users", ["mobile_phone", "office_phone"]),
    "a_northwind_client_fr.csv": ("", ["Tel"]),
    "a_orocrm_contacts.csv": ("OroCRM contacts", ["Phones 1 Phone", "Phones 2 Phone", "Phones 3 Phone"]),
    "a_orocrm_fng_leads_bom.csv": ("", ["TelephoneNumber"]),
    "a_outlook_full_horde.csv": (
        "Outlook",
        [
            *("Mobile Phone", "Primary Phone", "Business Phone", "Business Phone 2", "Company Main Phone"),
            *("Home Phone", "Home Phone 2", "Other Phone", "Callback", "Car Phone", "Radio Phone"),
        ],
    ),
    "a_prestashop_addresses.csv": ("PrestaShop addresses", ["Mobile Phone", "Phone"]),
    "a_rapidpro_latin1.csv": ("RapidPro / TextIt contacts", ["URN:tel"]),
    "a_rapidpro_simple.csv": ("RapidPro / TextIt contacts", ["URN:Tel"]),
    "a_rapidpro_utf16le.csv": ("RapidPro / TextIt contacts", ["URN:tel"]),
    "a_salesforce_contacts_dander.csv": ("Salesforce contacts", ["Phone"]),
    "a_salesforce_dataloader_upsert.csv": ("", ["PHONE"]),
    "a_spectrum_location_phone.csv": ("", ["Contact Phone Number"]),
    "a_thunderbird_roundcube.csv": ("Thunderbird", ["Mobile Number", "Work Phone", "Home Phone"]),
    "a_windows_address_book_horde.csv": ("Windows Address Book", ["Mobile Phone", "Business Phone", "Home Phone"]),
    "a_zoho_br.csv": ("", ["phone"]),
}


NO_PHONES = (
    *("a_csvkit_null_byte.csv", "a_frictionless_accents_latin1.csv", "a_macosx_cr_only.csv"),
    *("a_spectrum_quotes_newlines.csv", "a_wave_customers_ragged.csv"),
)


@pytest.mark.parametrize("name", SHARED)
def test_the_phones_of_real_files_stand_in_a_sensible_order(name: str) -> None:
    layout, phones = SHARED[name]
    proposal = of_shared(name)
    assert proposal.layout == layout
    assert [column.key for column in proposal.phones] == phones
    with open_table(Source(str(shared_file(name)))) as table:
        rows = [row for chunk in table.chunks() for row in chunk.records]
        assert looks_headerless(table.headers, rows) is None


@pytest.mark.parametrize("name", NO_PHONES)
def test_files_without_phones_say_so(name: str) -> None:
    assert "No column of phones was recognised" in of_shared(name).problems[0]


class TestColumns:
    def test_a_column_of_phones_is_one_whatever_its_name(self) -> None:
        proposal = of(["Who", "Reach", "Zip"], *[["x", cell, "94105"] for cell in US])
        assert [(column.key, column.confidence) for column in proposal.phones] == [("Reach", "guess")]

    @pytest.mark.parametrize("header", ["Card Number", "Zip", "Created", "Order ID", "VAT number"])
    def test_numbers_of_another_kind_are_not(self, header: str) -> None:
        assert not of([header, "X"], *[[cell, "y"] for cell in ("4155550132", "2125550177", "5105550101")]).phones

    def test_names_go_to_their_fields_in_several_languages(self) -> None:
        proposal = of(["Vorname", "Nachname", "Handy", "E-Mail-Adresse"], ["Ada", "B", US[0], "a@example.com"])
        assert [target(proposal, key) for key in ("Vorname", "Nachname", "E-Mail-Adresse")] == [
            "first",
            "last",
            "email",
        ]
        proposal = of(["Nom", "Prénom", "Portable"], ["B", "Ada", "06 12 34 56 78"])
        assert (target(proposal, "Nom"), target(proposal, "Prénom")) == ("last", "first")

    def test_a_whole_name_is_split_only_where_there_are_no_parts(self) -> None:
        split = target(of(["Name", "Phone"], ["Ada Lovelace", US[0]]), "Name")
        assert split == [
            {"to": "first", "transform": ["collapse", "first_word"]},
            {"to": "last", "transform": ["collapse", "last_word"]},
        ]
        both = of(["Name", "First Name", "Phone"], ["Ada Lovelace", "Ada", US[0]])
        assert (target(both, "Name"), target(both, "First Name")) == ("display_name", "first")

    def test_opt_outs_are_read_and_opt_ins_turned_round(self) -> None:
        proposal = of(["Phone", "HasOptedOutOfSms"], [US[0], "true"])
        assert target(proposal, "HasOptedOutOfSms") == "is_opted_out"
        turned = target(of(["Phone", "Accepts SMS Marketing"], [US[0], "yes"]), "Accepts SMS Marketing")
        assert isinstance(turned, dict)
        assert turned["map"] == {"yes": "no", "no": "yes", "": "yes"}

    def test_other_useful_columns_could_be_custom_fields(self) -> None:
        proposal = of(["Phone", "Company", "", "Empty"], [US[0], "Acme", "x", ""])
        assert proposal.custom_fields == ("Company",)
        assert target(proposal, "column 3") is None

    def test_deleted_rows_are_left_out(self) -> None:
        assert of(["Phone", "IsDeleted"], [US[0], "false"]).skip_where == {"IsDeleted": "true"}

    def test_columns_of_one_name_are_told_apart_by_their_place(self) -> None:
        proposal = of(["Phone", "Phone", "X"], [US[0], US[1], "y"])
        assert [column.key for column in proposal.phones] == ["column 1", "column 2"]

    def test_what_the_caller_knows_better_counts(self) -> None:
        proposal = propose(["A", "Phone"], [["020 7946 0018", US[0]]], region="GB", phone_columns=["a"])
        assert [column.key for column in proposal.phones] == ["A"]
        assert (proposal.region, proposal.region_reason) == ("GB", "as given")
        assert propose(["x"], [[US[0]]], phone_columns=["column 1"]).phones

    def test_examples_never_show_a_whole_phone_or_address(self) -> None:
        proposal = of(["Phone", "Email", "Notes"], [US[0], "ada@example.com", "call 415 555 0132"])
        shown = " ".join(example for column in proposal.columns for example in column.examples)
        assert "5550132" not in shown.replace(" ", "")
        assert "ada@" not in shown


class TestHeaders:
    @pytest.mark.parametrize(
        ("first", "rows", "said"),
        [
            (["Ada", "415-555-0132"], [["Bob", "415-555-0133"]], "is a phone"),
            (["Ada", "ada@example.com"], [["Bob", "bob@example.com"]], "is an e-mail address"),
            (["Warehouse", "x"], [["Warehouse", "y"], ["Warehouse", "z"]], "stands again"),
            (["1", "637", "North"], [["2", "638", "South"]], "are numbers"),
        ],
    )
    def test_a_first_record_that_is_a_row_is_noticed(self, first: list[str], rows: list[list[str]], said: str) -> None:
        assert said in str(looks_headerless(first, rows))

    def test_an_ordinary_header_is_not(self) -> None:
        assert looks_headerless(["Name", "Phone", "2024"], [["Ada", US[0], "x"]]) is None
