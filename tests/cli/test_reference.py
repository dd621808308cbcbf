"""docs/reference/cli.md describes every command and option, and nothing that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from admin.cli import root

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
EVERYWHERE = {"-h", "--help", "--version"}


def commands(group: click.Group, before: str = "tradewind") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}", command


def sections() -> dict[str, str]:
    """The text of each command's section, with what the chapter says of all its commands."""
    found = {}
    for chapter in PAGE.split("\n## "):
        head, *parts = chapter.split("\n### ")
        for part in parts:
            usage = part.split("`")[1]
            name = re.match(r"tradewind(?: [a-z-]+)+", usage)
            assert name is not None
            found[name[0]] = usage + head + part
    return found


def options_in(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])(--?[a-zA-Z][\w-]*)", text))


def test_every_command_has_its_section_and_every_section_its_command() -> None:
    assert sections().keys() == {name for name, _ in commands(root)}


def test_every_option_is_described_where_it_belongs_and_no_other() -> None:
    described = sections()
    for name, command in commands(root):
        options = {option for each in command.params if isinstance(each, click.Option) for option in each.opts}
        told = options_in(re.sub(r"`tradewind [^`]*`", "", described[name]))
        assert told - EVERYWHERE == options, name


def test_arguments_are_named_as_the_usage_line_names_them() -> None:
    for name, command in commands(root):
        usage = next(line for line in re.findall(r"^### `(.*)`$", PAGE, re.MULTILINE) if line.startswith(name))
        words = [each.make_metavar(click.Context(command)) for each in command.params if isinstance(each, click.Argument)]
        assert usage.removeprefix(name).split() == words, name
