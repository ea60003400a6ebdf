"""The endpoints around contacts: custom fields, tags, team, inboxes and lists."""

from typing import Any

from aiohttp import web

from pipeline.sandbox._account import INBOXES
from pipeline.sandbox._answers import answer, bad_data, read_body, read_number, read_object
from pipeline.sandbox._listing import read_date
from pipeline.sandbox._records import make_uuid
from pipeline.sandbox._world import World

LIST_PARTS = {"contacts": int, "phones": str, "emails": str}


class AccountRoutes:
    """Handlers of the account's endpoints on one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add the endpoints to `router`."""
        router.add_post("/v1/contact-fields", self.fields)
        router.add_post("/v1/contacts/fields", self.create_fields)
        router.add_post("/v1/tags", self.tags)
        router.add_post("/v1/tag", self.create_tag)
        router.add_get("/v1/team", self.team)
        router.add_get("/v1/inboxes", self.inboxes)
        router.add_post("/v2/lists", self.create_list)
        router.add_put("/v2/lists/{id}", self.update_list)

    async def fields(self, request: web.Request) -> web.Response:
        """POST /v1/contact-fields: the custom fields."""
        await read_body(request)
        known = self._world.account.fields
        shown = [{"id": self._field_id(number), "title": title} for number, title in known.items()]
        return answer({"fields": shown} if self._world.traits.field_list_shape == "object" else shown)

    async def create_fields(self, request: web.Request) -> web.Response:
        """POST /v1/contacts/fields: new custom fields; an existing title gives its id and `duplicate`."""
        entries = await read_body(request)
        titles = [each.get("title") if isinstance(each, dict) else None for each in _array(entries)]
        if not all(isinstance(title, str) and title.strip() for title in titles):
            raise bad_data("each field needs a title")
        shown: list[dict[str, Any]] = []
        for title in map(str, titles):
            known = self._world.account.field_of(title)
            number = self._world.account.add_field(title) if known is None else known
            shown.append({"id": self._field_id(number), "title": title, "duplicate": known is not None})
        return answer(shown)

    async def tags(self, request: web.Request) -> web.Response:
        """POST /v1/tags: up to 30, newest first; `date` gives older ones."""
        before = read_date(await read_object(request))
        traits = self._world.traits
        inclusive = traits.cursor == "inclusive"
        page = self._world.account.tag_page(before, inclusive=inclusive, precision=traits.timestamp_precision)
        return answer(page)

    async def create_tag(self, request: web.Request) -> web.Response:
        """POST /v1/tag."""
        name = (await read_object(request)).get("tag")
        if not isinstance(name, str) or not name.strip():
            raise bad_data("tag must be a string")
        number = self._world.account.add_tag(name)
        return answer({"id": number, "rev": 1, "uuid": make_uuid(self._world.seed, -number)})

    async def team(self, request: web.Request) -> web.Response:
        """GET /v1/team."""
        await request.read()
        return answer(self._world.account.team())

    async def inboxes(self, request: web.Request) -> web.Response:
        """GET /v1/inboxes."""
        await request.read()
        return answer(list(INBOXES))

    async def create_list(self, request: web.Request) -> web.Response:
        """POST /v2/lists; the same `local_id` gives the same list again."""
        body = await read_object(request)
        title, local_id = body.get("title"), body.get("local_id", "")
        if not isinstance(title, str) or not title or not isinstance(local_id, str):
            raise bad_data("title must be a string")
        parts = {name: _members(body, name) for name in LIST_PARTS}
        entry = self._world.account.add_list(title, local_id, self._world.seed)
        return answer(_extended(entry, parts))

    async def update_list(self, request: web.Request) -> web.Response:
        """PUT /v2/lists/{id} with add_contacts, add_phones, add_emails."""
        entry = self._world.account.lists.get(read_number(request.match_info["id"], "the list id"))
        if entry is None:
            raise self._world.missing("list")
        body = await read_object(request)
        parts = {name: _members(body, f"add_{name}") for name in LIST_PARTS}
        entry["rev"] += 1
        return answer(_extended(entry, parts))

    def _field_id(self, number: int) -> int | str:
        return number if self._world.traits.field_id_shape == "int" else str(number)


def _array(body: object) -> list[Any]:
    if not isinstance(body, list):
        raise bad_data("the body must be an array")
    return body


def _members(body: dict[str, Any], name: str) -> list[Any]:
    wanted = LIST_PARTS[name.removeprefix("add_")]
    members = body.get(name, [])
    if not isinstance(members, list) or not all(type(each) is wanted for each in members):
        raise bad_data(f"{name} must be an array of {wanted.__name__}")
    return members


def _extended(entry: dict[str, Any], parts: dict[str, list[Any]]) -> dict[str, Any]:
    for name, members in parts.items():
        entry[name] = list(dict.fromkeys([*entry[name], *members]))
    return {"id": entry["id"], "rev": entry["rev"], "uuid": entry["uuid"]}
