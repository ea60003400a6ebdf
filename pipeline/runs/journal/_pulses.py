"""The course of a run: how far it was, every few seconds."""

from collections.abc import Iterator

from pipeline.runs.journal._file import JournalFile
from pipeline.values import Struct, as_tuple


class Pulse(Struct, frozen=True):
    """How far a run was at a moment (seconds since 1970): what all its attempts together had done until then.

    `waited` are the seconds that its requests took to be answered, added up.
    """

    attempt: int
    moment: float
    requests: int
    rate_limited: int
    retries: int
    settled: int
    waited: float = 0.0


class Pulses(Struct, frozen=True):
    """The course of the run."""

    _file: JournalFile

    def record(self, pulse: Pulse) -> None:
        """Record how far the run is."""
        with self._file.transaction() as db:
            db.execute("INSERT INTO pulses VALUES (?, ?, ?, ?, ?, ?, ?)", as_tuple(pulse))

    def read(self) -> list[Pulse]:
        """Return what was recorded of the course of the run, in order."""
        with self._file.reading() as db:
            return [Pulse(*columns) for columns in db.execute("SELECT * FROM pulses ORDER BY rowid")]

    def answer_times(self) -> Iterator[float]:
        """Yield when each write was answered (seconds since 1970), in no order."""
        with self._file.reading() as db:
            for (moment,) in db.execute("SELECT answered FROM writes WHERE answered IS NOT NULL"):
                yield moment
