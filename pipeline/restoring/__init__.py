"""What it takes to restore a snapshot: rows that want each contact as it was, or say why it cannot be."""

from pipeline.restoring._bridge import Bridge
from pipeline.restoring._matching import Matching, NewerOptOuts
from pipeline.restoring._named import Named
from pipeline.restoring._staging import Restoring

__all__ = ["Bridge", "Matching", "Named", "NewerOptOuts", "Restoring"]
