"""`hmpipe init` writes settings that check takes as they are, or says what it saw."""

from pathlib import Path

import pytest

from pipeline.settings import load_settings
from tests.cli.commands import hmpipe
from tests.shared_data import shared_file


class TestCommand:
    def test_it_writes_settings_that_check_takes_as_they_are(self, tmp_path: Path) -> None:
        source = shared_file("a_hubspot_contacts_faker.csv")
        made = hmpipe(tmp_path, "init", source, "-o", "configs/x.toml", "--region", "US", "--json")
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
