"""Keeps the catalogues of interface texts: `update` after texts have changed, `compile` for the running program.

    python scripts/translations.py update     finds new texts, adds them to admin/translations/*/LC_MESSAGES/messages.po
    python scripts/translations.py compile    writes messages.mo beside each; installing does that too
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CATALOGUES = ROOT / "admin/translations"
TEMPLATE = ROOT / "build/messages.pot"
# What besides gettext takes a message: sentences of the timeline, and the engine's errors.
MESSAGES = ("says", "FieldError:3", "Refused:2", "TradewindError", "AccessDenied", "NotFound", "StaleVersion", "ActionRefused",
            "StepFailed", "Unavailable", "NotVerified", "BadPayload")  # fmt: skip


def update() -> None:
    """Extract all texts and merge them into each catalogue; what is no longer used goes."""
    TEMPLATE.parent.mkdir(exist_ok=True)
    marks = [part for mark in MESSAGES for part in ("-k", mark)]
    pybabel("extract", "-F", "pyproject.toml", "--no-location", *marks, "-o", TEMPLATE, "admin", "engine")
    for catalogue in sorted(CATALOGUES.glob("*/LC_MESSAGES/messages.po")):
        locale = catalogue.parts[-3]
        pybabel(
            "update", "-i", TEMPLATE, "-o", catalogue, "-l", locale, "--no-fuzzy-matching", "--ignore-obsolete",
            "--ignore-pot-creation-date", "--width=120",
        )  # fmt: skip
    compile_all()


def pybabel(*arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "babel.messages.frontend", *arguments], cwd=ROOT, check=True)


def compile_all() -> None:
    """Write messages.mo beside every messages.po, and say which texts have no translation yet."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in sorted(CATALOGUES.glob("*/LC_MESSAGES/messages.po")):
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3])
        with source.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalogue)
        missing = [entry.id for entry in catalogue if entry.id and not all(strings_of(entry.string))]
        if missing:
            print(f"{source.relative_to(ROOT)}: {len(missing)} texts are not translated, such as {missing[0]!r}")


def strings_of(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (string,)


if __name__ == "__main__":
    if sys.argv[1:] not in (["update"], ["compile"]):
        sys.exit(__doc__)
    update() if sys.argv[1] == "update" else compile_all()
