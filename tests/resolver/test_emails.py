"""Rows without a contact by phone are matched by e-mail, and never by a guess."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import Result, hmpipe, write_csv, write_settings
from tests.conftest import Serve, Server

ANN, NEW, BOB = "14155550101", "14155550102", "14155550103"


class Desk:
    """An account and a file that is imported into it."""

    def __init__(self, folder: Path, server: Server, match_on: str = '["phone", "email"]') -> None:
        self.folder, self.sandbox, self.server = folder, server.sandbox, server
        columns = '"Email" = "email"\n'
        write_settings(folder, server.url, columns=columns, **{"import": f"match_on = {match_on}"})

    def rows(self, *rows: str) -> Path:
        return write_csv(self.folder, list(rows), header="Phone,First,Email")

    def run(self, command: str, rows: Path) -> Result:
        return hmpipe(self.folder, command, rows, "--json")

    def held(self) -> dict[str, dict[str, Any]]:
        found = {contact["phone"]: contact for contact in self.sandbox.contacts()}
        assert len(found) == len(self.sandbox.contacts())
        return found


def channels(contact: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["channel_type"], each["channel_id"]) for each in contact["channels"]]


@pytest.fixture
def desk(tmp_path: Path, serve: Serve) -> Desk:
    server = serve()
    server.sandbox.add_contact(ANN, first="Ann", email="Ann@Example.com")
    server.sandbox.add_contact("14159999999", first="Witness")
    return Desk(tmp_path, server)


def test_a_row_with_a_new_phone_is_about_the_contact_with_its_address(desk: Desk) -> None:
    rows = desk.rows(f"+{NEW},Anna,ann@example.com", f"+{BOB},Bob,bob@example.com")
    planned = desk.run("plan", rows).json
    assert (planned["create"], planned["update"]) == (1, 1)
    done = desk.run("import", rows)
    assert (done.code, done.json["created"], done.json["updated"]) == (0, 1, 1)
    held = desk.held()
    assert held.keys() == {ANN, BOB, "14159999999"}
    assert held[ANN]["first"] == "Anna"
    assert channels(held[ANN]) == [("phone", NEW)], "its phone is a further one now"
    again = desk.run("import", rows)
    assert (again.code, again.json["unchanged"]) == (0, 2), "also when its phone is found as a further one"
    assert channels(desk.held()[ANN]) == [("phone", NEW)]


def test_phones_come_first_and_without_the_setting_alone(tmp_path: Path, desk: Desk) -> None:
    desk.sandbox.add_contact(NEW, first="Other")
    done = desk.run("import", desk.rows(f"+{NEW},Anna,ann@example.com"))
    assert done.json["updated"] == 1
    assert (desk.held()[NEW]["first"], desk.held()[ANN]["first"]) == ("Anna", "Ann")
    folder = tmp_path / "plain"
    folder.mkdir()
    plain = Desk(folder, desk.server, '["phone"]')
    assert plain.run("import", plain.rows(f"+{BOB},Anna,ann@example.com")).json["created"] == 1


def test_nothing_is_guessed(desk: Desk) -> None:
    desk.sandbox.add_contact("14155550120", first="Twin A", email="twin@example.com")
    desk.sandbox.add_contact("14155550121", first="Twin B", email="twin@example.com")
    before = desk.held()
    rows = desk.rows(
        f"+{NEW},X,twin@example.com",
        "+14155550130,First,ann@example.com",
        "+14155550131,Second,ann@example.com",
        f"+{ANN},By phone,",
    )
    done = desk.run("import", rows)
    # The row with her own phone is about Ann, so nobody else is.
    assert (done.code, done.json["updated"], done.json["rejected"]) == (3, 1, 3)
    rejects = Path(done.json["rejects"]).read_text()
    assert rejects.count("several_contacts") == 1
    assert rejects.count("email_of_other_row") == 2
    after = desk.held()
    assert after[ANN]["first"] == "By phone"
    assert {phone: contact["rev"] for phone, contact in after.items() if phone != ANN} == {
        phone: contact["rev"] for phone, contact in before.items() if phone != ANN
    }


def test_two_rows_about_one_contact_by_address_are_one_too_many(desk: Desk) -> None:
    done = desk.run("import", desk.rows("+14155550130,First,ann@example.com", "+14155550131,Second,ann@example.com"))
    assert (done.json["updated"], done.json["rejected"], done.json["created"]) == (1, 1, 0)
    assert desk.held()[ANN]["first"] == "First"


def test_a_plan_against_a_snapshot_matches_as_well(desk: Desk) -> None:
    snapshot = hmpipe(desk.folder, "export", "--json").json["snapshot"]
    rows = desk.rows(f"+{NEW},Anna,ann@example.com", f"+{BOB},Bob,bob@example.com")
    planned = hmpipe(desk.folder, "plan", rows, "--against", snapshot, "--json").json
    assert (planned["create"], planned["update"]) == (1, 1)
