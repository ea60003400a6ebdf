"""The run journal: one SQLite file a run, from which the run is continued, reported and undone."""

from pipeline.runs.journal._blocks import BlockState, BlockWish
from pipeline.runs.journal._channels import AddedChannels, ChannelWish
from pipeline.runs.journal._drops import ChannelDrop
from pipeline.runs.journal._facts import RunFacts, RunKind, RunState, SourceFacts, read_sources, write_sources
from pipeline.runs.journal._file import FORMAT, JournalFormatUnknown
from pipeline.runs.journal._history import Trace
from pipeline.runs.journal._journal import Journal
from pipeline.runs.journal._opt_outs import SaidOptOut
from pipeline.runs.journal._outcomes import RowConsent, RowResult, SettledRow
from pipeline.runs.journal._planned import OPT_OUT, PlannedRow
from pipeline.runs.journal._pulses import Pulse
from pipeline.runs.journal._rows import Rows

__all__ = [
    "FORMAT",
    "OPT_OUT",
    "AddedChannels",
    "BlockState",
    "BlockWish",
    "ChannelDrop",
    "ChannelWish",
    "Journal",
    "JournalFormatUnknown",
    "PlannedRow",
    "Pulse",
    "RowConsent",
    "RowResult",
    "Rows",
    "RunFacts",
    "RunKind",
    "RunState",
    "SaidOptOut",
    "SettledRow",
    "SourceFacts",
    "Trace",
    "read_sources",
    "write_sources",
]
