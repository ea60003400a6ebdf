"""Stage 1: files become contacts and rejects, staged in the journal of a run."""

from pipeline.reader._directory import Directory
from pipeline.reader._intake import Intake, Resolve, Taken, input_name, read_options
from pipeline.reader._names import find_name, fold
from pipeline.reader._rejectfile import write_contacts, write_rejects
from pipeline.reader._rejects import missing_cells, surplus_cells
from pipeline.reader._staging import Staging

__all__ = [
    "Directory",
    "Intake",
    "Resolve",
    "Staging",
    "Taken",
    "find_name",
    "fold",
    "input_name",
    "missing_cells",
    "read_options",
    "surplus_cells",
    "write_contacts",
    "write_rejects",
]
