"""`tradewind dmn import` and `dmn export`: decisions from and for other modelers; and files of DMN asked as they are."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click

from admin.cli.main import FILE, FOLDER, PROBLEMS, USAGE, fail, folder_argument, require_workspace, root
from admin.cli.report import show_problems
from dsl.dmn import Definitions, Read, compile_models, read
from dsl.dmn.documents import documents
from dsl.dmn.linking import Key
from dsl.dmn.model import InputData
from dsl.dmn.settling import settled
from dsl.dmn.writing import VERSIONS, file_of, write
from dsl.documents import load
from dsl.problems import InvalidText, did_you_mean
from engine.model import build, load_folder
from engine.model import model as models

DECISIONS = "decisions"


@root.group()
def dmn() -> None:
    """Exchange decisions with other modelers, as DMN XML."""


@dmn.command("import")
@click.argument("file", type=FILE)
@folder_argument
@click.option("--replace", "replacing", is_flag=True, help="Overwrite documents that are there already.")
def import_file(file: Path, folder: Path, replacing: bool) -> None:
    """Write the decisions of a DMN file, and of those that it imports, as documents into DIR/decisions/."""
    require_workspace(folder)
    found = read_models(file)
    compiled = compile_models([each.definitions for each in found], [problem for each in found for problem in each.problems])
    problems = [*compiled.problems, *(problem for part in compiled.parts.values() for problem in part.problems)]
    if problems:
        show_problems(problems, "text")
        sys.exit(PROBLEMS)
    written = documents(settled([each.definitions for each in found], compiled), elsewhere(folder))
    targets = {folder / DECISIONS / f"{name}.yaml": text for name, text in written.items()}
    there = [path for path, text in targets.items() if path.exists() and path.read_text(encoding="utf-8") != text]
    if there and not replacing:
        fail(f"{', '.join(map(str, there))} would be overwritten; --replace does so", USAGE)
    (folder / DECISIONS).mkdir(exist_ok=True)
    for path, text in targets.items():
        path.write_text(text, encoding="utf-8")
        click.echo(f"wrote {path}")
    after = [each for each in build(load_folder(folder)).problems if each.at.source.path.startswith(f"{DECISIONS}/")]
    if after:
        show_problems(after, "text")
        sys.exit(PROBLEMS if any(each.severity == "error" for each in after) else 0)


def elsewhere(folder: Path) -> set[str]:
    """The names of the workspace's decisions that an import does not write itself."""
    found = set()
    for path, text in load_folder(folder).items():
        document = load(path, text).document
        if document is not None and document.kind == "decision" and path != f"{DECISIONS}/{document.name}.yaml":
            found.add(document.name)
    return found


def read_models(file: Path) -> list[Read]:
    """A file and, from its folder, the models that it imports, directly or through others. Raises InvalidText for what is no model."""
    found = [read(str(file), file.read_bytes())]
    others: dict[str, Read] = {}
    wanted = [each.namespace for each in found[0].definitions.imports]
    if wanted:
        others = {each.definitions.namespace: each for each in readable(file)}
    known = {found[0].definitions.namespace}
    for namespace in wanted:
        if namespace in others and namespace not in known:
            known.add(namespace)
            found.append(others[namespace])
            wanted.extend(each.namespace for each in others[namespace].definitions.imports)
    return found


def readable(file: Path) -> Iterable[Read]:
    """The other models in the folder of a file; those that can't be read are none that it could import."""
    for path in sorted(file.parent.glob("*.dmn")):
        if path != file:
            try:
                yield read(str(path), path.read_bytes())
            except InvalidText:
                continue


@dmn.command("export")
@click.argument("decision", metavar="DECISION", required=False)
@click.argument("file", metavar="FILE", required=False)
@click.argument("folder", metavar="[DIR]", required=False)
@click.option("--all", "everything", is_flag=True, help="All decisions instead of one and what it requires.")
@click.option(
    "--dmn", "version", type=click.Choice(list(VERSIONS)), default="1.5", show_default=True,
    help="The version of DMN; dmn-js and Camunda Modeler open 1.3.",
)  # fmt: skip
def export(decision: str | None, file: str | None, folder: str | None, everything: bool, version: str) -> None:
    """Write decisions as DMN XML; models that they import go to files beside FILE."""
    words = [each for each in (decision, file, folder) if each is not None]
    given = words if everything else words[1:]
    if len(given) not in (1, 2):
        raise click.UsageError("write: tradewind dmn export DECISION FILE [DIR], or tradewind dmn export --all FILE [DIR]")
    target, where = Path(given[0]), FOLDER.convert(given[1] if len(given) == 2 else ".", None, None)
    built = build(load_folder(require_workspace(where)))
    if built.model is None:
        show_problems(built.problems, "text")
        sys.exit(PROBLEMS)
    for path, definitions in chosen(built.model, None if everything else words[0], target).items():
        others = [each for each in built.model.decision_models if each.namespace != definitions.namespace]
        path.write_bytes(write(definitions, others, version))
        click.echo(f"wrote {path}")


def chosen(model: models.Model, decision: str | None, file: Path) -> dict[Path, Definitions]:
    """The models to write, by the file that each goes to: the decision's own, and those that it needs."""
    found = {each.namespace: each for each in model.decision_models}
    if not model.decisions:
        fail("there are no decisions to write", USAGE)
    compiled = compile_models(list(found.values()))
    keys: set[Key] = set(compiled.parts)
    imported = {each.namespace for other in found.values() for each in other.imports}
    order = sorted(found, key=lambda space: space in imported)
    if decision is not None:
        own = next((key for key in sorted(keys) if key[1] == decision and not isinstance(compiled.parts[key].element, InputData)), None)
        if own is None:
            hint = did_you_mean(decision, model.decisions) or "there are: " + ", ".join(sorted(model.decisions))
            fail(f"there is no decision '{decision}'; {hint}", USAGE)
        keys = {part.key for part in compiled.all_of(own)}
        order = [own[0], *(space for space in order if space != own[0])]
    parts = {space: replace(found[space], elements=tuple(e for e in found[space].elements if (space, e.id) in keys)) for space in order}
    kept = [space for space in order if parts[space].elements]
    for space in kept:
        kept.extend(each.namespace for each in parts[space].imports if each.namespace not in kept)
    return {file if index == 0 else file.parent / file_of(parts[space]): parts[space] for index, space in enumerate(kept)}
