"""Publishing: check, plan, test, apply (spec 1.4), the same for CLI, Studio and API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from dsl.problems import Problem
from engine import scenario
from engine.errors import TradewindError
from engine.impact import Impact, impact_of
from engine.model import Built, build, load_folder
from engine.model.diff import Change, diff
from engine.model.model import Model
from engine.workspace import Workspace

CUSTOMIZATIONS = "customizations/"
PULLED = ".revision"  # in customizations/: the revision that the folder's customizations were pulled from or published as


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a publish did, or would do: to documents (`changes`), tables (`plan`) and data (`impact`). `revision` is 0 unless
    one was made.
    """

    accepted: bool
    summary: str
    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()
    plan: tuple[str, ...] = ()
    failed_tests: tuple[scenario.TestResult, ...] = ()
    revision: int = 0
    impact: tuple[Impact, ...] = ()


def publish(
    workspace: Workspace,
    files: Mapping[str, str],
    *,
    author: str | None = None,
    message: str = "",
    dry_run: bool = False,
) -> Outcome:
    """Check `files` (path to text, modules included), plan, run the scenario tests, and apply all in one transaction.

    What is refused leaves the published model serving, and the outcome says why.
    """
    built = built_of(files)
    problems = tuple(built.problems)
    if built.model is None:
        errors = sum(p.severity == "error" for p in problems)
        return Outcome(False, f"not published: {errors} error{'s' * (errors != 1)}", problems)
    if workspace.revision and dict(files) == workspace.files():
        return Outcome(True, f"nothing has changed since revision {workspace.revision}", problems)
    changes = tuple(diff(effective(workspace), built.effective)) if workspace.revision else ()  # all is new the first time
    plan = tuple(workspace.plan(built.model))
    impact = tuple(impact_of(workspace, built.model))
    if any(each.blocks for each in impact):
        return Outcome(False, "not published: old records would lack what becomes required", problems, changes, plan, impact=impact)
    failed = failures(built.model)
    if failed:
        count = f"{len(failed)} scenario test{'s' * (len(failed) != 1)} failed"
        return Outcome(False, f"not published: {count}", problems, changes, plan, failed, impact=impact)
    if dry_run:
        return Outcome(True, "dry run: nothing was changed", problems, changes, plan, impact=impact)
    revision = workspace.publish(files, message=message, author=author)
    return Outcome(True, f"published revision {revision}", problems, changes, plan, revision=revision, impact=impact)


def built_of(files: Mapping[str, str]) -> Built:
    """The build of these files, kept from one look at a draft to the next, and to its publish."""
    return _built(tuple(sorted(files.items())))


@lru_cache(maxsize=4)
def _built(files: tuple[tuple[str, str], ...]) -> Built:
    return build(dict(files))


@lru_cache(maxsize=2)
def failures(model: Model) -> tuple[scenario.TestResult, ...]:
    """The scenario tests that fail: they take seconds, and say the same of the same model."""
    return tuple(result for result in scenario.run_tests(model) if not result.passed)


def effective(workspace: Workspace) -> Mapping[tuple[str, str], Mapping[str, object]]:
    return built_of(workspace.files()).effective


def publish_folder(workspace: Workspace, folder: Path, *, message: str = "", dry_run: bool = False) -> Outcome:
    """Publish a folder's documents; refuses to overwrite customizations that were made in the browser since the last pull."""
    files = load_folder(folder)
    refuse_lost_customizations(workspace, folder, files)
    outcome = publish(workspace, files, message=message, dry_run=dry_run)
    if outcome.revision:
        mark_pulled(folder, outcome.revision)
    return outcome


def refuse_lost_customizations(workspace: Workspace, folder: Path, files: Mapping[str, str]) -> None:
    if not workspace.revision:
        return
    theirs, ours = customizations(workspace.files()), customizations(files)
    if theirs == ours:
        return
    pulled = pulled_revision(folder)
    if customizations(workspace.files(pulled) if pulled else {}) != theirs:
        raise TradewindError(
            "the published configuration has customizations that this folder lacks ({paths}); run: tradewind pull",
            code="stale_folder",
            paths=", ".join(sorted(path for path in theirs if ours.get(path) != theirs[path])) or "removed ones",
        )


def customizations(files: Mapping[str, str]) -> dict[str, str]:
    return {path: text for path, text in files.items() if path.startswith(CUSTOMIZATIONS)}


def drafted(workspace: Workspace) -> dict[str, str]:
    """The published files with the draft's changes."""
    files = workspace.files()
    for path, text in workspace.draft().files.items():
        if text is None:
            files.pop(path, None)
        else:
            files[path] = text
    return files


def publish_draft(workspace: Workspace, *, author: str, message: str = "") -> Outcome:
    """Publish what admins drafted; the draft is empty afterwards, and stays as it is when the publish is refused."""
    outcome = publish(workspace, drafted(workspace), author=author, message=message)
    if outcome.revision:
        workspace.discard_draft()
    return outcome


def pull(workspace: Workspace, folder: Path) -> list[str]:
    """Write the published customizations into the folder; returns what was done, a line a file."""
    published = customizations(workspace.files())
    done = []
    for path in sorted(customizations(load_folder(folder)).keys() - published.keys()):
        (folder / path).unlink()
        done.append(f"removed {path}")
    for path, text in sorted(published.items()):
        target = folder / path
        if target.is_file() and target.read_bytes() == text.encode():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
        done.append(f"wrote {path}")
    mark_pulled(folder, workspace.revision)
    return done or [f"{folder} has the customizations of revision {workspace.revision} already"]


def mark_pulled(folder: Path, revision: int) -> None:
    marker = folder / CUSTOMIZATIONS / PULLED
    if marker.parent.is_dir():
        marker.write_text(f"{revision}\n")


def pulled_revision(folder: Path) -> int:
    marker = folder / CUSTOMIZATIONS / PULLED
    text = marker.read_text().strip() if marker.is_file() else ""
    return int(text) if text.isdigit() else 0


def rollback(workspace: Workspace, number: int, *, author: str | None = None) -> Outcome:
    """Publish an earlier revision again, as a new one."""
    return publish(workspace, files_of(workspace, number), author=author, message=f"Roll back to revision {number}")


def compare(workspace: Workspace, before: int, after: int) -> list[Change]:
    """What changed in the effective documents from one revision to another."""
    return diff(build(files_of(workspace, before)).effective, build(files_of(workspace, after)).effective)


def files_of(workspace: Workspace, number: int) -> dict[str, str]:
    known = [revision.number for revision in workspace.revisions()]
    if number not in known:
        template = "there is no revision {number}; there are {first} to {last}"
        raise TradewindError(template, code="not_found", number=number, first=known[-1], last=known[0])
    return workspace.files(number)
