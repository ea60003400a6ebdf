"""The client of the Heymarket API: knows no CSV, no journal and no command line."""

from pipeline.heymarket._client import HeymarketClient, open_client
from pipeline.heymarket._transport import ClientConfig

__all__ = ["ClientConfig", "HeymarketClient", "open_client"]
