"""E-mail addresses: the quick test never accepts what the library refuses, and a column is judged as its cells are."""

import csv
import random
import subprocess
import sys

import email_validator
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.reader.mapping._emails import bad_emails
from tests.shared_data import shared_file

GOOD = [
    "ada@example.com",
    "Ada.King+sms@mail.example.co.uk",
    "o'brien_{x}@sub-domain.example.org",
    "1@1.example.net",
    "a@b.example",
    "sales@xn--bcher-kva.example",
    "ada@\u212a.\u212a\u017f",
    "j\u00fcrgen@b\u00fccher.example",
    f"{'a' * 64}@example.com",
    f"a@{'b' * 63}.com",
    f"a@{'.'.join(['b' * 49] * 4)}.{'c' * 52}",
]
BAD = [
    "",
    "ada",
    "@example.com",
    "ada@",
    "ada@example",
    "ada@@example.com",
    "ada@example.com ",
    "ada king@example.com",
    "ada@example.com, bob@example.com",
    "Ada <ada@example.com>",
    '"ada king"@example.com',
    ".ada@example.com",
    "ada.@example.com",
    "ada..king@example.com",
    "ada@.example.com",
    "ada@example..com",
    "ada@example.com.",
    "ada@-example.com",
    "ada@example-.com",
    "ada@example.c0",
    "ada@ab--cd.com",
    "ada@xn--a.com",
    "ada@localhost",
    "ada@mail.localhost",
    "ada@EXAMPLE.TEST",
    "ada@crm.invalid",
    "ada@printer.local",
    "ada@[127.0.0.1]",
    "ada@192.168.0.1",
    "ada@exa_mple.com",
    "ada\n@example.com",
    "ada@example.com\n",
    "ada@example.com\nbob@example.com",
    "ada\0@example.com",
    "ada\ud800@example.com",
    f"a@{'b' * 64}.com",
    f"a@{'.'.join(['b' * 49] * 4)}.{'c' * 53}",
    "a" * 100_000,
    f"{'a' * 100_000}@example.com",
]


def check_email(text: str) -> str | None:
    """What is wrong with one address."""
    return bad_emails([text]).get(0)


def accepted_by_library(text: str) -> bool:
    try:
        email_validator.validate_email(text, check_deliverability=False)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("text", GOOD)
def test_good_addresses_have_no_reason(text: str) -> None:
    assert accepted_by_library(text)
    assert check_email(text) is None


@pytest.mark.parametrize("text", BAD, ids=lambda text: repr(text[:40]))
def test_bad_addresses_have_one(text: str) -> None:
    assert not accepted_by_library(text[:1000])
    reason = check_email(text)
    assert reason
    assert reason.startswith("this is not an e-mail address: ")
    assert "\n" not in reason
    assert not reason.endswith(".")


def test_the_reason_says_what_is_wrong() -> None:
    said = "this is not an e-mail address: "
    assert check_email("ada") == f"{said}an email address must have an @-sign"
    assert check_email("a" * 300) == f"{said}it has 300 characters, an address at most 254"


def test_a_column_is_judged_as_its_cells_are() -> None:
    cells = [text for bad in BAD for text in (*GOOD, bad)]
    assert bad_emails(cells) == {place: check_email(text) for place, text in enumerate(cells) if text in BAD}
    assert bad_emails(BAD) == {place: check_email(text) for place, text in enumerate(BAD)}
    assert bad_emails(GOOD) == {}
    assert bad_emails([]) == {}


@given(st.lists(st.sampled_from(GOOD + BAD) | st.text(st.sampled_from("ab@.\n\r\u2028"), max_size=8), max_size=8))
def test_any_column_is_judged_as_its_cells_are(cells: list[str]) -> None:
    reasons = {place: check_email(text) for place, text in enumerate(cells)}
    assert bad_emails(cells) == {place: reason for place, reason in reasons.items() if reason}


ATOMS = st.text(st.sampled_from("aZ09!#$%&'*+/=?^_`{|}~-.. \""), max_size=12) | st.integers(60, 68).map("a".__mul__)
LABELS = (
    st.text(st.sampled_from("aZz09--"), max_size=6)
    | st.integers(55, 66).map("b".__mul__)
    | st.sampled_from(["xn--", "xn--bcher-kva", "ab--c", "com", "\u00fc", "\u212a", "\u017f"])
)
TOPS = st.sampled_from([*email_validator.SPECIAL_USE_DOMAIN_NAMES, "com", "example", "co", "c", "x1", "Test", "LOCAL"])


@given(ATOMS, st.lists(LABELS, max_size=6), LABELS | TOPS)
@example("a" * 64, ["b" * 63, "c" * 63], "d" * 59)
@example("a" * 64, ["b" * 63, "c" * 63], "d" * 60)
def test_it_says_what_the_library_says(local: str, labels: list[str], top: str) -> None:
    text = f"{local}@{'.'.join([*labels, top])}"
    assert (check_email(text) is None) == accepted_by_library(text)
    assert (bad_emails(["a@example.com", text]) == {}) == accepted_by_library(text)


@given(st.text() | st.text().map("a@{}.com".format) | st.text().map("{}@example.com".format))
def test_it_says_what_the_library_says_of_any_text(text: str) -> None:
    assert (check_email(text) is None) == accepted_by_library(text)


def test_it_says_what_the_library_says_of_many_addresses() -> None:
    # Addresses as people have them, each broken a little: near the border is where two tests would disagree.
    draw = random.Random(20)  # noqa: S311 - no secret
    locals_ = ["ada", "ada.king", "a-k", "o'brien", "a+b", "x_1", "a" * 63, "a" * 64, "a" * 65]
    tops = [*email_validator.SPECIAL_USE_DOMAIN_NAMES, "com", "org", "co.uk", "museum", "b" * 63]
    for _ in range(4_000):
        text = (
            f"{draw.choice(locals_)}@{draw.choice(['example', 'sub-1.example', '1.2', 'd' * 62])}.{draw.choice(tops)}"
        )
        for _ in range(draw.randrange(3)):
            place = draw.randrange(len(text) + 1)
            text = (
                text[:place] + draw.choice(["", "", ".", "-", "--", "@", " ", "\u00e9", "A", "9"]) + text[place + 1 :]
            )
        assert (check_email(text) is None) == accepted_by_library(text), text


def test_the_library_is_not_loaded_for_usual_addresses() -> None:
    program = (
        "import sys; from pipeline.reader.mapping._emails import bad_emails;"
        "assert bad_emails(['ada@example.com', 'bob@example.org']) == {};"
        "assert 'email_validator' not in sys.modules;"
        "assert bad_emails(['ada']) and 'email_validator' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_the_addresses_of_a_real_export_are_good() -> None:
    # Latin-1 and real domains: nothing is sent, and nothing is looked up.
    with shared_file("a_chinook_customer_latin1.csv").open(encoding="latin-1", newline="") as file:
        cells = [row["Email"] for row in csv.DictReader(file)]
    assert len(cells) == 59
    assert bad_emails(cells) == {}
