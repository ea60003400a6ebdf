"""Bring contacts back to what they are in a snapshot."""

import contextlib
from datetime import datetime
from functools import partial

from pipeline.account import Account
from pipeline.errors import InputError, Interrupted
from pipeline.heymarket import HeymarketClient
from pipeline.jobs._attempt import Attempt, Opened, carry_through, fingerprint
from pipeline.jobs._ending import Ending
from pipeline.jobs._reversal import plan_reversal
from pipeline.models import Contact, OnExisting, Reject
from pipeline.planner import Policy
from pipeline.reader.tables import Source
from pipeline.resolver import Resolver
from pipeline.results import ReversalPlan, RunSummary
from pipeline.reversal import RESTORE, ListIntake
from pipeline.reversal.restore import ChosenFields, IdMapping, Matching, NamedContacts, RestoreStaging
from pipeline.runs.journal import Journal, RunFacts
from pipeline.signals import Progress, StopSwitch
from pipeline.snapshots import OptOuts, Snapshot, Store, find_snapshot, newer_than, open_store, readable
from pipeline.values import Struct, replace

_LINES_NAMED = 10
"""So many lines of a list that cannot be read are named in an error."""


class RestoreJob(Struct, frozen=True):
    """One restore of a snapshot. `only` is a list of the phones or IDs that are wanted, None for all contacts.

    `other_account`: the snapshot may be of another account; then its IDs mean nothing there. `assume_subscribed` and
    `match_phone` are as for `pipeline.reversal.restore.Matching`. `at` is a point in time, instead of a `place`.
    `fields` are names of those that are restored, none for all; then nobody is made anew.
    """

    account: Account
    place: str
    only: Source | None = None
    other_account: bool = False
    assume_subscribed: bool = False
    match_phone: bool = False
    at: datetime | None = None
    fields: tuple[str, ...] = ()

    @property
    def policy(self) -> Policy:
        """What the planner is to do: an older no counts, too, unless the snapshot alone is to say."""
        if self.fields:
            return Policy(OnExisting.MERGE, tags="replace", may_create=False)
        return replace(RESTORE, allow_opt_in=self.assume_subscribed)

    def opened(self, progress: Progress) -> Snapshot:
        """Open the snapshot. Raises InputError, also where it is of another account, and StorageFailed."""
        store = open_store(self.account.settings.paths.snapshots)
        snapshot = self._newest_at(self.at, store) if self.at else find_snapshot(self.place, store)
        if not (self.other_account or self._is_ours(snapshot)):
            raise InputError(
                f"The snapshot {snapshot.where} is of another account, or was made with another credential."
                " Nothing was sent.",
                advice="Use the settings and credentials of that account, or say --into-other-account: contacts are"
                " then matched by phone only, fields and tags by their titles.",
            )
        if not snapshot.manifest.complete:
            progress.say(f"The snapshot is partial ({snapshot.manifest.reason}): what it lacks is not restored.")
        return snapshot

    def _newest_at(self, at: datetime, store: Store) -> Snapshot:
        """Return the newest complete snapshot of the account that was begun by then. Raises InputError."""
        ours = (each for each in readable(store) if each.manifest.complete and self._is_ours(each))
        if found := next((each for each in ours if each.manifest.moment <= at), None):
            return found
        raise InputError(
            f"There is no complete snapshot of this account from {at:%Y-%m-%d %H:%M} UTC or before. Nothing was sent.",
            advice="'hmpipe snapshots list' shows what there is.",
        )

    async def restoring(
        self, snapshot: Snapshot, client: HeymarketClient, stop: StopSwitch, progress: Progress
    ) -> RestoreStaging:
        """Return how the snapshot is to be restored into the account of `client`. Raises PipelineError."""
        same = not self.other_account and self._is_ours(snapshot)
        ids = await IdMapping.between(snapshot, client, same_account=same)
        only = await self._named(self.only, client, stop, progress) if self.only else None
        newer = partial(self._newer_opt_outs, snapshot, stop, progress)
        matching = Matching(snapshot, client, ids, same, newer, self.assume_subscribed, self.match_phone)
        return RestoreStaging(matching, only, ChosenFields.of(self.fields, snapshot, ids) if self.fields else None)

    def fingerprint(self, snapshot: Snapshot, restoring: RestoreStaging) -> str:
        """Return what an interrupted restore is known again by."""
        only = restoring.only.content if restoring.only else None
        flags = (self.other_account, self.assume_subscribed, self.match_phone, *sorted(self.fields))
        return fingerprint(self.account.key, "restore", snapshot.manifest_sha256, only, *flags)

    def _is_ours(self, snapshot: Snapshot) -> bool:
        return f"({self.account.key[:8]})" in snapshot.manifest.account

    async def _named(
        self, source: Source, client: HeymarketClient, stop: StopSwitch, progress: Progress
    ) -> NamedContacts:
        settings = self.account.settings
        intake = ListIntake(client, source, settings.imports, stop, settings.limits.concurrency)
        rows = await intake.read_names(progress)
        if bad := [row for row in rows if isinstance(row, Reject)]:
            more = f" and {len(bad) - _LINES_NAMED:,} more" if len(bad) > _LINES_NAMED else ""
            lines = ", ".join(str(row.line) for row in bad[:_LINES_NAMED])
            raise InputError(
                f"{len(bad):,} rows of {source.name} hold no phone, ID, address or UUID (line {lines}{more})."
                " Nothing was sent.",
                advice='Mend them, or take them out. Contact IDs need a line that says "id" above them.',
            )
        return NamedContacts.of(row for row in rows if isinstance(row, Contact))

    def _newer_opt_outs(self, snapshot: Snapshot, stop: StopSwitch, progress: Progress) -> OptOuts:
        """Return who is opted out by what newer snapshots of the same account say, and by phone of this account's.

        Raises StorageFailed, and Interrupted when asked to stop.
        """
        stores = [open_store(self.account.settings.paths.snapshots)]
        if stores[0].where(snapshot.name) != snapshot.where and not _holds(stores[0], snapshot):
            stores.append(snapshot.store)
        known = OptOuts()
        for store in stores:
            newer, unreadable = newer_than(snapshot, store)
            known.unreadable += unreadable
            for each in newer:
                if stop.requested:
                    raise Interrupted("Stopped while looking; nothing was sent.")
                if _account_of(each) == _account_of(snapshot):
                    known.add(each)
                elif self._is_ours(each):
                    known.add(each, by_phone_only=True)
        for place in known.unreadable:
            progress.say(f"The newer snapshot {place} cannot be read: whether it knows of more opt-outs is not known.")
        return known


