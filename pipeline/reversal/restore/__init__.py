"""What it takes to restore a snapshot: rows that want each contact as it was, or say why it cannot be."""

from pipeline.reversal.restore._bridge import Bridge
from pipeline.reversal.restore._matching import Matching, NewerOptOuts
from pipeline.reversal.restore._named import Named
from pipeline.reversal.restore._staging import Restoring

__all__ = ["Bridge", "Matching", "Named", "NewerOptOuts", "Restoring"]
