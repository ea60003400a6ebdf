"""Rows that take back what a run did, or bring back what was there before."""

from pipeline.reversal._drops import drop_channels
from pipeline.reversal._list import ListIntake
from pipeline.reversal._undo import RESTORE, LaterUndos, UndoStaging

__all__ = [
    "RESTORE",
    "LaterUndos",
    "ListIntake",
    "UndoStaging",
    "drop_channels",
]
