"""The whole input as it is taken in: its columns brought to the account, its rows staged and counted."""

from pipeline.reader._folding import find_name, fold
from pipeline.reader._rejects import is_reject_header, ragged_reason
from pipeline.reader.intake._directory import Directory
from pipeline.reader.intake._intake import Intake, Resolve, Taken, input_name, read_options
from pipeline.reader.intake._staging import InputStaging

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
]
