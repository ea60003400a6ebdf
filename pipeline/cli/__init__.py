"""The command line: the only room that prints or exits."""

from pipeline.cli._main import app, main

__all__ = ["app", "main"]
