"""Settings files, and what is said of them."""

from pathlib import Path


def write(folder: Path, text: str) -> Path:
    path = folder / "s.toml"
    path.write_text(text, encoding="utf-8")
    return path
