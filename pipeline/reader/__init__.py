"""Stage 1: files become contacts and rejects, staged in the journal of a run."""

from pipeline.reader._directory import Directory
from pipeline.reader._folding import find_name, fold
from pipeline.reader._intake import Intake, Resolve, Taken, input_name, read_options
from pipeline.reader._outputs import write_contacts, write_left_out, write_rejects
from pipeline.reader._reject_workbook import write_reject_workbook
from pipeline.reader._rejects import is_reject_header, ragged_reason
from pipeline.reader._results import write_results
from pipeline.reader._staging import InputStaging

__all__ = [
    "Directory",
    "InputStaging",
    "Intake",
    "Resolve",
    "Taken",
    "find_name",
    "fold",
    "input_name",
    "is_reject_header",
    "ragged_reason",
    "read_options",
    "write_contacts",
    "write_left_out",
    "write_reject_workbook",
    "write_rejects",
    "write_results",
]
