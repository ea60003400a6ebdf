"""The settings file that is proposed can be used as it is, whatever the headers are."""

import re
import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.reader.mapping import plan_columns
from pipeline.reader.proposal import proposal_text, propose, settings_text
from pipeline.settings import ImportSettings
from tests.conftest import examples

HEADERS = st.lists(
    st.text(max_size=8)
    | st.sampled_from(["Phone", "First Name", "E-mail", "Tags", 'a"b', "x\\y", "\U0001f525", "\udce9"]),
    min_size=1,
    max_size=7,
)


@settings(deadline=None, max_examples=examples(60))
@given(HEADERS)
def test_law_any_headers_give_settings_that_find_their_columns(headers: list[str]) -> None:
    rows = [[f"(415) 555-01{number:02}" for _ in headers] for number in range(3)]
    proposal = propose(headers, rows)
    text = settings_text(proposal, source_name="any\nname.csv", read={"encoding": "cp1252", "header": 3})
    loaded = tomllib.loads(text)
    assert loaded["import"]["header"] == 3
    mapped = loaded["import"]["columns"]
    assert len(mapped) == sum(column.target is not None for column in proposal.columns)
    if proposal.phones:
        plan_columns(headers, ImportSettings.model_validate(loaded["import"]))


def test_it_is_commented_and_shows_what_could_be_mapped_too() -> None:
    proposal = propose(["Phone", "Company", "Fax"], [["(415) 555-0132", "Acme", "x"]])
    text = settings_text(proposal, source_name="people.csv", read={})
    assert '"Phone" = "phone"                    # sure: its name says phone, and 100% of its cells are valid' in text
    assert '# "Company" = { custom = "Company" }' in text
    assert '# "Fax": its name says fax, which cannot be texted' in text


def test_a_person_sees_where_every_column_goes() -> None:
    proposal = propose(["Phone", "Name", "Company"], [["(415) 555-0132", "Ada Lovelace", "Acme"]])
    text = proposal_text(proposal, "people.csv", "hmpipe.toml")
    assert re.search(r"Phone +-> phone +sure +its name says phone", text)
    assert re.search(r"Name +-> first \+ last +likely", text)
    assert "custom fields, if the account has them: Company" in text
    assert "Settings: hmpipe.toml." in text
