"""Plans of columns, and what they make of cells."""

from typing import Any

from pipeline.models._contacts import Contact, Reject
from pipeline.reader.mapping import ColumnPlan, plan_columns
from pipeline.settings import ImportSettings
from tests.tables import map_cells

PHONE = "+1 415 555 0101"


DIGITS = "14155550101"


def imports(columns: dict[str, Any] | None = None, **settings: Any) -> ImportSettings:
    return ImportSettings.model_validate({"columns": {"Phone": "phone", **(columns or {})}, **settings})


def plan(columns: dict[str, Any] | None = None, **settings: Any) -> ColumnPlan:
    return plan_columns(["Phone", *(columns or {})], imports(columns, **settings))


def contact(cells: list[str], columns: ColumnPlan) -> Contact:
    [result] = map_cells([cells], columns)
    assert isinstance(result, Contact), result
    return result


def reject(cells: list[str], columns: ColumnPlan) -> Reject:
    [result] = map_cells([cells], columns)
    assert isinstance(result, Reject), result
    return result
