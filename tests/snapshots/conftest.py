"""Fixtures that the tests of this folder share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.models._contacts import CustomField
from pipeline.snapshots import (
    Draft,
    DraftFacts,
)
from pipeline.values import replace


@pytest.fixture
def snapshots(tmp_path: Path) -> Path:
    return tmp_path / "snapshots"


@pytest.fixture
def draft(snapshots: Path) -> Iterator[Draft]:
    made = Draft.create(snapshots, DraftFacts("main", "api.test"))
    made.note(replace(made.facts, fields=(CustomField(7, "Plan"),)))
    yield made
    made.close()
