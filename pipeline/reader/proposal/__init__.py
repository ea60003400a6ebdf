"""Look at a file and propose how to import it: layout, columns, region, and a settings file with comments."""

from pipeline.reader.proposal._proposal import ColumnProposal, Proposal
from pipeline.reader.proposal._propose import looks_headerless, propose
from pipeline.reader.proposal._settings_text import proposal_text, settings_text
from pipeline.reader.proposal._sheets import find_sheet

__all__ = ["ColumnProposal", "Proposal", "find_sheet", "looks_headerless", "proposal_text", "propose", "settings_text"]
