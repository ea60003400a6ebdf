"""Imports under fire: drawn accounts, files, traits, faults and kills, judged by what the account holds in the end.

Each case imports one file with the real command in processes of their own, kills it at drawn moments with SIGKILL,
and runs the same command until it ends. The judge knows nothing of the tool: it computes what merging the file into
the account must give, and compares every contact with that. `benchmarks/campaign.py` runs many cases.
"""

import random
import signal
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.sandbox import Fault, Sandbox, Traits
from tests.cli.commands import Result, Running
from tests.conftest import Server

OUTCOMES = ("created", "updated", "unchanged", "skipped", "rejected", "failed", "unknown")
MOST_ATTEMPTS = 8
LONGEST_ATTEMPT_SECONDS = 120

# Whatever the documents contradict each other about and the import meets. The first value is the sandbox's default.
TRAITS: Mapping[str, tuple[Any, ...]] = {
    "batch_answer": ("contacts", "failed", "ok"),
    "batch_custom": ("keep", "drop"),
    "batch_tags": ("keep", "drop"),
    "batch_existing": ("flag", "update", "skip", "duplicate", "error"),
    "batch_limit": (0, 7, 30),
    "too_large_status": (413, 400),
    "create_existing": ("error", "upsert", "duplicate"),
    "existing_status": (400, 409, 422),
    "update_blanks": ("names", "nothing", "all"),
    "update_resets_opt_out": (False, True),
    "write_opt_out": ("keep", "drop"),
    "opt_out_readable": (False, True),
    "uuid_readable": (False, True),
    "tags_read_shape": ("objects", "ints", "named"),
    "owner_read_as": ("assigned_user_id", "assignee_id"),
    "display_name": ("stored", "derived"),
    "search_limit": (0, 20, 60),
    "search_overflow": ("refuse", "cap"),
    "direction": ("newest", "oldest"),
    "error_shape": ("object", "string", "text"),
    "missing_status": (404, 400),
    "stamp": ("bulk", "each", "one"),
}
FAULTS = (
    "drop_before", "drop_after", "error_before", "error_after", "truncated", "wrong_json", "html_502", "rate_limited",
    "refuse:seconds=0.2", "slow:seconds=1.3,when=after", "slow:seconds=1.3",
)  # fmt: skip
ENDPOINTS = (
    "POST /v1/contact", "PUT /v1/contact/*", "POST /v1/batch/contacts", "POST /v2/contacts/search",
    "POST /v1/contact/status", "POST /v1/contact/set_status", "*",
)  # fmt: skip

SETTINGS = """\
[account]
base_url = "{url}"
[limits]
requests_per_minute = 0
timeout_seconds = 1
lost_answer_seconds = 3
[import.columns]
"Phone" = "phone"
"First" = "first"
"Last" = "last"
"E-mail" = "email"
"Plan" = {{ custom = "Plan" }}
"Tags" = {{ tags = ";" }}
"Out" = "is_opted_out"
"""
HEADER = ("Phone", "First", "Last", "E-mail", "Plan", "Tags", "Out")
PLAN, SHOE = "101", "102"


@dataclass
class Case:
    """One drawn case; the same seed draws the same case."""

    seed: int
    traits: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    kills: int = 0

    def __str__(self) -> str:
        traits = ", ".join(f"{name}={value}" for name, value in self.traits.items())
        return f"seed {self.seed}: {self.kills} kills; {'; '.join(self.faults)}; {traits}"


@dataclass
class Verdict:
    """What a case came to.

    `wrong` says what was lost, doubled, opted back in, touched without cause, or is otherwise not as it must be.
    """

    case: Case
    wrong: list[str]
    kills: int
    attempts: int
    requests: int


def draw_case(seed: int, *, kills: int) -> Case:
    """Draw a case. Traits are mostly unusual ones, for the usual ones have tests of their own."""
    chance = random.Random(seed)  # noqa: S311 - drawn cases, no secrets
    traits = {name: chance.choice(values) for name, values in TRAITS.items() if chance.random() < 0.6}
    faults = []
    for _ in range(chance.randint(1, 3)):
        kind, _, options = chance.choice(FAULTS).partition(":")
        more = f",{options}" if options else ""
        faults.append(f"{kind}:{chance.choice(ENDPOINTS)}:rate={chance.choice((0.1, 0.3, 1))},count=3{more}")
    return Case(seed, traits, faults, chance.randint(0, kills))


