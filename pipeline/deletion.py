"""What is to be deleted: lists of phones or contact IDs, staged as rows that want their contacts gone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import anyio

from pipeline.errors import InputError, Interrupted, MappingError, RequestRefused
from pipeline.folding import find_name
from pipeline.heymarket import HeymarketClient
from pipeline.intake import Intake, read_options
from pipeline.journal import Journal
from pipeline.models import Chunk, Contact, Json, Record, Reject, Skip
from pipeline.phone import read_phone
from pipeline.reader import ReadOptions, Source, Table, open_table
from pipeline.settings import ColumnTarget, ImportSettings
from pipeline.signals import StopSwitch
from pipeline.summaries import Progress

ONLY_COLUMN = "column 1"
"""How the settings name the column of a list that has no other."""

Result = Contact | Reject | Skip


@dataclass(frozen=True, slots=True)
class ListIntake:
    """Reads the lists. The columns that the settings map to phone or ID count; a list of one column holds phones."""

    client: HeymarketClient
    sources: Sequence[Source]
    imports: ImportSettings
    stop: StopSwitch
    concurrency: int

    async def take(self, journal: Journal, progress: Progress) -> None:
        """Stage every row. Raises UsageProblem, StorageFailed, what the client raises, and Interrupted."""
        imports = self._deletion_settings()
        if _targets(imports, "phone"):
            await Intake(self.sources, imports, stop=self.stop).take(journal, progress)
        else:
            await self._take_ids(imports, journal, progress)
        journal.want_deletions()

    def _deletion_settings(self) -> ImportSettings:
        """Return the settings with nothing but what tells whom a row is about. Raises UsageProblem."""
        named = {
            name: tuple(target for target in targets if target.kind in ("phone", "id"))
            for name, targets in self.imports.columns.items()
        }
        columns = {name: targets for name, targets in named.items() if targets}
        source = self.sources[0]
        plain: dict[str, Json] = {"columns": columns, "unmapped": "ignore", "shared_phone_rows": 0, "duplicates": "last"}
        if source.path is None:
            return self.imports.model_copy(update=plain | ({} if columns else self._single({})))
        with open_table(source, read_options(self.imports)) as table:
            present = {name: targets for name, targets in columns.items() if _is_there(name, table.headers)}
            if not present and len(table.headers) != 1:
                raise MappingError(
                    f"{source.name} has no column that is mapped to phone or id. Its columns are:"
                    f" {', '.join(map(repr, table.headers[:30]))}. Nothing was sent.",
                    advice='Map one in [import.columns] ("Mobile Phone" = "phone"), or give a list of one column.',
                )
            plain["columns"] = present
            return self.imports.model_copy(update=plain | ({} if present else self._single(table)))

    def _single(self, table: Table | Mapping[str, Json]) -> dict[str, Json]:
        """Return the settings for a list of one column, whose first line may be a phone already."""
        single: dict[str, Json] = {
            "columns": {ONLY_COLUMN: (ColumnTarget("phone"),)},
            "skip_where": {},
            "country_column": "",
        }
        headers = table.headers if not isinstance(table, Mapping) else ()
        first = headers[0] if headers else ""
        if self.imports.header == "auto" and read_phone(first, self.imports.default_region).digits:
            single["header"] = "none"
        return single
