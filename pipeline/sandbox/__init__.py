"""An emulator of the Heymarket API: it imports nothing else of this project, so that it is an independent witness."""

from pipeline.sandbox._app import API_KEY, SECRET_ID, SECRET_KEY, Sandbox
from pipeline.sandbox._faults import Fault
from pipeline.sandbox._gate import Exchange
from pipeline.sandbox._traits import TraitInfo, Traits
from pipeline.sandbox._world import Write

__all__ = ["API_KEY", "SECRET_ID", "SECRET_KEY", "Exchange", "Fault", "Sandbox", "TraitInfo", "Traits", "Write"]
