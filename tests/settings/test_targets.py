"""Columns are brought to their targets."""

from pathlib import Path

from pipeline.settings import ColumnTarget, load_settings
from tests.settings.files import write


def test_columns_are_brought_to_targets(tmp_path: Path) -> None:
    text = """
[import.columns]
"Mobile" = "phone"
"Plan" = { custom = "Plan" }
"Size" = { custom = 123 }
"Tags" = { tags = ";" }
"Tag" = "tags"
"Work" = { channel = "phone" }
"""
    columns = load_settings(write(tmp_path, text), environ={}).imports.columns
    assert columns == {
        "Mobile": (ColumnTarget("phone"),),
        "Plan": (ColumnTarget("custom", custom="Plan"),),
        "Size": (ColumnTarget("custom", custom=123),),
        "Tags": (ColumnTarget("tags", separator=";"),),
        "Tag": (ColumnTarget("tags"),),
        "Work": (ColumnTarget("channel", channel="phone"),),
    }
    assert [str(target) for targets in columns.values() for target in targets] == [
        "phone", "custom:Plan", "custom:123", "tags", "tags", "channel:phone",
    ]  # fmt: skip
