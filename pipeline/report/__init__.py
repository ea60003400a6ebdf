"""Reports: results as text for a terminal, and as pages."""

from pipeline.report._changes import field_names, read_details
from pipeline.report._check import check_page, check_text
from pipeline.report._consents import (
    consent_added_text,
    consent_export_text,
    consent_released_text,
    consents_text,
)
from pipeline.report._examples import find_examples
from pipeline.report._people import duplicates_text, forgotten_text, people_text
from pipeline.report._plan import plan_page, plan_text, reversal_plan_text
from pipeline.report._run import details_lines, purge_text, run_text, runs_text
from pipeline.report._run_page import run_page
from pipeline.report._snapshots import (
    difference_page,
    difference_text,
    export_text,
    pruning_text,
    snapshots_text,
    verification_text,
)
from pipeline.report._tables import write_page
from pipeline.report._text import doctor_text, fields_text
from pipeline.report._words import AUTOMATIONS

__all__ = [
    "AUTOMATIONS",
    "check_page",
    "check_text",
    "consent_added_text",
    "consent_export_text",
    "consent_released_text",
    "consents_text",
    "details_lines",
    "difference_page",
    "difference_text",
    "doctor_text",
    "duplicates_text",
    "export_text",
    "field_names",
    "fields_text",
    "find_examples",
    "forgotten_text",
    "people_text",
    "plan_page",
    "plan_text",
    "pruning_text",
    "purge_text",
    "read_details",
    "reversal_plan_text",
    "run_page",
    "run_text",
    "runs_text",
    "snapshots_text",
    "verification_text",
    "write_page",
]
