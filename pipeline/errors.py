"""All errors, grouped by what the reader of the message has to DO.

Every class carries the exit code that the command ends with (docs/contract.md: 1 stopped and resumable, 2 bad usage or
input, 4 refused). A message says what happened and where; `advice` says what to do next.
"""


class PipelineError(Exception):
    """Something a person must know about; never shown as a traceback.

    `message` says what happened, where, and what was or was not done. `advice` is the next step, or empty.
    """

    exit_code: int = 1
    error_code: str = ""
    """What a script may know the error by; "" where the exit code says enough."""

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()


class UsageProblem(PipelineError):
    """The command, the settings or the input must be corrected; nothing was sent."""

    exit_code = 2


class SettingsError(UsageProblem):
    """A settings file, an environment variable or a flag holds something that cannot be used."""


class InputError(UsageProblem):
    """The input cannot be read as a table."""


class MappingError(UsageProblem):
    """A column cannot be brought to its target."""


class ConsentUnanswered(UsageProblem):
    """The settings ask what a column on consent means, and do not say it."""

    error_code = "consent_question"


class Stopped(PipelineError):
    """The run ended before its end; what is settled is on disk and the same command goes on from there."""

    exit_code = 1


class ServiceUnavailable(Stopped):
    """The service could not be reached, or kept failing after all attempts."""


class CredentialsRefused(Stopped):
    """The service refused the credentials (401 after a fresh token, or 403)."""


class StorageFailed(Stopped):
    """The disk refused to record something (full, read-only, unreadable)."""


class BaseLost(Stopped):
    """The snapshot that a delta builds on was removed or damaged while the delta was made."""


class CountsDisagree(Stopped):
    """The identity rows = created + updated + ... does not hold: a fault of this program, never hidden."""


class Refused(PipelineError):
    """A safety rule said no before harm could spread."""

    exit_code = 4


class LockHeld(Refused):
    """Another run works on the same account."""


class BrakePulled(Refused):
    """A limit set by the user (`max_changes`, `max_reject_rate`, `max_opt_outs`) would be passed."""


class NewConsentColumn(Refused):
    """A file has a column on consent that its settings do not know."""

    error_code = "new_consent_column"


class PlanRefused(Refused):
    """A plan was made for another account."""


class CanarySurprise(Refused):
    """A write read back differently from what was sent, and it could not be mended."""


class Interrupted(PipelineError):
    """A signal asked the run to stop; it settled what was in flight and can be continued.

    The exit code is the shell's: 128 and the signal's number.
    """

    exit_code = 130

    def __init__(self, message: str, *, advice: str = "", signal_number: int = 2) -> None:
        super().__init__(message, advice=advice)
        self.exit_code = 128 + signal_number


class RequestRefused(PipelineError):
    """The service answered 4xx: the request itself is at fault and must not be repeated as it is.

    `status` is the HTTP status; `detail` the server's own words, shortened; `request_id` its X-Request-Id or "".
    """

    def __init__(self, message: str, *, status: int, detail: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.detail = detail
        self.request_id = request_id

    @property
    def has_no_endpoint(self) -> bool:
        """Whether the service may lack the call, or keep it from this key, whatever it is asked with.

        A 404 may as well be about what was asked for: the same call for something that is known to be there tells.
        """
        return self.status in {403, 404, 405, 501}


class AnswerLost(PipelineError):
    """A write went out and no usable answer came back: it may or may not have taken effect (in doubt)."""
