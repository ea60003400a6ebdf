"""Whole names come apart the right way round; what is no person's name is not torn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.transforms import apply_steps, is_splittable, read_steps

FIRST = ("Ann", "Mary Jane", "José", "María José", "Jean-Luc", "Hans", "Siân", "Łukasz", "Åsa", "Nguyễn", "Bob J.")
LAST = ("Lee", "O'Neil", "van Beethoven", "de la Cruz", "García", "von der Heide", "Müller", "Żuk", "St. John", "Ma")
TITLES = ("Dr.", "Mr.", "Mrs", "Prof. Dr.", "Herr", "Frau Dr.", "Mme", "Sra.", "Sr.", "Signora", "Dott.", "Mevrouw")
SUFFIXES = ("Jr.", "Sr.", "III", "PhD", "M.D.", "Esq.", "MBA")


def split(text: str) -> tuple[str, str]:
    given_, family = (apply_steps(read_steps(step), text, {}) for step in ("given_name", "family_name"))
    return str(given_), str(family)


@given(st.sampled_from(FIRST), st.sampled_from(LAST))
def test_a_comma_turns_a_name_round(first: str, last: str) -> None:
    assert split(f"{last}, {first}") == split(f" {last} ,  {first} ") == (first, last)


@given(st.sampled_from(FIRST), st.sampled_from(LAST), st.sampled_from(TITLES), st.sampled_from(SUFFIXES))
def test_titles_and_suffixes_are_no_names(first: str, last: str, title: str, suffix: str) -> None:
    expected = split(f"{last}, {first}")
    for text in (f"{last}, {title} {first}", f"{last} {suffix}, {first}", f"{last}, {first}, {suffix}"):
        assert split(text) == expected
    for text in (f"{title} {first} {last}", f"{first} {last} {suffix}", f"{title} {first} {last}, {suffix}"):
        assert split(text) == split(f"{first} {last}")
        assert " ".join(split(text)) == f"{first} {last}"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Bob J. Ray Jr.", ("Bob J.", "Ray")),
        ("Ludwig van Beethoven", ("Ludwig", "van Beethoven")),
        ("Beethoven, Ludwig van", ("Ludwig", "van Beethoven")),
        ("María José García López", ("María José", "García López")),
        ("João Silva Filho", ("João", "Silva Filho")),
        ("Van Morrison", ("Van", "Morrison")),
        ("Cher", ("Cher", "")),
        ("Lee,", ("Lee", "")),
        ("Mr. Lee", ("", "Lee")),
        ("Don Juan", ("Juan", "")),
        ("李小龙", ("李小龙", "")),
        ("", ("", "")),
    ],
)
def test_names_of_other_forms(text: str, parts: tuple[str, str]) -> None:
    assert split(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        *("Acme Plumbing Supply Co", "Smith, Inc.", "Müller GmbH", "Ann & Bob Lee", "Ann and Bob Lee"),
        *("Dupont SARL", "Construcciones Ruiz S.L.", "Rossi S.p.A.", "De Vries B.V.", "Nowak Sp. z o.o."),
        *("ann@example.com", "Suite 12", "First Baptist Church", "Lee Family Foundation", "Austin, TX, USA"),
        "Svensson AB",
    ],
)
def test_what_is_no_single_person_stays_whole(text: str) -> None:
    assert split(text) == (text, "")
    assert not is_splittable(text)


@given(st.text(alphabet="abZé .,-'&\t1", max_size=40))
def test_nothing_is_invented(text: str) -> None:
    assert set("".join(split(text))) <= set(text) | {" "}
