"""What was recognised of a file: where each column goes, how sure that is, and why."""

from collections.abc import Mapping

from pipeline.reader.consent import Kind, Suggestion, Verdict
from pipeline.showing import quoted
from pipeline.values import Struct, field, replace

CONSENT = "CONSENT"
"""How the reason begins for a column that says who may be texted and that nobody but a person can read."""

SURE, LIKELY, GUESS = "sure", "likely", "guess"


class ColumnProposal(Struct, frozen=True):
    """Where one column goes. `key` is how the settings name it: its header, or `column 5` where that is not enough.

    `target` is as TOML writes it; None for a column that is better not imported. `custom` marks those that could go
    to a custom field, if the account has one. `verdict` is what it says about consent, where it says anything.
    """

    index: int
    header: str
    key: str
    target: object
    confidence: str
    reason: str
    examples: tuple[str, ...] = ()
    custom: bool = False
    verdict: Verdict | None = None

    @property
    def asks(self) -> bool:
        """Whether a person has to say what it means before an import."""
        return self.verdict is not None and self.verdict.kind is Kind.QUESTION

    def answered(self, answer: Suggestion) -> "ColumnProposal":
        """Return what is proposed of a column on consent after a person has chosen an answer."""
        reason = f"as answered: {answer.meaning}"
        return replace(self, target=answer.target, confidence=SURE, reason=reason, verdict=None)


class Need(Struct, frozen=True):
    """A setting of [import] that the rows ask for, and what was seen."""

    key: str
    value: object
    reason: str


class Proposal(Struct, frozen=True):
    """What was recognised of a file. `problems` say why no import is possible yet, and how to go on.

    `region` is "" where nothing in the file says the country of phones without a code; `region_readings` then show
    some of them as they would be read. `read` are further settings of [import] that this file needs, `needs` those that
    its rows ask for.
    """

    layout: str
    columns: tuple[ColumnProposal, ...]
    region: str
    region_reason: str
    region_readings: tuple[str, ...] = ()
    country_column: str = ""
    skip_where: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    read: Mapping[str, object] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()

    @property
    def phones(self) -> tuple[ColumnProposal, ...]:
        """The phone columns, the preferred one first."""
        return tuple(column for column in self.columns if column.target == "phone")

    @property
    def region_question(self) -> str:
        """What to ask about the country of the phones, or ""."""
        if not self.region_readings:
            return ""
        return (
            f"{self.region_why} Which country are they of? {'; '.join(self.region_readings)}."
            " Until default_region says it (or --region, as in --region US), those rows are rejected (region_unknown)."
        )

    @property
    def region_why(self) -> str:
        """Why the country of the phones has to be asked for, in a sentence."""
        beside = f", and {quoted(self.country_column)} is blank beside them" if self.country_column else ""
        return f"Some phones have no country code{beside}; nothing in the file says their country."

    @property
    def questions(self) -> tuple[ColumnProposal, ...]:
        """The columns on consent that a person has to decide about."""
        return tuple(column for column in self.columns if column.asks)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What has to be looked at before an import, in sentences."""
        return tuple(f"{quoted(each.key)}: {each.reason}" for each in self.questions)

    @property
    def custom_fields(self) -> tuple[str, ...]:
        """The titles of the custom fields that the other useful columns would need."""
        return tuple(column.header for column in self.columns if column.custom)
