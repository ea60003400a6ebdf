"""A journal that vanishes with the test."""

import pytest

from pipeline.runs.journal import Journal


@pytest.fixture
def journal() -> Journal:
    return Journal.create(None)
