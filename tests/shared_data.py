"""The real inputs that stand beside the checkout; CI requires them."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "shared" / "data"


def shared_file(name: str) -> Path:
    """Return a file of the shared data, or skip the test where they are not beside this checkout."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"{path} is not beside this checkout")
    return path
