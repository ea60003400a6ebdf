"""The JSON Schema of a settings file, for editors and for docs/settings.md."""

from typing import Any

from pipeline.settings._model import Settings
from pipeline.settings._targets import target_definitions


def settings_schema() -> dict[str, Any]:
    """Return the JSON Schema of a settings file: the texts are those of the fields, the targets and the transforms."""
    schema = Settings.model_json_schema(by_alias=True)
    definitions = schema["$defs"]
    for definition in definitions.values():
        # The titles that pydantic makes are the names once more.
        del definition["title"]
        for setting in definition.get("properties", {}).values():
            setting.pop("title", None)
    for table in schema["properties"].values():
        table["default"] = {}
    definitions["ImportSettings"]["properties"]["columns"]["additionalProperties"] = {"$ref": "#/$defs/targets"}
    definitions.update(target_definitions())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "hmpipe settings"}
