"""Stage 3: the account becomes a snapshot, read by a walk along the timestamp cursor."""

from pipeline.exporter._details import DetailReader, DetailSource
from pipeline.exporter._export import DeltaBase, Export
from pipeline.exporter._result import failed_export, publish_export
from pipeline.exporter._surface import choose_surface

__all__ = [
    "DeltaBase",
    "DetailReader",
    "DetailSource",
    "Export",
    "choose_surface",
    "failed_export",
    "publish_export",
]
