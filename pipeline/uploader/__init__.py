"""Stage 2: staged contacts are written to the account, and each write is proved."""

from pipeline.uploader._batches import BulkTrust
from pipeline.uploader._channels import TROUBLES, add_channels, channel_notes
from pipeline.uploader._lists import BATCH, fill_lists, list_notes
from pipeline.uploader._rounds import Uploader

__all__ = [
    "BATCH",
    "TROUBLES",
    "BulkTrust",
    "Uploader",
    "add_channels",
    "channel_notes",
    "fill_lists",
    "list_notes",
]
