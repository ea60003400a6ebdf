"""What is skipped somewhere is a failure in CI, where nothing is missing."""

import pytest

from tests.conftest import fail_if_skipped


def report(outcome: str) -> pytest.TestReport:
    return pytest.TestReport("a", ("a.py", 1, "a"), {}, outcome, ("a.py", 1, "Skipped: no server"), "setup")  # type: ignore[arg-type] # one of its words


@pytest.mark.parametrize(("ci", "outcome"), [("true", "failed"), ("", "skipped")])
def test_a_skip_fails_in_ci(monkeypatch: pytest.MonkeyPatch, ci: str, outcome: str) -> None:
    monkeypatch.setenv("CI", ci)
    found = fail_if_skipped(report("skipped"))
    assert found.outcome == outcome
    assert "no server" in str(found.longrepr)


def test_nothing_else_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    assert fail_if_skipped(report("passed")).outcome == "passed"
