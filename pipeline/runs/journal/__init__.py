"""The run journal: one SQLite file a run, the only truth for continuing, reporting and undoing.

A row walks `pending -> begun -> answered -> settled`. `begun` is on disk before the request leaves; `answered` is
written in the same breath as the answer arrives; `settled` is on disk before anybody is told. So a process killed
anywhere leaves a journal that says, for every row: never sent, perhaps sent, or done.
"""

from pipeline.runs.journal._channels import ChannelAdds, ChannelWish
from pipeline.runs.journal._counts import Counts, SettledRow
from pipeline.runs.journal._facts import RunFacts, RunKind, RunState, SourceFacts, read_sources, write_sources
from pipeline.runs.journal._file import FORMAT, JournalFormatUnknown
from pipeline.runs.journal._lists import ListAdds
from pipeline.runs.journal._plans import PlannedRow, Plans
from pipeline.runs.journal._pulses import Pulse, Pulses
from pipeline.runs.journal._staging import Staging
from pipeline.runs.journal._traces import Trace, Traces

__all__ = [
    "FORMAT",
    "ChannelWish",
    "Journal",
    "JournalFormatUnknown",
    "PlannedRow",
    "Pulse",
    "RunFacts",
    "RunKind",
    "RunState",
    "SettledRow",
    "SourceFacts",
    "Trace",
    "read_sources",
    "write_sources",
]


class Journal(Staging, Plans, Traces, ListAdds, ChannelAdds, Pulses, Counts):
    """One run's journal, made of its nouns. Every method that changes something has committed when it returns.

    All methods raise StorageFailed when the disk refuses (full, read-only, damaged).
    """
