"""The laws of this folder are about the tables, which a process takes only from some hundred cells on."""

import pytest

from pipeline.phone import read_phones


@pytest.fixture(autouse=True, scope="session")
def _tables_are_taken() -> None:
    read_phones(["12"] * 1_000, "US")
