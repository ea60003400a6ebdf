"""An account with contacts that a spreadsheet would change, and settings for its exports."""

from pathlib import Path

from pipeline.sandbox import Sandbox


def write_settings(folder: Path, url: str, *export: str) -> None:
    lines = [f'[account]\nbase_url = "{url}"', "[limits]\nrequests_per_minute = 0", "[export]", *export]
    (folder / "hmpipe.toml").write_text("\n".join(lines) + "\n")


def fill(sandbox: Sandbox) -> None:
    sandbox.add_contact("14155550100", first="=1+1", last="-x", email="+a@example.com", is_opted_out=True)
    sandbox.add_contact("442071838750", first="Ann", last="00123")
    sandbox.add_contact("4915112345678901"[:15], first="123456789012345678")
    sandbox.seed(20)
