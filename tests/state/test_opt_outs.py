"""Who said no before there was a contact is not forgotten."""

import stat
from pathlib import Path

import pytest

from pipeline.errors import StorageFailed
from pipeline.state import KeptOptOuts

ANN, BOB = "14155550101", "14155550102"


def test_what_is_kept_is_known_to_another_run_and_the_first_time_counts(tmp_path: Path) -> None:
    path = tmp_path / "accounts" / "a.optouts.sqlite"
    kept = KeptOptOuts(path)
    kept.keep("run-1", [(ANN, 7)])
    kept.keep("run-2", [(ANN, 9)])
    kept.close()
    found = KeptOptOuts(path).recall(ANN)
    assert found
    assert (found.run, found.line) == ("run-1", 7)
    assert found.said.endswith("+00:00")
    assert KeptOptOuts(path).recall(BOB) is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ANN.encode() not in path.read_bytes()


def test_nothing_is_made_where_nothing_is_kept(tmp_path: Path) -> None:
    kept = KeptOptOuts(tmp_path / "a.sqlite")
    kept.keep("run-1", [])
    assert kept.recall(ANN) is None
    assert list(tmp_path.iterdir()) == []
    nowhere = KeptOptOuts(None)
    nowhere.keep("run-1", [(ANN, 1)])
    assert nowhere.recall(ANN) is None


def test_a_damaged_file_stops_the_run(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(StorageFailed, match="remembers who said no"):
        KeptOptOuts(path).recall(ANN)
