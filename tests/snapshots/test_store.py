"""Places for snapshots: what keeps its promises is used, what could not is refused before anything is written."""

import stat
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem

from pipeline.errors import UsageProblem
from pipeline.jobs import snapshots as backups
from pipeline.settings import load_settings
from pipeline.snapshots import FolderStore, open_store
from tests.cli.commands import hmpipe
from tests.conftest import Serve
from tests.snapshots.test_retention import make


@pytest.mark.parametrize("scheme", ["local", "file", "FILE"])
def test_the_address_of_a_folder_is_a_folder_and_private(tmp_path: Path, serve: Serve, scheme: str) -> None:
    running = serve()
    running.sandbox.seed(3)
    (tmp_path / "hmpipe.toml").write_text(
        f'[account]\nbase_url = "{running.url}"\n[paths]\nsnapshots = "{scheme}://{tmp_path}/deep/backups"\n'
    )
    place = Path(hmpipe(tmp_path, "export", "--json").json["snapshot"])
    assert place.parent == tmp_path / "deep" / "backups"
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("memory://crm", "lives in this program's memory"),
        ("dir::memory://crm", "lives in this program's memory"),
        ("simplecache::file:///crm", "would let others read it"),
        ("file://backups/crm", "such as backups/crm"),
        ("local://backups/crm", "such as backups/crm"),
        ("file:///backups?day=1", "is not the address of a folder"),
    ],
)
def test_what_cannot_keep_a_snapshot_is_refused(tmp_path: Path, address: str, said: str) -> None:
    with pytest.raises(UsageProblem, match="Nothing was written") as refused:
        open_store(address)
    assert said in str(refused.value)
    (tmp_path / "hmpipe.toml").write_text(
        f'[account]\nbase_url = "http://127.0.0.1:9"\n[paths]\nsnapshots = "{address}"\n'
    )
    ended = hmpipe(tmp_path, "export")
    assert (ended.code, said in ended.err) == (2, True)


def test_a_refusal_shows_no_password(tmp_path: Path) -> None:
    for address in ("file://ann:s3cr3t@nas/crm", "memory://ann:s3cr3t@nas/crm"):
        with pytest.raises(UsageProblem) as refused:
            open_store(address)
        assert "s3cr3t" not in str(refused.value)
    assert isinstance(open_store(f"file://localhost{tmp_path}"), FolderStore)


class Vault(LocalFileSystem):  # type: ignore[misc] # fsspec tells no types
    """A service that wants its user and password in the address, as sftp does."""

    protocol = "vault"

    def __init__(self, *, user: str = "", password: str = "", **more: Any) -> None:
        if (user, password) != ("crm", "s3cr3t"):
            raise PermissionError("no such user")
        super().__init__(**more)

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return urlsplit(path).path.rstrip("/") if "://" in path else path

    @staticmethod
    def _get_kwargs_from_urls(path: str) -> dict[str, str | None]:
        parts = urlsplit(path)
        return {"user": parts.username, "password": parts.password}


def test_the_last_one_is_verified_with_the_credentials_of_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    fsspec.register_implementation("vault", Vault, clobber=True)
    place = make(tmp_path / "backups", 0)
    file = tmp_path / "hmpipe.toml"
    file.write_text(
        f'[account]\nbase_url = "http://127.0.0.1:9"\n[paths]\nsnapshots = "vault://crm:s3cr3t@nas{tmp_path}/backups"\n'
    )
    settings = load_settings(file, environ={})
    found = backups.verify_backup("last", lambda: settings)
    assert (found.exit_code, found.contacts) == (0, 2)
    assert found.path == f"vault://nas{tmp_path}/backups/{place.name}"
    assert "s3cr3t" not in (tmp_path / "state" / "hmpipe" / "verified.json").read_text()
    [listed] = backups.list_backups(settings)
    assert listed.verified.startswith("whole")
    (place / "manifest.json").write_text("{")
    damaged = backups.verify_backup(place.name, lambda: settings)
    assert (damaged.exit_code, damaged.problems) == (1, ("manifest.json is not JSON, or was cut short.",))
