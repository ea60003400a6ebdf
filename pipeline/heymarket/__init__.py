"""The client of the Heymarket API: knows no CSV, no journal and no command line."""

from pipeline.heymarket._client import HeymarketClient, open_client
from pipeline.heymarket._paging import Walk
from pipeline.heymarket._ranges import Budget
from pipeline.heymarket._stores import Place
from pipeline.heymarket._transport import ClientConfig
from pipeline.heymarket._walking import WalkStep, walk
from pipeline.heymarket._walkstate import WalkReport, WalkState
from pipeline.heymarket._wire import read_record, read_stored

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
