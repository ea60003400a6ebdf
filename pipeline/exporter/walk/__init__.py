"""The walk along the timestamp cursor: pure decisions about which page to ask for, and what it proves."""

from pipeline.exporter.walk._drive import WalkStep, walk
from pipeline.exporter.walk._machine import Walk
from pipeline.exporter.walk._ranges import Budget
from pipeline.exporter.walk._state import WalkReport, WalkState

__all__ = ["Budget", "Walk", "WalkReport", "WalkState", "WalkStep", "walk"]
