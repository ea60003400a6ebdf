"""The journal of a run: what is known of the run, and the parts that hold the rows and what was done with them.

A row goes `pending -> begun -> answered -> settled`. `begun` is on disk before the request leaves; `answered` is
written as soon as the answer arrives; `settled` is on disk before anybody is told. So a process killed anywhere leaves
a journal that says of every row: never sent, perhaps sent, or done.
"""

from pathlib import Path
from typing import Self

from pipeline.errors import StorageFailed
from pipeline.runs.journal._blocks import Blocks
from pipeline.runs.journal._channels import ChannelAdds
from pipeline.runs.journal._drops import ChannelDrops
from pipeline.runs.journal._facts import RunFacts, read_facts, write_facts
from pipeline.runs.journal._file import JournalFile, storable
from pipeline.runs.journal._history import History
from pipeline.runs.journal._input import InputRows
from pipeline.runs.journal._left_out import LeftOutCells
from pipeline.runs.journal._lists import ListAdds
from pipeline.runs.journal._opt_outs import OptOuts
from pipeline.runs.journal._outcomes import Outcomes
from pipeline.runs.journal._planned import PlannedRows
from pipeline.runs.journal._pulses import Pulses
from pipeline.runs.journal._rows import Rows
from pipeline.values import replace


class Journal:
    """One run's journal. Every method of it and of its parts that changes something has committed when it returns.

    All of them raise StorageFailed when the disk refuses (full, read-only, damaged).
    """

    def __init__(self, file: JournalFile, facts: RunFacts) -> None:
        self._file = file
        self._facts = facts
        self.input = InputRows(file)
        self.rows = Rows(file, _only="AND phone <> 0")
        self.phoneless = Rows(file, _only="AND phone = 0")
        self.outcomes = Outcomes(file)
        self.history = History(file)
        self.opt_outs = OptOuts.of(file)
        self.left_out = LeftOutCells(file)
        self.planned = PlannedRows(file, self.rows, self.opt_outs, self.left_out)
        self.lists = ListAdds(file)
        self.channels = ChannelAdds(file)
        self.drops = ChannelDrops(file)
        self.blocks = Blocks(file)
        self.pulses = Pulses(file)

    @classmethod
    def create(cls, path: Path | None) -> Self:
        """Start a journal at `path` (its folder must exist), or a private one that vanishes with the process."""
        return cls(JournalFile.create(path), RunFacts())

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the journal of an earlier run. Raises StorageFailed when it is none, or of another format."""
        file = JournalFile.open(path)
        try:
            return cls(file, read_facts(file.meta()))
        except (ValueError, TypeError) as error:
            file.db.close()
            raise StorageFailed(f"{path}: what it says of its run cannot be read: {error}.") from error

    def close(self) -> None:
        """Close the file. The journal cannot be used afterwards."""
        self._file.db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def facts(self) -> RunFacts:
        """What is known of the run beside its rows."""
        return self._facts

    def record(self, facts: RunFacts) -> None:
        """Save those facts of the run that differ from what is known."""
        known = write_facts(self._facts)
        texts = [(key, storable(text)) for key, text in write_facts(facts).items() if text != known[key]]
        with self._file.transaction() as db:
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", texts)
        self._facts = facts

    def finish_staging(self) -> str:
        """Record that the whole input is staged, and return the hash of its content."""
        content = self.input.content()
        self.record(replace(self._facts, content=content, staged=True))
        return content
