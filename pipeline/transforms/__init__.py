"""Declared changes of a cell on its way to its target: small, tested, and checked when the settings are loaded."""

from pipeline.transforms._apply import apply_steps, columns_named
from pipeline.transforms._forms import USUAL_WORDS
from pipeline.transforms._people import is_splittable
from pipeline.transforms._settings import described_enum, read_steps, transform_definitions, write_steps
from pipeline.transforms._step import Step, Text, TransformProblem, joined

__all__ = [
    "USUAL_WORDS",
    "Step",
    "Text",
    "TransformProblem",
    "apply_steps",
    "columns_named",
    "described_enum",
    "is_splittable",
    "joined",
    "read_steps",
    "transform_definitions",
    "write_steps",
]
