"""Fixtures that the tests of this folder share."""

import pytest

from pipeline.runs.journal import Journal


@pytest.fixture
def journal() -> Journal:
    return Journal.create(None)
