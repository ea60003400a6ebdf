"""Time stamps: whole microseconds since 1970 inside, RFC 3339 text outside."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
UNITS = {"seconds": 1_000_000, "millis": 1_000, "micros": 1}
_TIMESPECS = {"seconds": "seconds", "millis": "milliseconds", "micros": "microseconds"}


def stamp_text(stamp: int, precision: str) -> str:
    """Return `stamp` as RFC 3339 in UTC with a Z, cut (not rounded) to `precision`."""
    moment = EPOCH + timedelta(microseconds=stamp)
    return moment.replace(tzinfo=None).isoformat(timespec=_TIMESPECS[precision]) + "Z"


def read_stamp(text: str) -> int:
    """Return the microseconds that an RFC 3339 text means; without an offset it is UTC.

    Raises ValueError when the text is no time stamp.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // MICROSECOND
