"""Look at the account: its key, how its service behaves, its custom fields."""

from pipeline.account import Account
from pipeline.jobs._examine import examine
from pipeline.models import CustomField
from pipeline.results import DoctorReport
from pipeline.state import TraitStore, UnverifiableWrites, traits_path, unverifiable_path


async def run_doctor(
    account: Account, *, forget_traits: bool = False, forget_unverifiable: bool = False
) -> DoctorReport:
    """Say how this account's service was seen to behave; reads only.

    `forget_traits` drops what imports learned, `forget_unverifiable` what they wrote and cannot read back.
    """
    if forget_unverifiable:
        UnverifiableWrites(unverifiable_path(account.key)).forget()
    store = TraitStore(traits_path(account.key))
    if forget_traits:
        store.forget()
    async with account.client() as client:
        return await examine(client, store.load())


async def list_fields(account: Account) -> tuple[CustomField, ...]:
    """Return the account's custom fields. Raises PipelineError."""
    async with account.client() as client:
        return await client.list_custom_fields()
