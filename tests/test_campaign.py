"""Imports under fire, judged by the account's own state: a small draw here, a large one in `make bench`."""

import pytest

from tests.campaign import Account, Case, draw_case, run_cases

SEEDS = (1, 4, 9, 14, 19, 22, 105, 106, 1007, 1033, 1077)
"""Drawn once, and kept for what they met: twins made by a batch, batches too large, lost answers, slow ones, kills,
parts that a batch blanked before its answer was lost."""


@pytest.mark.service
@pytest.mark.timeout(240)
def test_nothing_is_lost_doubled_wrong_opted_in_or_touched_without_cause() -> None:
    verdicts = list(run_cases([draw_case(seed, kills=4) for seed in SEEDS], at_once=len(SEEDS)))
    assert sum(verdict.kills for verdict in verdicts) >= 10
    for verdict in verdicts:
        assert not verdict.wrong, f"{verdict.case}: {verdict.wrong[:5]}"


def test_the_judge_sees_what_is_wrong() -> None:
    account = Account(Case(7))
    assert len(list(account.judge())) > 50, "nothing was imported yet"
    untouched = [phone for phone in account.before if phone not in {row["Phone"][1:] for row in account.rows}]
    lost, doubled, relaxed = untouched[:3]
    account.sandbox.add_contact(doubled, first="Twin")
    del account.before[lost]
    account.before[relaxed][0]["is_opted_out"] = not account.before[relaxed][0]["is_opted_out"]
    found = "\n".join(account.judge())
    for expected in (f"{doubled}: 2 contacts", f"{lost}: first is", f"{relaxed}: is_opted_out is"):
        assert expected in found
