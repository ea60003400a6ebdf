"""Contacts as a Parquet file, for tools that analyse; pyarrow is an optional extra."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.errors import SettingsError
from pipeline.libraries import LibraryMissing, load_optional
from pipeline.models import CustomField, Record, further_channels
from pipeline.snapshots._details import (
    BLOCKED,
    UNSUBSCRIBED_BY,
    Detailed,
    complete_record,
    said_by,
    status_of,
)
from pipeline.snapshots._writers import COLUMNS, RAW, custom_headers
from pipeline.storage import flush_file, make_private_file

_GROUP = 20_000
"""How many contacts are held in memory and written together."""

_DETAILED = ("channels", BLOCKED, UNSUBSCRIBED_BY)

_SPECIAL = ("id", "assignee_id", "is_opted_out", "tags")


def write_parquet(
    path: Path, contacts: Iterable[Detailed], custom: Sequence[CustomField], *, detailed: bool = False
) -> int:
    """Write contacts with typed columns: custom fields as text under their titles, the whole contact in `raw`.

    `detailed`: further channels as lists, and the status beside. Time stamps stay the texts of the server. Return how
    many contacts. Raises SettingsError without pyarrow, OSError.
    """
    arrow, parquet = load_library()
    texts = [name for name in COLUMNS if name not in _SPECIAL]
    further = _DETAILED if detailed else ()
    headers = custom_headers(custom, further)
    pair = arrow.struct([("type", arrow.string()), ("value", arrow.string())])
    columns = [
        ("id", arrow.int64()),
        *((name, arrow.string()) for name in texts),
        ("assignee_id", arrow.int64()),
        ("is_opted_out", arrow.bool_()),
        ("tags", arrow.list_(arrow.int64())),
        *zip(further, (arrow.list_(pair), arrow.bool_(), arrow.string()), strict=False),
        *((header, arrow.string()) for header in headers),
        (RAW, arrow.string()),
    ]
    schema = arrow.schema(columns)
    keys = [str(field.id) for field in custom]
    rows = 0
    make_private_file(path)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for shown in _groups(contacts):
            group = [complete_record(*each) for each in shown]
            held = [
                [record.id for record in group],
                *([getattr(record, name) for record in group] for name in texts),
                [record.assignee_id for record in group],
                [record.is_opted_out for record in group],
                [record.tags for record in group],
                *(_detail_columns(shown, group) if detailed else ()),
                *([record.custom.get(key) for record in group] for key in keys),
                [record.raw.decode() for record in group],
            ]
            arrays = [arrow.array(values, kind) for values, (_, kind) in zip(held, columns, strict=True)]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))
            rows += len(group)
    flush_file(path)
    return rows


def parquet_ids(stream: Any) -> Iterator[int]:
    """Yield the ids of a Parquet file in its order. Raises SettingsError without pyarrow, and OSError, ValueError."""
    _, parquet = load_library()
    for batch in parquet.ParquetFile(stream).iter_batches(columns=["id"]):
        yield from batch.column(0).to_pylist()


def load_library() -> tuple[Any, Any]:
    """Return pyarrow and its Parquet module. Raises SettingsError where they are not installed."""
    try:
        return load_optional("pyarrow"), load_optional("pyarrow.parquet")
    except LibraryMissing as missing:
        raise SettingsError(
            'export.formats names "parquet", which needs a package that is not installed. Nothing was sent.',
            advice=f"{missing}.",
        ) from missing


def _detail_columns(shown: Sequence[Detailed], group: Sequence[Record]) -> tuple[list[Any], list[Any], list[Any]]:
    channels = [further_channels(record) for record in group]
    return (
        [each if each is None else [{"type": kind, "value": value} for kind, value in each] for each in channels],
        [record.is_blocked for record in group],
        [said_by(status_of(*each)) or None for each in shown],
    )


def _groups(contacts: Iterable[Detailed]) -> Iterator[list[Detailed]]:
    source = iter(contacts)
    while group := list(islice(source, _GROUP)):
        yield group
