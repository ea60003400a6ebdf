"""People who were forgotten are known again, and by nobody without the key."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import StorageFailed
from pipeline.state import ErasedPeople

CHANNELS = st.tuples(st.sampled_from(["phone", "email", "whatsapp"]), st.text(min_size=1, max_size=12))


@given(st.lists(CHANNELS, min_size=1, max_size=6), st.lists(CHANNELS, max_size=6))
def test_law_whoever_was_added_is_known_however_it_is_written(
    tmp_path_factory: pytest.TempPathFactory, added: list[tuple[str, str]], others: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("erased") / "a.erased"
    ErasedPeople(path).add(added)
    again = ErasedPeople(path)
    for channel in added:
        assert again.know([channel])
        assert again.know([*others, channel])
    assert ErasedPeople(path.with_name("other.erased")).know(added) is False


def test_phones_and_addresses_are_known_in_other_writings(tmp_path: Path) -> None:
    people = ErasedPeople(tmp_path / "a.erased")
    people.add([("phone", "14155550101"), ("email", "Ann@Example.com")])
    assert people.know([("phone", "+1 415 555 0101")])
    assert people.know([("email", " ann@example.COM ")])
    assert not people.know([("phone", "14155550102"), ("email", "")])


def test_nothing_is_known_without_a_place_and_a_lost_key_is_said(tmp_path: Path) -> None:
    ErasedPeople(None).add([("phone", "1")])
    assert not ErasedPeople(None).know([("phone", "1")])
    people = ErasedPeople(tmp_path / "a.erased")
    people.add([("phone", "14155550101")])
    Path(f"{tmp_path / 'a.erased'}.key").unlink()
    with pytest.raises(StorageFailed, match="who was forgotten"):
        ErasedPeople(tmp_path / "a.erased").know([("phone", "14155550101")])
