"""One request budget for all tasks, processes and machines of an account."""

from pipeline.limiter._concurrency import Flights
from pipeline.limiter._pacing import FIRST_PAUSE_SECONDS, PATIENCE_SECONDS, Clock, Pacer, Sleep, Slot
from pipeline.limiter._redis import RedisStore
from pipeline.limiter._share import Share
from pipeline.limiter._slots import Slots
from pipeline.limiter._stores import Place, SqliteStore, Store

__all__ = [
    "FIRST_PAUSE_SECONDS",
    "PATIENCE_SECONDS",
    "Clock",
    "Flights",
    "Pacer",
    "Place",
    "RedisStore",
    "Share",
    "Sleep",
    "Slot",
    "Slots",
    "SqliteStore",
    "Store",
]