class Account:
    """The drawn account and file, and what they must come to."""

    def __init__(self, case: Case) -> None:
        self.chance = random.Random(case.seed + 1)  # noqa: S311
        self.sandbox = Sandbox(
            traits=Traits(**case.traits), requests_per_minute=0, fields=["Plan", "Shoe"], tags=["hot", "cold", "warm"]
        )
        self.tag_ids = {name: self.sandbox.add_tag(name) for name in ("a1", "a2")}
        self.rows: list[dict[str, str]] = []
        for number in range(60):
            self._add_contact(f"1415{2000000 + number}")
        for number in range(15, 110):
            self._add_row(f"1415{2000000 + number}", known=number < 60)
        self.rows += [dict.fromkeys(HEADER, "") | {"Phone": "12", "First": f"Bad{number}"} for number in range(3)]
        self.before = self._held()
        self.sandbox.faults = [Fault.parse(text) for text in case.faults]

    def _add_contact(self, phone: str) -> None:
        chance = self.chance
        self.sandbox.add_contact(
            phone,
            first=f"Old{phone[-3:]}",
            last=chance.choice(("", "Kept")),
            email=chance.choice(("", "kept@example.com")),
            custom=chance.choice(({}, {PLAN: "basic"}, {PLAN: "basic", SHOE: "44"})),
            tags=chance.choice(((), (self.tag_ids["a1"],))),
            assignee_id=chance.choice((None, 7002)),
            is_opted_out=chance.random() < 0.25,
        )

    def _add_row(self, phone: str, *, known: bool) -> None:
        chance = self.chance
        same = known and chance.random() < 0.3
        self.rows.append(
            {
                "Phone": f"+{phone}",
                "First": f"Old{phone[-3:]}" if same else f"New{phone[-3:]}",
                "Last": "" if same else chance.choice(("", "Given")),
                "E-mail": "" if same else chance.choice(("", "given@example.com")),
                "Plan": "" if same else chance.choice(("", "gold")),
                "Tags": "" if same else chance.choice(("", "a2")),
                "Out": "" if same else chance.choice(("", "", "yes", "no")),
            }
        )

    def write(self, folder: Path, url: str) -> Path:
        """Write the file and its settings."""
        (folder / "hmpipe.toml").write_text(SETTINGS.format(url=url))
        lines = [",".join(HEADER), *(",".join(row[name] for name in HEADER) for row in self.rows)]
        path = folder / "people.csv"
        path.write_text("\n".join(lines) + "\n")
        return path

    def _held(self) -> dict[str, list[dict[str, Any]]]:
        held: dict[str, list[dict[str, Any]]] = {}
        for contact in self.sandbox.contacts():
            held.setdefault(contact["phone"], []).append(contact)
        return held

    def judge(self) -> Iterator[str]:
        """Yield what is not as it must be."""
        held = self._held()
        wanted = {row["Phone"].lstrip("+"): row for row in self.rows if len(row["Phone"]) > 5}
        for phone in sorted({*self.before, *wanted, *held}):
            now = held.get(phone, [])
            if len(now) != 1:
                yield f"{phone}: {len(now)} contacts"
                continue
            before = self.before.get(phone, [{}])[0]
            expected = _merged(before, wanted.get(phone, {}), self.tag_ids)
            for name, value in expected.items():
                found = now[0][name] if name != "tags" else set(now[0]["tags"])
                if found != value:
                    yield f"{phone}: {name} is {found!r}, not {value!r}"
            if before and expected == _merged(before, {}, self.tag_ids) and now[0]["rev"] != before["rev"]:
                yield f"{phone}: touched without cause"


def _merged(before: Mapping[str, Any], row: Mapping[str, str], tag_ids: Mapping[str, int]) -> dict[str, Any]:
    """What a contact must hold: given values win, blanks change nothing, an opt-out stays."""
    custom = dict(before.get("custom", {}))
    if row.get("Plan"):
        custom[PLAN] = row["Plan"]
    return {
        "first": row.get("First") or before.get("first", ""),
        "last": row.get("Last") or before.get("last", ""),
        "email": row.get("E-mail") or before.get("email", ""),
        "custom": custom,
        "tags": {*before.get("tags", ()), *([tag_ids[row["Tags"]]] if row.get("Tags") else [])},
        "assignee_id": before.get("assignee_id"),
        "is_opted_out": before.get("is_opted_out", False) or row.get("Out") == "yes",
    }


def run_case(case: Case, folder: Path) -> Verdict:
    """Import under fire until it ends, and judge."""
    folder.mkdir(parents=True, exist_ok=True)
    account = Account(case)
    chance = random.Random(case.seed + 2)  # noqa: S311
    killed = attempts = 0
    wrong: list[str] = []
    ended = Result(1, "", "no attempt ended")
    with Server(account.sandbox) as server:
        rows = account.write(folder, server.url)
        for attempts in range(1, MOST_ATTEMPTS + case.kills + 1):
            with Running(folder, "import", rows, "--json") as running:
                if killed < case.kills and _kill_after(running, account.sandbox, chance.randint(1, 60)):
                    killed += 1
                    continue
                try:
                    ended = running.end(LONGEST_ATTEMPT_SECONDS)
                except TimeoutError as error:
                    wrong.append(str(error))
            if ended.code in (0, 3, 4):
                break
            # It stopped, resumable, because the service was too bad. Better weather, then the same command again.
            if attempts >= case.kills + MOST_ATTEMPTS // 2:
                account.sandbox.faults = []
        wrong += _check_end(ended, len(account.rows))
    wrong += account.judge()
    return Verdict(case, wrong, killed, attempts, len(account.sandbox.requests))


def run_cases(cases: Iterable[Case], at_once: int) -> Iterator[Verdict]:
    """Run several cases at once, each with a folder of its own: most of a case is waiting for faults to pass."""

    def run(case: Case) -> Verdict:
        with tempfile.TemporaryDirectory() as folder:
            return run_case(case, Path(folder))

    with ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(run, cases)


def _check_end(ended: Result, rows: int) -> Iterator[str]:
    if "Traceback" in ended.err:
        yield f"a traceback was shown: {ended.err[-800:]}"
    if ended.code != 3:
        yield f"the last attempt ended with {ended.code}: {ended.err[-800:]}"
        return
    summary = ended.json
    if summary["rows"] != rows or sum(summary[name] for name in OUTCOMES) != rows or summary["rejected"] != 3:
        yield f"the counts are wrong: {summary}"
    if summary["failed"] or summary["unknown"]:
        yield f"not all was settled: {summary}"


def _kill_after(running: Running, sandbox: Sandbox, requests: int) -> bool:
    """Kill a command once it has sent so many requests; whether it was still alive."""
    goal = len(sandbox.requests) + requests
    running.wait_until(lambda: len(sandbox.requests) >= goal)
    running.send(signal.SIGKILL)
    return running.end().code == -signal.SIGKILL
