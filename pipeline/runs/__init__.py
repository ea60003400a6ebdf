"""The folder of runs: one folder a run."""

from pipeline.runs._entries import PurgeSummary, RunEntry
from pipeline.runs._folder import (
    CAME_BACK_LIST,
    JOURNAL,
    KEPT,
    REJECTS,
    REJECTS_WORKBOOK,
    REPORT,
    RESULTS,
    WARNINGS,
    RunFolder,
    create_run,
    find_undoings,
    find_unfinished,
    list_runs,
    list_undoings,
    open_run,
    write_summary,
)
from pipeline.runs.journal import RunKind

__all__ = [
    "CAME_BACK_LIST",
    "JOURNAL",
    "KEPT",
    "REJECTS",
    "REJECTS_WORKBOOK",
    "REPORT",
    "RESULTS",
    "WARNINGS",
    "PurgeSummary",
    "RunEntry",
    "RunFolder",
    "RunKind",
    "create_run",
    "find_undoings",
    "find_unfinished",
    "list_runs",
    "list_undoings",
    "open_run",
    "write_summary",
]
