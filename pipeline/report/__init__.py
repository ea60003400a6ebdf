"""Reports: summaries as text and as pages, and the files that a job leaves."""

from pipeline.report._backups import (
    difference_page,
    difference_text,
    export_text,
    pruning_text,
    snapshots_text,
    verification_text,
)
from pipeline.report._changes import field_names, read_details
from pipeline.report._page import check_page, write_page
from pipeline.report._plan import plan_page
from pipeline.report._reversal_text import reversal_plan_text, reversal_text
from pipeline.report._run_page import run_page
from pipeline.report._text import (
    EXAMPLES_PER_CODE,
    check_text,
    details_lines,
    doctor_text,
    fields_text,
    find_examples,
    plan_text,
    purge_text,
    run_text,
    runs_text,
)

__all__ = [
    "EXAMPLES_PER_CODE",
    "check_page",
    "check_text",
    "details_lines",
    "difference_page",
    "difference_text",
    "doctor_text",
    "export_text",
    "field_names",
    "fields_text",
    "find_examples",
    "plan_page",
    "plan_text",
    "pruning_text",
    "purge_text",
    "read_details",
    "reversal_plan_text",
    "reversal_text",
    "run_page",
    "run_text",
    "runs_text",
    "snapshots_text",
    "verification_text",
    "write_page",
]
