"""Snapshots in a bucket of a real S3 API: whole or not to be seen, whatever happens on the way."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.snapshots import open_store
from tests.cli.commands import Result, hmpipe, kill_when
from tests.conftest import Serve, Server
from tests.object_store import ObjectStore, serve_object_store

PLACE = "s3://backups/crm"

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def store() -> Iterator[ObjectStore]:
    with serve_object_store() as running:
        yield running


@pytest.fixture
def server(tmp_path: Path, serve: Serve) -> Server:
    running = serve()
    running.sandbox.seed(40)
    (tmp_path / "hmpipe.toml").write_text(
        f'[account]\nbase_url = "{running.url}"\n[limits]\nrequests_per_minute = 0\n[paths]\nsnapshots = "{PLACE}"\n'
    )
    return running


def run(folder: Path, keys: dict[str, str], *arguments: str | Path) -> Result:
    return hmpipe(folder, *arguments, stdin=b"", **keys)


def names(store: ObjectStore) -> set[str]:
    return {path.split("/")[1] for path in store.files()}


@pytest.mark.service
def test_snapshots_are_made_listed_verified_and_removed_there(
    tmp_path: Path, server: Server, store: ObjectStore
) -> None:
    keys = store.environment
    full = run(tmp_path, keys, "export", "--json")
    assert (full.code, full.json["contacts"]) == (0, 40), full.err
    place = full.json["snapshot"]
    assert place.startswith(f"{PLACE}/")
    server.sandbox.add_contact("16175550100", first="Late")
    delta = run(tmp_path, keys, "export", "--since", "last", "--json")
    assert (delta.code, delta.json["kind"], delta.json["total"]) == (0, "delta", 41), delta.err
    listed = run(tmp_path, keys, "snapshots", "list", "--json").json["snapshots"]
    assert [each["kind"] for each in listed] == ["delta", "full"]
    assert run(tmp_path, keys, "snapshots", "verify", "last").code == 0
    assert run(tmp_path, keys, "snapshots", "verify", place).code == 0
    found = run(tmp_path, keys, "snapshots", "diff", "previous", "last", "--json").json
    assert (found["added"], found["deleted"], found["changed"]) == (1, 0, 0)
    made = run(tmp_path, keys, "snapshots", "materialize", "last", "--json").json["snapshot"]
    assert run(tmp_path, keys, "snapshots", "verify", made).code == 0
    rows = tmp_path / "people.csv"
    rows.write_text("Phone,First\n16175550100,Late\n")
    mapping = '--set=import.columns={"Phone" = "phone", "First" = "first"}'
    against = run(tmp_path, keys, "plan", rows, "--against", made, mapping, "--json")
    assert (against.code, against.json["unchanged"]) == (0, 1), against.err
    pruned = run(tmp_path, keys, "snapshots", "prune", "--keep-last", "1", "--yes", "--json")
    assert pruned.code == 0
    assert len(names(store)) == 3 - pruned.json["removed"]
    # A flipped bit in the bucket.
    path = next(path for path in store.files() if path.endswith("contacts.jsonl.gz"))
    content = bytearray(store.files()[path])
    content[len(content) // 2] ^= 1
    store.put(path, bytes(content))
    damaged = run(tmp_path, keys, "snapshots", "verify", f"s3://backups/{path.rpartition('/')[0]}")
    assert (damaged.code, "SHA-256" in damaged.out) == (1, True)
    for result in (full, delta, damaged):
        assert keys["AWS_SECRET_ACCESS_KEY"] not in result.out + result.err


def kill_at(store: ObjectStore, part: str, folder: Path, *arguments: str) -> None:
    """Start a command and kill it while the place has a request about `part` in hand."""
    store.hold = part
    killed = kill_when(store.is_held.is_set, folder, *arguments, number=signal.SIGKILL, **store.environment)
    assert (killed.code, store.is_held.is_set()) == (-signal.SIGKILL, True)
    store.hold = ""
    store.go_on.set()
    # What the gate had in hand when the process died may still arrive.
    time.sleep(0.5)


@pytest.mark.service
def test_an_export_killed_in_the_middle_of_the_upload_shows_nothing_and_goes_on(
    tmp_path: Path, server: Server, store: ObjectStore
) -> None:
    assert server.url
    keys = store.environment
    kill_at(store, "fields.json", tmp_path, "export", "--json")
    assert len(store.files()) >= 2
    assert run(tmp_path, keys, "snapshots", "list", "--json").json["snapshots"] == []
    unfinished = next(iter(names(store)))
    verified = run(tmp_path, keys, "snapshots", "verify", f"{PLACE}/{unfinished}")
    assert (verified.code, "is no snapshot" in verified.err) == (2, True)
    done = run(tmp_path, keys, "export", "--json")
    assert (done.code, done.json["contacts"], done.json["snapshot"]) == (0, 40, f"{PLACE}/{unfinished}"), done.err
    assert "Continuing the unfinished export" in done.err
    assert "asking the account what has changed since" in done.err
    assert "reading everything anew" not in done.err
    assert run(tmp_path, keys, "snapshots", "verify", done.json["snapshot"]).code == 0
    assert names(store) == {unfinished}


@pytest.mark.service
def test_a_removal_that_was_killed_is_ended_by_the_next_prune_and_an_upload_is_let_alone(
    tmp_path: Path, server: Server, store: ObjectStore
) -> None:
    assert server.url
    keys = store.environment
    old = run(tmp_path, keys, "export", "--json").json["snapshot"].rpartition("/")[2]
    new = run(tmp_path, keys, "export", "--json").json["snapshot"].rpartition("/")[2]
    kill_at(store, f"{old}/contacts.", tmp_path, "snapshots", "prune", "--keep-last", "1", "--yes")
    assert names(store) == {old, new}, "contacts of the old one lie there still"
    another = "20200101T000000Z-full"
    store.put(f"crm/{another}/contacts.csv", b"of an upload that another machine is at")
    listed = run(tmp_path, keys, "snapshots", "list", "--json").json
    assert [each["name"] for each in listed["snapshots"]] == [new]
    assert listed["leftovers"] == [{"kind": "removal", "path": f"{PLACE}/{old}", "bytes": 0, "idle_seconds": 0}]
    done = run(tmp_path, keys, "snapshots", "prune", "--keep-last", "1", "--yes", "--json")
    assert (done.code, done.json["removed"], done.json["tidied"]) == (0, 0, [old]), done.err
    assert names(store) == {another, new}
    assert run(tmp_path, keys, "snapshots", "verify", "last").code == 0


@pytest.mark.service
def test_what_is_uploaded_over_a_killed_removal_is_not_swept(
    tmp_path: Path, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in store.environment.items():
        monkeypatch.setenv(name, value)
    name = "20200101T000000Z-full"
    store.put(f"crm/{name}/removed", b"")
    store.put(f"crm/{name}/contacts.csv", b"old")
    (tmp_path / "contacts.csv").write_bytes(b"new")
    (tmp_path / "manifest.json").write_bytes(b"{}")
    place = open_store(PLACE)
    assert place.remnants() == [name]
    place.put(name, tmp_path)
    assert (place.remnants(), place.tidy()) == ([], [])
    assert store.files() == {f"crm/{name}/contacts.csv": b"new", f"crm/{name}/manifest.json": b"{}"}
    assert place.sizes(name) == {"contacts.csv": 3, "manifest.json": 2}


@pytest.mark.service
@pytest.mark.parametrize("trouble", ["key", "bucket"])
def test_what_the_place_refuses_stops_the_export_and_harms_nothing(
    tmp_path: Path, server: Server, store: ObjectStore, trouble: str
) -> None:
    assert server.url
    keys = store.environment
    before = run(tmp_path, keys, "export", "--json").json["snapshot"]
    kept = store.files()
    if trouble == "key":
        store.refuse = "contacts.csv"
    else:
        store.drop_bucket()
    stopped = run(tmp_path, keys, "export", "--json")
    assert (stopped.code, stopped.json["snapshot"]) == (1, None)
    assert f"{PLACE} cannot be" in stopped.err
    assert "Traceback" not in stopped.err
    store.refuse = ""
    if trouble == "bucket":
        store.make_bucket()
        for path, content in kept.items():
            store.put(path, content)
    assert {path: content for path, content in store.files().items() if path in kept} == kept
    done = run(tmp_path, keys, "export", "--json")
    assert (done.code, done.json["contacts"]) == (0, 40), done.err
    assert {before, done.json["snapshot"]} == {
        each["snapshot"] for each in run(tmp_path, keys, "snapshots", "list", "--json").json["snapshots"]
    }


def test_a_place_that_is_not_there_is_said_before_anything_is_asked(tmp_path: Path, server: Server) -> None:
    nobody = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}
    result = run(tmp_path, nobody | keys, "snapshots", "list", "--json")
    assert (result.code, json.loads(result.out)["exit_code"]) == (1, 1)
    assert f"{PLACE} cannot be read" in result.err
    assert server.sandbox.requests == []
