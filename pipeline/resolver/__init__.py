"""Rows are matched to the records of the account, by phone or e-mail, and decided about."""

from pipeline.resolver._consents import CAME_BACK, KEPT_BACK
from pipeline.resolver._decide import Decider, Readable, find_conflict, find_stale, hold_to_plan, records_for
from pipeline.resolver._emails import EmailSearchable, match_by_email
from pipeline.resolver._phones import BATCH_SIZE, Resolver, Searchable

__all__ = [
    "BATCH_SIZE",
    "CAME_BACK",
    "KEPT_BACK",
    "Decider",
    "EmailSearchable",
    "Readable",
    "Resolver",
    "Searchable",
    "find_conflict",
    "find_stale",
    "hold_to_plan",
    "match_by_email",
    "records_for",
]
