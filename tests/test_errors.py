"""Errors say what happened and what to do, and carry the exit code of the contract."""

import pytest

from pipeline import errors
from pipeline.errors import AnswerLost, Interrupted, PipelineError, RequestRefused

EXIT_CODES = {
    "PipelineError": 1,
    "UsageProblem": 2,
    "SettingsError": 2,
    "InputError": 2,
    "MappingError": 2,
    "ConsentUnanswered": 2,
    "Stopped": 1,
    "ServiceUnavailable": 1,
    "CredentialsRefused": 1,
    "StorageFailed": 1,
    "BaseLost": 1,
    "CountsDisagree": 1,
    "Refused": 4,
    "LockHeld": 4,
    "BrakePulled": 4,
    "PlanRefused": 4,
    "NewConsentColumn": 4,
    "CanarySurprise": 4,
    "Interrupted": 130,
    "RequestRefused": 1,
    "AnswerLost": 1,
}


def test_every_error_of_the_house_has_the_exit_code_of_the_contract() -> None:
    found = {
        name: kind.exit_code
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, PipelineError)
    }
    assert found == EXIT_CODES


def test_the_text_is_the_message_and_then_the_advice() -> None:
    error = PipelineError("The disk is full.", advice="Make room.")
    assert (error.message, error.advice, str(error)) == (
        "The disk is full.",
        "Make room.",
        "The disk is full. Make room.",
    )
    assert str(PipelineError("The disk is full.")) == "The disk is full."


@pytest.mark.parametrize(("number", "code"), [(2, 130), (15, 143)])
def test_an_interruption_ends_as_the_shell_counts_signals(number: int, code: int) -> None:
    error = Interrupted("Stopped.", advice="Again.", signal_number=number)
    assert error.exit_code == code
    assert str(error) == "Stopped. Again."


def test_an_interruption_without_a_signal_counts_as_ctrl_c() -> None:
    assert Interrupted("Stopped.").exit_code == 130


def test_a_refused_request_keeps_what_the_service_said() -> None:
    error = RequestRefused("Refused.", status=413, detail="too many", request_id="req-1")
    assert (error.status, error.detail, error.request_id, str(error)) == (413, "too many", "req-1", "Refused.")
    bare = RequestRefused("Refused.", status=400)
    assert (bare.detail, bare.request_id, bare.advice) == ("", "", "")


def test_a_lost_answer_is_neither_a_refusal_nor_a_stop() -> None:
    assert not issubclass(AnswerLost, errors.Stopped | errors.Refused | RequestRefused)
