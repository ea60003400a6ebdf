"""One request budget for all tasks, processes and machines of an account.

The ceiling is one that the server would count in any rolling minute: a place is occupied from the moment a request
starts until a minute after its answer, which holds for a server that counts a rolling minute, a fixed one or a bucket
(`_schedule`). Processes lease places for a second or two from a small SQLite file, or from a Redis server for several
machines, so the store is asked about once a second and not once a request (`_share`, `_stores`, `_ledger`). A store
that cannot be used costs a warning, never the run: the process then keeps to the ceiling alone. A 429 pauses everybody,
for its `Retry-After` or for a pause that doubles (`_pacing`). How many requests are in flight follows the service
(`_concurrency`).
"""

from pipeline.limiter._concurrency import AdaptiveConcurrency
from pipeline.limiter._pacing import FIRST_PAUSE_SECONDS, PATIENCE_SECONDS, Clock, Permit, RateLimiter, Sleep
from pipeline.limiter._redis import RedisStore
from pipeline.limiter._share import Share
from pipeline.limiter._slots import CapacityLimiter
from pipeline.limiter._stores import BudgetStore, Place, SqliteStore

__all__ = [
    "FIRST_PAUSE_SECONDS",
    "PATIENCE_SECONDS",
    "AdaptiveConcurrency",
    "BudgetStore",
    "CapacityLimiter",
    "Clock",
    "Permit",
    "Place",
    "RateLimiter",
    "RedisStore",
    "Share",
    "Sleep",
    "SqliteStore",
]
