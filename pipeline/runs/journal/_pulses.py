"""The course of a run: how far it was, every few seconds."""

from collections.abc import Iterator
from dataclasses import astuple, dataclass

from pipeline.runs.journal._file import JournalFile, storage


@dataclass(frozen=True, slots=True)
class Pulse:
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


class Pulses(JournalFile):
    """Records the course."""

    def record_pulse(self, pulse: Pulse) -> None:
        """Record how far the run is."""
        with self._transaction() as db:
            db.execute("INSERT INTO pulses VALUES (?, ?, ?, ?, ?, ?, ?)", astuple(pulse))

    def pulses(self) -> list[Pulse]:
        """Return what was recorded of the course of the run, in order."""
        with storage(self._where):
            return [Pulse(*columns) for columns in self._db.execute("SELECT * FROM pulses ORDER BY rowid")]

    def answer_times(self) -> Iterator[float]:
        """Yield when each write was answered (seconds since 1970), in no order."""
        with storage(self._where):
            for (moment,) in self._db.execute("SELECT answered FROM writes WHERE answered IS NOT NULL"):
                yield moment
