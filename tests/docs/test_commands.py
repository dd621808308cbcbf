"""The commands that pages show exist, with their options, and the targets of make."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from admin.cli.main import root
from tests.docs.pages import ROOT, Block, every


def commands(text: str) -> Iterator[list[str]]:
    """The command lines of a block, as words."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words.pop(0)
        if words:
            yield words


@pytest.mark.parametrize("block", every("sh"), ids=str)
def test_commands_exist_with_their_options(block: Block) -> None:
    for words in commands(block.text):
        if words[0] == "make":
            assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE), words
        elif words[0].rpartition("/")[2] == "tradewind":
            known(words[1:])


def known(words: list[str]) -> None:
    """Fail unless the words name a command, and only options that it has."""
    command: click.Command = root
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.commands.get(words[0])
        assert found is not None, f"there is no command {words[0]}"
        command, words = found, words[1:]
    options = {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
    options |= set(command.get_help_option_names(click.Context(command)))
    unknown = [word for word in words if re.fullmatch(r"--?[a-z][a-z-]*", word) and word not in options]
    assert unknown == [], f"{command.name} has no option {unknown}"
