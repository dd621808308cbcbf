"""Write the Alembic revision that brings the system tables from the newest revision to `engine/store/system.py`.

    python scripts/migration.py "What changes"

Read what was written, add moves of data, and set HEAD in engine/store/migrate.py.
"""

import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from alembic.autogenerate import produce_migrations, render_python_code  # noqa: E402
from alembic.migration import MigrationContext  # noqa: E402
from sqlalchemy import create_engine  # noqa: E402

from engine.store import system  # noqa: E402
from engine.store.migrate import VERSION_TABLE, directory, migrate  # noqa: E402
from engine.store.types import Identity, Moment  # noqa: E402

FOLDER = ROOT / "engine" / "store" / "migrations" / "versions"
HEAD = '''"""{message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from engine.store.system import Document
from engine.store.types import Identity, Moment

revision = "{revision}"
down_revision = {before}


def upgrade(op: Operations) -> None:
'''


def named(kind: str, what: object, _context: object) -> str | bool:
    """Our types by their names; the rest as Alembic renders it."""
    if kind == "type" and what is Identity:
        return "Identity"
    if kind == "type" and what is system.Document:
        return "Document"
    return "Moment()" if kind == "type" and isinstance(what, Moment) else False


def ours(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    return kind != "table" or name != VERSION_TABLE


def main(message: str) -> None:
    known = [script.revision for script in directory().walk_revisions()]
    with create_engine("sqlite://").connect() as connection:
        if known:
            migrate(connection)
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        operations = produce_migrations(context, system.metadata).upgrade_ops
    if operations is None or operations.is_empty():
        sys.exit("the newest revision has everything that is in engine/store/system.py")
    code = "\n".join(render_python_code(operations, render_item=named).splitlines()[1:-1])
    number = f"{len(known) + 1:04}"
    head = HEAD.format(message=message, revision=number, before=f'"{known[0]}"' if known else "None")
    path = FOLDER / f"r{number}.py"
    path.write_text(head + textwrap.indent(textwrap.dedent(code), "    ") + "\n")
    subprocess.run([sys.executable, "-m", "ruff", "check", "-q", "--fix", "--select", "I,F", path], check=False)
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", path], check=True)
    print(path.relative_to(ROOT))


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or sys.exit(__doc__))
