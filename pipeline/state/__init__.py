"""What outlives a run on this machine: the lock, learned behaviour, writes that cannot be verified, who said no."""

from pipeline.state._consents import ConsentBook, Said, Standing
from pipeline.state._erased import ErasedPeople
from pipeline.state._lock import account_lock
from pipeline.state._places import (
    account_key,
    consents_path,
    drafts_folder,
    drafts_root,
    erased_path,
    find_erased,
    limits_folder,
    traits_path,
    unverifiable_path,
    verified_path,
)
from pipeline.state._traits import ServerTraits, TraitStore
from pipeline.state._unverifiable import (
    NOTE_FIELDS,
    UnverifiableWrites,
    find_unseen,
    take_picture_as_written,
    was_not_opted_out,
    was_opted_out,
)

__all__ = [
    "NOTE_FIELDS",
    "ConsentBook",
    "ErasedPeople",
    "Said",
    "ServerTraits",
    "Standing",
    "TraitStore",
    "UnverifiableWrites",
    "account_key",
    "account_lock",
    "consents_path",
    "drafts_folder",
    "drafts_root",
    "erased_path",
    "find_erased",
    "find_unseen",
    "limits_folder",
    "take_picture_as_written",
    "traits_path",
    "unverifiable_path",
    "verified_path",
    "was_not_opted_out",
    "was_opted_out",
]
