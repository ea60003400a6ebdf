"""Runs the real command in a process of its own, as a script would."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.sandbox import SECRET_ID, SECRET_KEY

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The object on the last line of stdout."""
        found = json.loads(self.out.splitlines()[-1])
        assert isinstance(found, dict)
        return found


def environment(folder: Path, **extra: str) -> dict[str, str]:
    """An environment with the sandbox's key and a state folder of the test's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HEYMARKET_", "HMPIPE_"))}
    known = {
        "HEYMARKET_SECRET_ID": SECRET_ID,
        "HEYMARKET_SECRET_KEY": SECRET_KEY,
        "XDG_STATE_HOME": str(folder / "state"),
    }
    return kept | known | {"PYTHONWARNINGS": "error"} | extra


def command(*arguments: str | Path) -> list[str]:
    """The command line of `hmpipe` with these arguments."""
    return [sys.executable, "-m", "pipeline", *map(str, arguments)]


def hmpipe(folder: Path, *arguments: str | Path, stdin: bytes = b"", **extra: str) -> Result:
    """Run `hmpipe` in `folder` to its end."""
    done = subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(folder, **extra) | {"PYTHONPATH": str(ROOT)},
        input=stdin,
        capture_output=True,
        timeout=50,
        check=False,
    )
    assert b"Traceback" not in done.stderr + done.stdout, done.stderr.decode()
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def write_settings(folder: Path, url: str, *, columns: str = "", **sections: str) -> Path:
    """Write a settings file for the sandbox at `url`; `sections` are lines of further sections."""
    path = folder / "hmpipe.toml"
    limits = sections.pop("limits", "requests_per_minute = 0")
    lines = [f'[account]\nbase_url = "{url}"', f"[limits]\n{limits}"]
    lines += [f"[{name}]\n{text}" for name, text in sections.items()]
    lines.append('[import.columns]\n"Phone" = "phone"\n"First" = "first"\n' + columns)
    path.write_text("\n".join(lines) + "\n")
    return path


def write_csv(folder: Path, rows: list[str], name: str = "people.csv", header: str = "Phone,First") -> Path:
    """Write a CSV file of these rows."""
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path
