"""What a draft knows of its export beside the contacts, and how that stands in the `meta` table."""

import itertools
from collections.abc import Mapping

from pipeline import jsontext
from pipeline.models import CustomField, Json
from pipeline.values import Struct, field, field_names

FORMAT = "2"


class ExportVerdict(Struct, frozen=True):
    """How an export that was read to its end was judged: what its result is made of again, without the walk."""

    contacts: int
    count: dict[str, Json]
    total: int
    deletions: str


class DraftFacts(Struct, frozen=True):
    """What is known of an export beside the contacts.

    `account` and `host` say whose draft it is; `of` is the account of the contacts where it is a copy of a snapshot.
    `base` is name and hash of the snapshot that a delta builds on, empty for a full one. `target` is the name under
    which it is being published. `custom_ids` and `shows_opt_out` are what was seen in the contacts; `reduced`: those
    that have not changed are gone. `tags` and `team` are the service's own JSON, `unavailable` which of them was
    refused. `begun`: the account was counted (`count_before`), and the list is read from `since` on. `walk` is the
    state of the walk, `ranges` those of the ranges where it was cut. `detail` is how much was asked for, `detailed` of
    which contacts (`all`, or of a delta those that `changed`), `carried` how `channels` and `status` are known of
    contacts that are not asked about, and of how many they are not. `archived` is what the list does at that word:
    `together`, `apart`, `unknown`, or "" (not looked at).
    """

    account: str = ""
    host: str = ""
    started: str = ""
    of: str = ""
    base: dict[str, str] = field(default_factory=dict)
    surface: str = ""
    target: str = ""
    requests: int = 0
    seconds: float = 0.0
    custom_ids: tuple[str, ...] = ()
    shows_opt_out: bool = False
    fields: tuple[CustomField, ...] = ()
    tags: Json = None
    team: Json = None
    unavailable: tuple[str, ...] = ()
    consent: str = "list"
    begun: bool = False
    count_before: int | None = None
    since: str = ""
    walk: dict[str, Json] | None = None
    ranges: tuple[dict[str, Json], ...] = ()
    verdict: ExportVerdict | None = None
    reduced: bool = False
    detail: str = "list"
    detailed: str = ""
    carried: dict[str, tuple[str, int]] = field(default_factory=dict)
    archived: str = ""
    format: str = FORMAT

    def anew(self, surface: str) -> "DraftFacts":
        """Return what stays known when everything is read anew: whose draft it is, and what it has cost."""
        return DraftFacts(
            self.account,
            self.host,
            self.started,
            base=self.base,
            surface=surface,
            target=self.target,
            requests=self.requests,
            seconds=self.seconds,
            format=self.format,
        )


NOTHING = DraftFacts(format="")
"""The facts of a draft that says nothing."""


def read_facts(meta: Mapping[str, str]) -> DraftFacts:
    """Return the facts that the `meta` table holds; unknown keys are left out. Raises InvalidJson."""
    known = {key: jsontext.decode(text) for key, text in meta.items()}
    known["ranges"] = [known.get(_range(number)) for number in range(known.get("ranges", 0))]
    return jsontext.convert({"format": ""} | known, DraftFacts)


def changed_facts(before: DraftFacts, after: DraftFacts) -> dict[str, str]:
    """Return those keys and texts of the `meta` table that differ."""
    names = field_names(DraftFacts)
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in names)
    # Most are the same object, because `replace` carries them over: a page does not cost a look at all tags.
    changed: dict[str, Json] = {name: new for name, old, new in pairs if new is not old and new != old}
    if "ranges" in changed:
        changed["ranges"] = len(after.ranges)
        states = itertools.zip_longest(before.ranges[: len(after.ranges)], after.ranges)
        changed |= {_range(number): new for number, (old, new) in enumerate(states) if new != old}
    return {key: jsontext.encode(value).decode() for key, value in changed.items()}


def _range(number: int) -> str:
    return f"range.{number}"
