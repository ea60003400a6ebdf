"""Two snapshots compared in what was asked beside the list: only what both know can have changed."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from pipeline.models import Status
from pipeline.snapshots import Details, Draft, DraftFacts, differences_between, open_snapshot
from pipeline.values import replace
from tests.snapshots.drafts import published

ONE = b'[{"id": 10, "phone": "14155550110"%s}]'

flags = some.none() | some.booleans()
told = some.none() | some.builds(
    Details,
    some.just(10),
    some.just("14155550110"),
    some.none() | some.lists(some.sampled_from([("phone", "1"), ("email", "a")]), max_size=2, unique=True).map(tuple),
    some.none() | some.builds(Status, flags, flags, flags, flags),
)


def snapshot(folder: Path, details: Details | None, shown: bytes = b"") -> Path:
    draft = Draft.create(folder, DraftFacts("main", "api.test"))
    draft.note(replace(draft.facts, detail="full", detailed="all"))
    draft.keep_details([details] if details else [])
    return published(draft, page=ONE % shown)


def known(details: Details | None) -> dict[str, object]:
    if details is None:
        return {}
    status = details.status or Status()
    everything = {
        "channels": None if details.channels is None else {*details.channels},
        "is_opted_out": status.unsubscribed,
        "blocked": status.blocked,
        "unsubscribed_by": None
        if status.by_admin is None and status.by_contact is None
        else (bool(status.by_admin), bool(status.by_contact)),
    }
    return {name: held for name, held in everything.items() if held is not None}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told, told)
def test_what_both_know_and_is_another_is_a_change(tmp_path: Path, old: Details | None, new: Details | None) -> None:
    before, after = (open_snapshot(snapshot(tmp_path, each)) for each in (old, new))
    found = {name for each in differences_between(before, after) for name, _, _ in each.fields}
    first, second = known(old), known(new)
    assert found == {name for name in first.keys() & second.keys() if first[name] != second[name]}


def test_ids_and_stamps_of_channels_are_no_change(tmp_path: Path) -> None:
    channel = b', "contact_channels": [{"id": %d, "channel_type": "phone", "channel_id": "%d"}]'
    old = open_snapshot(snapshot(tmp_path, None, channel % (1, 14155550110)))
    same = open_snapshot(snapshot(tmp_path, None, channel % (2, 14155550110)))
    other = open_snapshot(snapshot(tmp_path, None, channel % (1, 14155550111)))
    assert [each.kind for each in differences_between(old, same)] == ["touched"]
    assert [each.fields for each in differences_between(old, other)] == [
        (("channels", "phone 14155550110", "phone 14155550111"),)
    ]
    asked = open_snapshot(snapshot(tmp_path, Details(10, "14155550110", (("phone", "14155550110"),))))
    assert [each.kind for each in differences_between(asked, old)] == ["touched"], "asked before, shown by the list now"
