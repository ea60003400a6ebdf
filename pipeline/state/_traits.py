"""How an account's service was seen to behave, remembered from run to run."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pipeline import jsontext
from pipeline.models import ChangeKind
from pipeline.values import Struct, as_dict

Proof = Literal["unknown", "works", "fails"]

FORMAT = 1
_log = logging.getLogger(__name__)


class ServerTraits(Struct):
    """What was seen. Everything is unknown at first; sizes count entries of one request, 0 means not seen yet.

    `shows_writes`: a search finds a contact as soon as its create is answered. `batch_create`, `batch_update`: the
    batch call does what it is asked to, proved by reading back. `batch_size` is the largest batch that was proved,
    `batch_refused` the smallest that was refused for its size. `batch_drops` are the parts of a contact that a batch
    does not carry, such as `custom`. `single_create`, `single_update`: the first single writes of each kind read back
    as sent. `status_touches`, `channel_touches`: a change of the status, or of a channel, raises `updated`.
    `search_size` is the largest search that was answered in full, `search_refused` the smallest that was too much:
    refused, or looked at in part.
    """

    shows_writes: Proof = "unknown"
    single_create: Proof = "unknown"
    single_update: Proof = "unknown"
    single_delete: Proof = "unknown"
    batch_create: Proof = "unknown"
    batch_update: Proof = "unknown"
    batch_size: int = 0
    batch_refused: int = 0
    batch_drops: tuple[str, ...] = ()
    batch_reason: str = ""
    search_size: int = 0
    search_refused: int = 0
    status_touches: Proof = "unknown"
    channel_touches: Proof = "unknown"

    def single(self, kind: ChangeKind) -> Proof:
        """Whether single writes of this kind were proved."""
        match kind:
            case ChangeKind.CREATE:
                return self.single_create
            case ChangeKind.UPDATE:
                return self.single_update
            case ChangeKind.DELETE:
                return self.single_delete

    def batch(self, kind: ChangeKind) -> Proof:
        """Whether batches of this kind were proved."""
        return self.batch_create if kind is ChangeKind.CREATE else self.batch_update

    def describe(self) -> dict[str, str]:
        """Return what is known in words, by the name that a person sees; empty when nothing is known."""
        known = {
            "search shows fresh writes": _YES_NO.get(self.shows_writes, ""),
            "single creates": _PROVED.get(self.single_create, ""),
            "single updates": _PROVED.get(self.single_update, ""),
            "deletions": _PROVED.get(self.single_delete, ""),
            "batch creates": _PROVED.get(self.batch_create, ""),
            "batch updates": _PROVED.get(self.batch_update, ""),
            "largest batch proved": f"{self.batch_size} contacts" if self.batch_size else "",
            "batches refused from": f"{self.batch_refused} contacts" if self.batch_refused else "",
            "a batch does not carry": ", ".join(self.batch_drops),
            "why not by batch": self.batch_reason,
            "a new status raises updated": _YES_NO_PLAIN.get(self.status_touches, ""),
            "a new channel raises updated": _YES_NO_PLAIN.get(self.channel_touches, ""),
            "largest search answered": f"{self.search_size} phones" if self.search_size else "",
            "searches too large from": f"{self.search_refused} phones" if self.search_refused else "",
        }
        return {name: text for name, text in known.items() if text}


_PROVED: Mapping[str, str] = {"works": "proved", "fails": "do not work here; single requests are used"}
_YES_NO_PLAIN: Mapping[str, str] = {"works": "yes", "fails": "no"}
_YES_NO: Mapping[str, str] = {"works": "yes", "fails": "no, only after a while"}


class TraitStore:
    """The traits of one account in a file. A damaged file, or one of another version, counts as not there."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._saved: dict[str, Any] = {}

    def load(self) -> ServerTraits:
        """Return what is remembered, or traits that know nothing."""
        if self._path is None:
            return ServerTraits()
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
            traits = jsontext.convert(found, ServerTraits)
        except FileNotFoundError:
            return ServerTraits()
        except (OSError, ValueError) as error:
            _log.warning("what was learned about this account cannot be read (%s), so it is learned anew", error)
            return ServerTraits()
        if found.get("format") != FORMAT:
            return ServerTraits()
        self._saved = as_dict(traits)
        return traits

    def save(self, traits: ServerTraits) -> None:
        """Remember the traits. If the disk refuses, the next run learns them anew."""
        known = as_dict(traits)
        if self._path is None or known == self._saved:
            return
        beside = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside.touch(mode=0o600)
            beside.write_text(json.dumps({"format": FORMAT, **known}, indent=2) + "\n", encoding="utf-8")
            beside.replace(self._path)
        except OSError as error:
            _log.warning("what was learned about this account cannot be remembered: %s", error)
        else:
            self._saved = known

    def forget(self) -> bool:
        """Drop what is remembered; whether there was anything."""
        if self._path is None or not self._path.exists():
            return False
        self._path.unlink()
        return True
