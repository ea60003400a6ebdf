"""The table of commands: each loads when it is called, and is what its line says."""

import pytest

from pipeline.cli._main import COMMANDS, load_command


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_of_a_command_is_the_first_sentence_of_its_own_help(name: str) -> None:
    first, *_ = (load_command(name).help or "").split("\n\n")
    assert (" ".join(first.split()) + " ").startswith(COMMANDS[name].help + " ")
