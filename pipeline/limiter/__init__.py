"""One request budget for all tasks, processes and machines of an account."""

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
