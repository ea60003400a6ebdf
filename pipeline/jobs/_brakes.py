"""What refuses a run before anything is sent: counts go in, BrakePulled comes out."""

from pipeline.errors import BrakePulled
from pipeline.jobs._preview import Preview
from pipeline.models import Tally
from pipeline.runs import RunKind
from pipeline.settings import ImportSettings
from pipeline.values import Struct


class Brakes(Struct, frozen=True):
    """The limits of one run.

    `is_planned`: its rows come from a saved plan, of which too many may be stale. `most_deletions` is how many
    deletions a person has agreed to, None for any number.
    """

    kind: RunKind
    imports: ImportSettings
    is_planned: bool = False
    most_deletions: int | None = None

    @property
    def need_preview(self) -> bool:
        """Whether the whole input has to be decided before anything is sent."""
        limits = (self.imports.max_changes, self.imports.max_opt_outs, self.most_deletions)
        return self.is_planned or any(limit is not None for limit in limits)

    def check_rejects(self, tally: Tally) -> None:
        """Raise BrakePulled where too many of the staged rows are rejected."""
        limit = self.imports.max_reject_rate
        if limit is not None and tally.rows and tally.rejected / tally.rows > limit:
            rate = tally.rejected / tally.rows
            raise BrakePulled(
                f"{tally.rejected} of {tally.rows} rows are rejected ({rate:.1%}); max_reject_rate is {limit:.1%}."
                " Nothing was sent.",
                advice="Look at the reject file, mend the file or the mapping, or raise max_reject_rate.",
            )

    def check_preview(self, preview: Preview) -> None:
        """Raise BrakePulled where too much would be done, or too much of a plan is stale."""
        if self.is_planned:
            self._check_stale(preview)
        self._check("write", "max_changes", preview.changes, self.imports.max_changes)
        self._check("opt out", "max_opt_outs", preview.opt_outs, self.imports.max_opt_outs)
        if self.most_deletions is not None and preview.deletions > self.most_deletions:
            raise BrakePulled(
                f"There are {preview.deletions} contacts to delete by now; {self.most_deletions} were agreed to."
                " Nothing was sent.",
                advice="Run the same command again and look at what it shows.",
            )

    def _check(self, verb: str, name: str, count: int, limit: int | None) -> None:
        if limit is not None and count > limit:
            where = "'hmpipe plan' with the same file" if self.kind == "import" else "the same command with --plan"
            raise BrakePulled(
                f"This {self.kind} would {verb} {count} contacts; {name} is {limit}. Nothing was sent.",
                advice=f"Look at {where}; if it is right, raise {name}.",
            )

    def _check_stale(self, preview: Preview) -> None:
        limit = self.imports.max_stale
        if preview.rows and preview.stale / preview.rows > limit:
            share = preview.stale / preview.rows
            raise BrakePulled(
                f"{preview.stale} of the {preview.rows} changes of this plan are stale ({share:.1%}):"
                f" their contacts have moved on. max_stale is {limit:.1%}. Nothing was sent.",
                advice="Make a new plan from the same file, or raise max_stale.",
            )
