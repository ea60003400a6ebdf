"""Stage 2: staged contacts are written to the account, and each write is proved."""

from pipeline.uploader._batches import LARGEST_BATCH, BulkTrust
from pipeline.uploader._blocks import BLOCK_TROUBLES, block_notes, set_blocks
from pipeline.uploader._channels import TROUBLES, add_channels, channel_notes
from pipeline.uploader._lists import fill_lists, list_notes
from pipeline.uploader._phoneless import preview_phoneless, upload_phoneless
from pipeline.uploader._rounds import Learned, Pace, Uploader
from pipeline.uploader._writer import WriteJournal

__all__ = [
    "BLOCK_TROUBLES",
    "LARGEST_BATCH",
    "TROUBLES",
    "BulkTrust",
    "Learned",
    "Pace",
    "Uploader",
    "WriteJournal",
    "add_channels",
    "block_notes",
    "channel_notes",
    "fill_lists",
    "list_notes",
    "preview_phoneless",
    "set_blocks",
    "upload_phoneless",
]
