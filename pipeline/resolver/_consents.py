"""What was said before about being texted, heeded when a row is decided.

Source: docs/policies.md, section Known opt-outs.
"""

from pipeline.models import Contact, OnExisting, Record
from pipeline.planner import Policy
from pipeline.state import ConsentBook, Said
from pipeline.values import Struct, replace

CAME_BACK = "came_back"
"""The note of contacts that may be texted at the service although an older no is known."""

KEPT_BACK = "came_back_kept"
SILENCED_BACK = "came_back_opted_out"
LISTED = "opted_out_by_list"
SILENCED_AGAIN = "opted_out_again"

_SAYS_NO = {"is_opted_out": True}


class Heeding(Struct, frozen=True):
    """Heeds what a consent book knows. What the service shows about opt-outs is kept in it."""

    book: ConsentBook

    def see(self, phone: str, *, is_opted_out: bool | None) -> None:
        """Keep that the service shows a contact as opted out."""
        if is_opted_out:
            self.book.see(Said(phone, "no", "service"))

    def needs_state(self, contact: Contact, policy: Policy) -> bool:
        """Whether it must be known if the contact is opted out at the service."""
        return _brings_back(contact, policy) or (_speaks(contact, policy) and self.book.standing(contact.phone).is_no)

    def make(self, contact: Contact, policy: Policy) -> Contact:
        """Return a contact that is to be made, opted out where that was said before.

        A row that says it may be texted counts where opt-ins are allowed, but not against a do-not-contact list.
        """
        says = contact.fields.get("is_opted_out")
        if says is True or not policy.may_create or contact.to_delete:
            return contact
        standing = self.book.standing(contact.phone)
        allows = says is False and policy.allow_opt_in and not standing.listed
        if not standing.is_no or allows:
            return contact
        return _opted_out(contact, LISTED if standing.listed else "opt_out_recalled")

    def update(self, contact: Contact, record: Record, policy: Policy) -> tuple[Contact, Policy]:
        """Return what a contact that is there is to be, and under which policy.

        One on a do-not-contact list is opted out under every policy. One that may be texted although an older no is
        known came back, by its own word or somebody's: it is reported, or what `came_back` says.
        """
        if not _speaks(contact, policy):
            is_silenced = _brings_back(contact, policy) and record.is_opted_out is False
            return (_noted(contact, SILENCED_AGAIN) if is_silenced else contact), policy
        standing = self.book.standing(contact.phone)
        if standing.listed:
            if record.is_opted_out and contact.fields.get("is_opted_out") is None:
                return contact, policy
            return self._silence(contact, record, policy, LISTED)
        allows = contact.fields.get("is_opted_out") is False and policy.allow_opt_in
        if standing.no is None or record.is_opted_out is not False or allows:
            return contact, policy
        if policy.came_back == "opt_out":
            return self._silence(contact, record, policy, SILENCED_BACK)
        return _noted(contact, KEPT_BACK if policy.came_back == "keep" else CAME_BACK), policy

    def _silence(self, contact: Contact, record: Record, policy: Policy, note: str) -> tuple[Contact, Policy]:
        if policy.on_existing is not OnExisting.SKIP:
            return _opted_out(contact, note), policy
        if record.is_opted_out:
            return contact, policy
        # Nothing else of a row whose contact is to be left alone.
        alone = replace(contact, fields={}, custom={}, tags=None, lists=(), channels=())
        return _opted_out(alone, note), replace(policy, on_existing=OnExisting.MERGE)


def _speaks(contact: Contact, policy: Policy) -> bool:
    """Whether a row is about a living contact and does not say no by itself."""
    return policy.came_back is not None and not contact.to_delete and contact.fields.get("is_opted_out") is not True


def _brings_back(contact: Contact, policy: Policy) -> bool:
    """Whether a row brings an opt-out back, as an undo and a restore do."""
    brings = policy.came_back is None and policy.may_create
    return brings and not contact.to_delete and contact.fields.get("is_opted_out") is True


def _opted_out(contact: Contact, note: str) -> Contact:
    refused = ("opt_in_refused",) if contact.fields.get("is_opted_out") is False else ()
    notes = tuple(dict.fromkeys((*contact.notes, note, *refused)))
    return replace(contact, fields={**contact.fields, **_SAYS_NO}, notes=notes)


def _noted(contact: Contact, note: str) -> Contact:
    return replace(contact, notes=tuple(dict.fromkeys((*contact.notes, note))))
