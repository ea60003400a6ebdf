"""What it takes to restore a snapshot: rows that want each contact as it was, or say why it cannot be."""

from pipeline.reversal.restore._fields import ChosenFields
from pipeline.reversal.restore._ids import IdMapping
from pipeline.reversal.restore._matching import Matching, NewerOptOuts
from pipeline.reversal.restore._named import NamedContacts
from pipeline.reversal.restore._staging import RestoreStaging

__all__ = ["ChosenFields", "IdMapping", "Matching", "NamedContacts", "NewerOptOuts", "RestoreStaging"]
