"""Encrypted snapshots: the public key writes them, only the secret one reads them."""

import stat
from pathlib import Path
from typing import Any

import pyrage
import pytest

from pipeline.errors import SettingsError
from pipeline.snapshots import (
    Encryptor,
    SnapshotFormat,
    open_snapshot,
    refuse_plain_copy,
)
from tests.cli.commands import hmpipe
from tests.conftest import Server
from tests.exports import write_settings


def test_an_encrypted_snapshot_needs_only_the_public_key_to_write_and_the_secret_one_to_read(
    tmp_path: Path, server: Server
) -> None:
    identity = pyrage.x25519.Identity.generate()
    write_settings(tmp_path, server.url, 'encryption = "age"')
    refused = hmpipe(tmp_path, "export", "--json")
    assert (refused.code, "HMPIPE_AGE_RECIPIENT is not set" in refused.err) == (2, True)
    assert server.sandbox.requests == [], "found before anything was asked"
    done = hmpipe(tmp_path, "export", "--json", HMPIPE_AGE_RECIPIENT=str(identity.to_public()))
    assert (done.code, done.json["contacts"]) == (0, 23), done.err
    place = Path(done.json["snapshot"])
    assert {path.name for path in place.iterdir()} == {
        "contacts.jsonl.gz.age", "contacts.csv.age", "fields.json.age", "tags.json.age", "team.json.age",
        "manifest.json",
    }  # fmt: skip
    left = list(tmp_path.rglob("*.sqlite"))
    assert all(path.name.endswith(".optouts.sqlite") for path in left), "the plain draft is gone"
    assert not any(b"1415" in path.read_bytes() for path in left), "opt-outs are remembered by hashes alone"
    for path in place.iterdir():
        assert b"14155550100" not in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    blind = hmpipe(tmp_path, "snapshots", "verify", place, "--json")
    assert (blind.code, blind.json["looked_inside"]) == (0, False)
    key = tmp_path / "key.txt"
    key.write_text(f"# created: today\n{identity}\n")
    for told in (str(identity), str(key)):
        seen = hmpipe(tmp_path, "snapshots", "verify", place, "--json", HMPIPE_AGE_IDENTITY=told)
        assert (seen.code, seen.json["looked_inside"], seen.json["contacts"]) == (0, True, 23)
        assert str(identity) not in seen.out + seen.err
    another: dict[str, Any] = {"HMPIPE_AGE_IDENTITY": str(pyrage.x25519.Identity.generate())}
    stranger = hmpipe(tmp_path, "snapshots", "verify", place, **another)
    assert (stranger.code, "is encrypted for another key" in stranger.err, stranger.out) == (2, True, "")
    listed = hmpipe(tmp_path, "snapshots", "list", "--json").json["snapshots"]
    assert listed[0]["verified"].startswith("whole "), "what a wrong key cannot read is not remembered as damaged"
    no_key = hmpipe(tmp_path, "restore", place, "--plan")
    assert (no_key.code, "HMPIPE_AGE_IDENTITY is not set" in no_key.err) == (2, True)
    assert ("A new pair cannot open it" in no_key.err, "age-keygen" in no_key.err) == (True, False)
    both: dict[str, Any] = {"HMPIPE_AGE_IDENTITY": str(identity)}
    assert hmpipe(tmp_path, "restore", place, "--plan", "--json", **both).json["unchanged"] == 23
    asked = len(server.sandbox.requests)
    plain = hmpipe(tmp_path, "export", "--since", "last", "--set", "export.encryption=none", **both)
    assert (plain.code, "would lie there in plain" in plain.err, len(server.sandbox.requests)) == (2, True, asked)
    delta = hmpipe(tmp_path, "export", "--since", "last", "--json", **both)
    assert (delta.code, delta.json["total"]) == (0, 23), delta.err
    assert hmpipe(tmp_path, "snapshots", "verify", "last", **both).code == 0
    damaged = place / "contacts.jsonl.gz.age"
    content = bytearray(damaged.read_bytes())
    content[-5] ^= 1
    damaged.write_bytes(bytes(content))
    assert hmpipe(tmp_path, "snapshots", "verify", place).code == 1, "without a key, too"


def test_what_is_encrypted_is_written_in_plain_only_where_that_is_said(tmp_path: Path, server: Server) -> None:
    identity = pyrage.x25519.Identity.generate()
    key: dict[str, Any] = {"HMPIPE_AGE_IDENTITY": str(identity)}
    write_settings(tmp_path, server.url, 'encryption = "age"')
    assert hmpipe(tmp_path, "export", **key).code == 0
    assert hmpipe(tmp_path, "export", "--since", "last", **key).code == 0
    write_settings(tmp_path, server.url)
    for more in ((), ("-o", tmp_path / "archive")):
        refused = hmpipe(tmp_path, "snapshots", "materialize", "last", *more, "--json", **key)
        assert (refused.code, "would lie there in plain. Nothing was written." in refused.err) == (2, True)
        assert "say --plain" in refused.err
    assert not [path for path in tmp_path.rglob("contacts.*") if path.suffix != ".age"]
    sealed = hmpipe(tmp_path, "snapshots", "materialize", "last", "--set", "export.encryption=age", "--json", **key)
    assert Path(sealed.json["snapshot"], "contacts.jsonl.gz.age").exists(), sealed.err
    plain = hmpipe(tmp_path, "snapshots", "materialize", "previous", "--plain", "--json", **key)
    assert (plain.code, "a full snapshot already" in plain.err) == (2, True)
    delta = next((tmp_path / "snapshots").glob("*-delta"))
    plain = hmpipe(tmp_path, "snapshots", "materialize", delta, "--plain", "--json", **key)
    assert Path(plain.json["snapshot"], "contacts.jsonl.gz").exists(), plain.err


def test_a_delta_on_an_encrypted_base_has_a_check_of_its_own(tmp_path: Path, server: Server) -> None:
    write_settings(tmp_path, server.url, 'encryption = "age"')
    identity = pyrage.x25519.Identity.generate()
    base = open_snapshot(hmpipe(tmp_path, "export", "--json", HMPIPE_AGE_IDENTITY=str(identity)).json["snapshot"])
    with pytest.raises(SettingsError, match=r"is encrypted.*--set export.encryption=age\)\. Or make a full export\."):
        refuse_plain_copy(base, SnapshotFormat(), "Or make a full export.")
    refuse_plain_copy(base, SnapshotFormat(encryptor=Encryptor([identity.to_public()])))


def test_a_key_that_is_none_is_said_before_anything_is_asked(tmp_path: Path, server: Server) -> None:
    write_settings(tmp_path, server.url, 'encryption = "age"')
    wrong = hmpipe(tmp_path, "export", HMPIPE_AGE_RECIPIENT="age1nonsense")
    assert (wrong.code, "holds no public key of age" in wrong.err) == (2, True)
    missing = hmpipe(tmp_path, "export", HMPIPE_AGE_IDENTITY=str(tmp_path / "nowhere.txt"))
    assert (missing.code, "names neither a key nor a file" in missing.err) == (2, True)
