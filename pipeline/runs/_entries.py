"""What the folder of runs holds, a line for each run."""

from pipeline.models import Json, Tally
from pipeline.runs.journal import RunKind
from pipeline.values import Struct, as_dict, field


class RunEntry(Struct, frozen=True):
    """One run as `hmpipe runs list` shows it. `state` is finished, unfinished, refused, undone, never started or
    unreadable; `problem` says why it is unreadable. `undoes` is the run that it undoes, or ""; `account` its key.
    """

    run_id: str
    state: str
    source: str = ""
    started: str = ""
    tally: Tally = field(default_factory=Tally)
    kind: RunKind = "import"
    undoes: str = ""
    account: str = ""
    problem: str = ""

    def as_json(self) -> dict[str, Json]:
        """Return the run as a JSON object; `undoes` and `problem` only where there is one."""
        known: dict[str, Json] = {
            "run_id": self.run_id,
            "kind": self.kind,
            "state": self.state,
            "source": self.source,
            "started": self.started,
            **as_dict(self.tally),
        }
        known |= {"undoes": self.undoes} if self.undoes else {}
        return known | ({"problem": self.problem} if self.problem else {})


class PurgeSummary(Struct, frozen=True):
    """The end of a purge, or what it would do (`is_dry`). `removed` are the runs, oldest first, `size` their bytes.

    `kept` counts the runs that stay, `unreadable` of them could not be read and are never removed.
    """

    removed: tuple[RunEntry, ...]
    size: int
    kept: int
    unreadable: int = 0
    is_dry: bool = False

    def as_json(self) -> dict[str, Json]:
        """Return the JSON object of `hmpipe runs purge`."""
        return {
            "removed": [entry.run_id for entry in self.removed],
            "bytes": self.size,
            "kept": self.kept,
            "unreadable": self.unreadable,
            "dry_run": self.is_dry,
            "exit_code": 0,
        }
