"""A desk for plans: files, settings, an account."""

from pathlib import Path
from typing import Any

from pipeline.account import Account
from pipeline.cli._progress import SilentProgress
from pipeline.jobs.import_ import ImportJob, run_import
from pipeline.jobs.plan import PlanOutputs, run_plan, run_planned_import
from pipeline.reader.tables import expand_sources
from pipeline.results import PlanSummary, RunSummary
from pipeline.sandbox import SECRET_ID, SECRET_KEY, Sandbox
from pipeline.settings import Credentials, load_settings


class Desk:
    """A sandbox, settings for it, a file, and the jobs over them."""

    def __init__(self, folder: Path, sandbox: Sandbox, url: str, *imports: str, columns: str = "") -> None:
        self.folder, self.sandbox = folder, sandbox
        self.settings = folder / "hmpipe.toml"
        lines = [f'[account]\nbase_url = "{url}"', "[limits]\nrequests_per_minute = 0\nlost_answer_seconds = 0.1"]
        lines += ["[import]", *imports, "[import.columns]", 'Phone = "phone"', 'First = "first"', columns]
        self.settings.write_text("\n".join(lines))
        self.account = self.account_of(SECRET_ID)

    def account_of(self, credential: str) -> Account:
        return Account(load_settings(self.settings, environ={}), Credentials(credential, SECRET_KEY))

    def file(self, *rows: str, header: str = "Phone,First") -> ImportJob:
        path = self.folder / "people.csv"
        path.write_text("\n".join([header, *rows]) + "\n")
        return ImportJob(self.account, expand_sources([str(path)]), allow_lists=True)

    async def plan(self, job: ImportJob, *, save: str = "", page: str = "") -> PlanSummary:
        outputs = PlanOutputs(self.folder / save if save else None, self.folder / page if page else None)
        return await run_plan(job, SilentProgress(), outputs)

    async def import_(self, job: ImportJob) -> RunSummary:
        return await run_import(job, SilentProgress())

    async def apply(self, name: str, account: Account | None = None) -> RunSummary:
        return await run_planned_import(account or self.account, self.folder / name, SilentProgress())

    def contact(self, phone: str) -> dict[str, Any]:
        return next(each for each in self.sandbox.contacts() if each["phone"] == phone)


def people(count: int, name: str = "P", first: int = 0) -> list[str]:
    return [f"+1 415 555 0{number:03},{name}{number}" for number in range(first, first + count)]


def phone(number: int) -> str:
    return f"14155550{number:03}"
