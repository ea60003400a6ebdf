"""Stage 2: staged contacts are written to the account, and each write is proved."""

from pipeline.uploader._batches import LARGEST_BATCH, BulkTrust
from pipeline.uploader._channels import TROUBLES, add_channels, channel_notes
from pipeline.uploader._lists import fill_lists, list_notes
from pipeline.uploader._rounds import Learned, Pace, Uploader
from pipeline.uploader._writer import WriteJournal

__all__ = [
    "LARGEST_BATCH",
    "TROUBLES",
    "BulkTrust",
    "Learned",
    "Pace",
    "Uploader",
    "WriteJournal",
    "add_channels",
    "channel_notes",
    "fill_lists",
    "list_notes",
]