def _account_of(snapshot: Snapshot) -> str:
    """Return what a snapshot's account is known by: the name before it may have been changed in the settings."""
    return snapshot.manifest.account.rpartition("(")[2]


def _holds(store: Store, snapshot: Snapshot) -> bool:
    """Whether a store has this very snapshot: two that were begun in one second may share their name."""
    with contextlib.suppress(InputError):
        return Snapshot(store, snapshot.name).manifest_sha256 == snapshot.manifest_sha256
    return False


async def plan_restore(job: RestoreJob, progress: Progress) -> ReversalPlan:
    """Say what a restore would do now; reads the account and writes nothing. Raises PipelineError."""
    snapshot = job.opened(progress)

    async def stage(client: HeymarketClient, journal: Journal, stop: StopSwitch) -> None:
        restoring = await job.restoring(snapshot, client, stop, progress)
        await restoring.stage(journal, Resolver(client), stop, progress)

    return await plan_reversal(job.account, "restore", snapshot.name, stage, progress, policy=job.policy)


async def run_restore(job: RestoreJob, progress: Progress) -> RunSummary:
    """Bring the contacts of an account to what they are in a snapshot, and prove it.

    Contacts that are not in the snapshot stay as they are. Raises UsageProblem; every other end is in the summary.
    """
    return await carry_through(
        job.account, Ending("restore", job.place or f"{job.at}", progress), partial(_restore, job)
    )


async def _restore(job: RestoreJob, opened: Opened) -> None:
    client, stop, progress = opened.client, opened.stop, opened.progress
    snapshot = job.opened(progress)
    restoring = await job.restoring(snapshot, client, stop, progress)
    known_by = job.fingerprint(snapshot, restoring)
    run = opened.go_on(known_by)
    if run is None:
        titles = {f"custom.{each.id}": each.title for each in await client.list_custom_fields()}
        run = opened.begin(RunFacts(source=snapshot.name, fingerprint=known_by, field_names=titles))
        await restoring.stage(run.journal, Resolver(client), stop, progress)
    attempt = Attempt(opened, run, job.policy)
    await attempt.check_brakes()
    await attempt.upload()
