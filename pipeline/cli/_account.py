"""The account of a command that sends."""

from pipeline.account import Account
from pipeline.cli._session import Session
from pipeline.settings import Credentials, load_credentials


def open_account(session: Session, *, needs_credentials: bool = True) -> Account:
    """Load the settings and, where they are needed, the credentials. Raises SettingsError."""

    return Account(session.settings(), load_credentials() if needs_credentials else Credentials())
