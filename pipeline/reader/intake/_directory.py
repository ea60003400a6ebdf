"""What an account calls its fields, tags and people: asked once a run, and only where a column needs it."""

import contextlib
from collections.abc import Sequence
from typing import Protocol

from pipeline.errors import AnswerLost, RequestRefused, ServiceUnavailable
from pipeline.models import CustomField, Member
from pipeline.reader._folding import find_name
from pipeline.reader.mapping import ColumnPlan, resolve_custom, resolve_members, resolve_tags


class Titled(Protocol):
    """What can be asked for the titles, names and people of an account."""

    async def list_custom_fields(self) -> tuple[CustomField, ...]:
        """Return the custom fields of the account."""

    async def list_tags(self) -> dict[str, int]:
        """Return tag name -> tag ID."""

    async def list_members(self) -> tuple[Member, ...]:
        """Return the members of the team."""

    async def create_custom_fields(self, titles: Sequence[str]) -> None:
        """Create custom fields. Raises AnswerLost and RequestRefused."""


class Directory:
    """Brings the columns of any number of files to the account's numeric IDs.

    Columns that `unmapped = "create"` turns into custom fields get the ID of the field with their title. Where there
    is none they keep the title (in `missing`). With `keep_titles` they all keep it, so that the staged content is the
    same before and after their fields were made, and an interrupted import is recognised; `existing_ids` and
    `make_missing` give the IDs then.
    """

    def __init__(self, client: Titled, *, keep_titles: bool = False) -> None:
        self._client = client
        self._keep_titles = keep_titles
        self._titles: list[str] = []
        self._fields: tuple[CustomField, ...] | None = None
        self._tags: dict[str, int] | None = None
        self._members: tuple[Member, ...] | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """The titles that are wanted and have no field yet."""
        return tuple(title for title in self._titles if not self._ids(title))

    def existing_ids(self) -> dict[str, int]:
        """Return title -> ID of the wanted titles that have a field. Raises MappingError for one that has several."""
        return {title: found[0] for title in self._titles if (found := self._ids(title))}

    async def resolve(self, columns: ColumnPlan) -> ColumnPlan:
        """Bring titles, tag names and team members to IDs. Raises MappingError and what the client raises."""
        kinds = {binding.target.kind for binding in columns.bindings}
        if "custom" in kinds:
            self._fields = self._fields if self._fields is not None else await self._client.list_custom_fields()
            self._titles += [title for title in columns.to_create if title not in self._titles]
            resolved = resolve_custom(columns, self._fields, leave=self.missing)
            # Whatever a plan would refuse is refused here as well, also where the titles stay.
            columns = resolve_custom(columns, self._fields, leave=columns.to_create) if self._keep_titles else resolved
        if "tags" in kinds:
            self._tags = self._tags if self._tags is not None else await self._client.list_tags()
            columns = resolve_tags(columns, self._tags)
        if "assignee" in kinds:
            self._members = self._members if self._members is not None else await self._client.list_members()
            columns = resolve_members(columns, self._members)
        return columns

    async def want(self, titles: Sequence[str]) -> None:
        """Look for custom fields with these titles, which a plan names.

        Raises MappingError for a title that several fields have, and what the client raises.
        """
        if titles and self._fields is None:
            self._fields = await self._client.list_custom_fields()
        self._titles += [title for title in titles if title not in self._titles]
        self.existing_ids()

    async def make_missing(self) -> dict[str, int]:
        """Create the fields that are missing and return title -> ID.

        A lost answer is looked up and never sent again blindly. Raises ServiceUnavailable.
        """
        titles = self.missing
        if not titles:
            return {}
        try:
            # Whether a lost answer's fields are there is what the list says.
            with contextlib.suppress(AnswerLost):
                await self._client.create_custom_fields(titles)
        except RequestRefused as error:
            raise ServiceUnavailable(
                f"The service would not create the custom fields {', '.join(titles)}: {error} No contact was written.",
                advice='Create them in the web app, or map these columns to "ignore".',
            ) from error
        self._fields = await self._client.list_custom_fields()
        self._refuse_absent(titles)
        return {title: self._ids(title)[0] for title in titles}

    def _refuse_absent(self, titles: Sequence[str]) -> None:
        absent = [title for title in titles if not self._ids(title)]
        if absent:
            raise ServiceUnavailable(
                f"The custom fields {', '.join(absent)} were asked for and are not in the account's list."
                " No contact was written.",
                advice="Look in the web app; then run the same command again.",
            )

    def _ids(self, title: str) -> list[int]:
        fields = self._fields or ()
        return [fields[place].id for place in find_name(title, [field.title for field in fields])]
