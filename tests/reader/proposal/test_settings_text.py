"""The settings file that is proposed can be used as it is, whatever the headers are."""

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.reader.mapping import plan_columns
from pipeline.reader.proposal import proposal_text, propose, settings_text
from pipeline.settings import ImportSettings, load_settings
from tests.cli.commands import hmpipe
from tests.conftest import examples
from tests.shared_data import shared_file

HEADERS = st.lists(
    st.text(max_size=8)
    | st.sampled_from(["Phone", "First Name", "E-mail", "Tags", 'a"b', "x\\y", "\U0001f525", "\udce9"]),
    min_size=1,
    max_size=7,
)


@settings(deadline=None, max_examples=examples(60))
@given(HEADERS)
def test_law_any_headers_give_settings_that_find_their_columns(headers: list[str]) -> None:
    rows = [[f"(415) 555-01{number:02}" for _ in headers] for number in range(3)]
    proposal = propose(headers, rows)
    text = settings_text(proposal, source_name="any\nname.csv", read={"encoding": "cp1252", "header": 3})
    loaded = tomllib.loads(text)
    assert loaded["import"]["header"] == 3
    mapped = loaded["import"]["columns"]
    assert len(mapped) == sum(column.target is not None for column in proposal.columns)
    if proposal.phones:
        plan_columns(headers, ImportSettings.model_validate(loaded["import"]))


def test_it_is_commented_and_shows_what_could_be_mapped_too() -> None:
    proposal = propose(["Phone", "Company", "Fax"], [["(415) 555-0132", "Acme", "x"]])
    text = settings_text(proposal, source_name="people.csv", read={})
    assert '"Phone" = "phone"                    # sure: its name says phone, and 100% of its cells are valid' in text
    assert '# "Company" = { custom = "Company" }' in text
    assert '# "Fax": its name says fax, which cannot be texted' in text


def test_a_person_sees_where_every_column_goes() -> None:
    proposal = propose(["Phone", "Name", "Company"], [["(415) 555-0132", "Ada Lovelace", "Acme"]])
    text = proposal_text(proposal, "people.csv", "hmpipe.toml")
    assert re.search(r"Phone +-> phone +sure +its name says phone", text)
    assert re.search(r"Name +-> first \+ last +likely", text)
    assert "custom fields, if the account has them: Company" in text
    assert "Settings: hmpipe.toml." in text


class TestCommand:
    def test_it_writes_settings_that_check_takes_as_they_are(self, tmp_path: Path) -> None:
        source = shared_file("a_hubspot_contacts_faker.csv")
        made = hmpipe(tmp_path, "init", source, "-o", "configs/x.toml", "--json")
        assert made.code == 0, made.err
        assert made.json["layout"] == "HubSpot contacts"
        assert [column["column"] for column in made.json["columns"] if column["target"] == "phone"] == [
            "Mobile Phone Number",
            "Phone Number",
        ]
        load_settings(tmp_path / "configs" / "x.toml", environ={})
        checked = hmpipe(tmp_path, "check", source, "-c", "configs/x.toml", "--json")
        assert checked.json["rows"] == 950
        assert checked.json["accepted"] > 600

    def test_a_settings_file_is_not_replaced_unless_asked(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("Phone\n(415) 555-0132\n")
        (tmp_path / "hmpipe.toml").write_text("mine")
        refused = hmpipe(tmp_path, "init", "a.csv")
        assert refused.code == 2
        assert "exists already" in refused.err
        assert (tmp_path / "hmpipe.toml").read_text() == "mine"
        assert hmpipe(tmp_path, "init", "a.csv", "--force").code == 0
        assert hmpipe(tmp_path, "check", "a.csv").code == 0

    def test_without_a_header_it_says_what_it_saw_and_how_to_go_on(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("Ada;415-555-0132\nBob;415-555-0133\n")
        refused = hmpipe(tmp_path, "init", "a.csv")
        assert refused.code == 2
        assert "is a phone" in refused.err
        assert "--no-header" in refused.err
        assert hmpipe(tmp_path, "init", "a.csv", "--no-header").code == 0
        checked = hmpipe(tmp_path, "check", "a.csv", "--json")
        assert (checked.code, checked.json["accepted"]) == (0, 2)

    @pytest.mark.parametrize("option", [["--phone-column", "Reach"], ["--phone-column", "column 2"]])
    def test_without_phones_it_says_which_columns_there_are(self, tmp_path: Path, option: list[str]) -> None:
        (tmp_path / "a.csv").write_text("Who,Reach\nAda,n/a\nBob,\n")
        refused = hmpipe(tmp_path, "init", "a.csv")
        assert refused.code == 2
        assert "'Who', 'Reach'" in refused.err
        assert "--phone-column" in refused.err
        assert hmpipe(tmp_path, "init", "a.csv", *option).code == 0

    def test_what_is_forced_is_written_down(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_bytes("Téléphone;Nom\n+33612345678;\xc9\n".encode("cp1252"))
        made = hmpipe(tmp_path, "init", "a.csv", "--encoding", "cp1252", "--delimiter", "semicolon", "--region", "fr")
        assert made.code == 0, made.err
        imports = load_settings(tmp_path / "hmpipe.toml", environ={}).imports
        assert (imports.encoding, imports.delimiter, imports.default_region) == ("cp1252", ";", "FR")
        for wrong in (["--delimiter", "ab"], ["--encoding", "klingon"], ["--region", "XX"]):
            assert hmpipe(tmp_path, "init", "a.csv", "--force", *wrong).code == 2, wrong

    def test_a_place_that_cannot_be_written_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("Phone\n(415) 555-0132\n")
        (tmp_path / "file").write_text("")
        failed = hmpipe(tmp_path, "init", "a.csv", "-o", "file/x.toml")
        assert failed.code == 1
        assert "cannot be written" in failed.err
