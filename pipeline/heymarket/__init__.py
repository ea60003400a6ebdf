"""The client of the Heymarket API: knows no CSV, no journal and no command line."""

from pipeline.exporter.walk._drive import WalkStep, walk
from pipeline.exporter.walk._machine import Walk
from pipeline.exporter.walk._ranges import Budget
from pipeline.exporter.walk._state import WalkReport, WalkState
from pipeline.heymarket._client import HeymarketClient, open_client
from pipeline.heymarket._transport import ClientConfig
from pipeline.limiter._stores import Place
from pipeline.wire import read_record, read_stored

__all__ = [
    "Budget",
    "ClientConfig",
    "HeymarketClient",
    "Place",
    "Walk",
    "WalkReport",
    "WalkState",
    "WalkStep",
    "open_client",
    "read_record",
    "read_stored",
    "walk",
]
