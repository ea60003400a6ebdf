"""Traits: names, values and the sentences for wrong ones."""

import pytest

from pipeline.sandbox import Traits


def test_traits_are_read_from_texts_of_every_type() -> None:
    traits = Traits.parse(["batch_answer=ok", "opt_out_readable=true", "page_default = 7", "page_base=1"])
    assert (traits.batch_answer, traits.opt_out_readable, traits.page_default, traits.page_base) == ("ok", True, 7, 1)
    assert [Traits.parse([f"uuid_readable={word}"]).uuid_readable for word in ("false", "v2", "TRUE")] == [
        False,
        "v2",
        True,
    ]


def test_what_is_not_named_stays_as_in_the_base() -> None:
    base = Traits(cursor="inclusive")
    assert Traits.parse(["direction=oldest"], base) == Traits(cursor="inclusive", direction="oldest")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("batch_answer", "name=value"),
        ("batch_anser=ok", "no trait 'batch_anser'"),
        ("batch_answer=maybe", "Allowed: contacts, failed, ok"),
        ("opt_out_readable=1", "Allowed: true, false"),
        ("uuid_readable=v1", "Allowed: false, v2, true"),
        ("page_default=many", "a whole number from 0 up"),
        ("page_default=-1", "a whole number from 0 up"),
        ("page_base=2", "Allowed: 0, 1"),
    ],
)
def test_a_wrong_trait_is_refused_with_what_is_allowed(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Traits.parse([text])


def test_a_flag_is_no_number_and_a_number_no_flag() -> None:
    with pytest.raises(ValueError, match="page_max"):
        Traits.from_mapping({"page_max": True})
    with pytest.raises(ValueError, match="honours_page"):
        Traits.from_mapping({"honours_page": 1})


def test_every_trait_has_a_meaning_and_accepts_each_of_its_values() -> None:
    for info in Traits.describe():
        assert info.doc
        for value in info.allowed or (0, 5):
            assert getattr(Traits.parse([f"{info.name}={value}"]), info.name) == value
