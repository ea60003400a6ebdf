"""What a run writes of its rows: rejects to mend, the outcome of each, and contacts as they would be sent."""

from pipeline.reader.outputs._outputs import write_contacts, write_left_out, write_rejects
from pipeline.reader.outputs._reject_workbook import write_reject_workbook
from pipeline.reader.outputs._results import write_results

__all__ = ["write_contacts", "write_left_out", "write_reject_workbook", "write_rejects", "write_results"]
