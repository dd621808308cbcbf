"""Makes the demo workspace: `python scripts/demo.py FOLDER NOTE` writes who may log in, and how, to NOTE.

The workspace is a copy of examples/trading, published with its demo data in SQLite. Run again after a failure, it goes
on where it stopped.
"""

import subprocess
import sys
from pathlib import Path

from engine.workspace import Workspace

PASSWORD = "tradewind"  # of every demo person; the demo is served on this machine only


def tradewind(*arguments: str) -> None:
    """Run the command line as a person would."""
    done = subprocess.run([Path(sys.executable).parent / "tradewind", *arguments], check=False)
    if done.returncode:
        sys.exit(done.returncode)


def people(folder: str) -> list[str]:
    """Give every demo person the demo password; a line for each: login, name, roles."""
    workspace = Workspace.open(folder)
    try:
        with workspace.step(None) as step:
            found = sorted(step.records.find("user", "active"), key=lambda user: user["login"])
            for user in found:
                step.access.set_password(user, PASSWORD)
            return [f"  {user['login']:<10} {user['name']:<16} {', '.join(user['roles'])}" for user in found]
    finally:
        workspace.close()


def main(folder: str, note: str) -> None:
    """Make, publish, and note down who may log in."""
    if not (Path(folder) / "workspace.yaml").is_file():
        tradewind("init", folder, "--from", "trading")
    tradewind("publish", folder, "-m", "Demo workspace")
    lines = ["", "Log in as one of these people, each with the password " + PASSWORD + ":", "", *people(folder), ""]
    Path(note).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
