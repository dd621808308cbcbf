"""`tradewind doctor`."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any


def test_computed_values_that_are_right_are_fine(cli: Any, folder: Path) -> None:
    done = cli("doctor", "--recompute", "-C", folder)

    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "0 computed values wrong\n")


def test_wrong_values_are_told_with_both_values_and_repaired_when_asked(cli: Any, folder: Path) -> None:
    with sqlite3.connect(folder / "var" / "tradewind.db") as connection:
        (number,) = connection.execute("SELECT min(id) FROM sales_order").fetchone()
        connection.execute("UPDATE sales_order SET total = NULL WHERE id = ?", [number])
    connection.close()

    told = cli("doctor", "--recompute", "-C", folder)
    repaired = cli("doctor", "--recompute", "--fix", "-C", folder)
    again = cli("doctor", "--recompute", "-C", folder)

    assert told.exit_code == 1
    assert f"sales_order {number} total: stored null, computed " in told.stdout
    assert "to repair: tradewind doctor --recompute --fix" in told.stderr
    assert (repaired.exit_code, "repaired" in repaired.stderr) == (0, True)
    assert (again.exit_code, again.stdout) == (0, "")


def test_what_to_look_at_must_be_said(cli: Any, folder: Path) -> None:
    done = cli("doctor", "-C", folder)

    assert (done.exit_code, "Say what to look at: --recompute" in done.stderr) == (2, True)


def test_incidents_are_listed_and_skipped(cli: Any, folder: Path) -> None:
    with sqlite3.connect(folder / "var" / "tradewind.db") as connection:
        connection.execute(
            "INSERT INTO tw_job (kind, key, status, due, attempts, payload, error, created_at) VALUES"
            " ('mail', 'mail:1', 'incident', '2026-01-01 00:00:00', 8, ?, 'refused', '2026-01-01 00:00:00')",
            ['{"template": "t", "to": "a@example.com"}'],
        )
    connection.close()

    listed = cli("incident", "list", "-C", folder)
    number = listed.stdout.split("\t")[0]
    skipped = cli("incident", "skip", number, "-C", folder)
    again = cli("incident", "skip", number, "-C", folder)

    assert listed.stdout == f"{number}\tmail\tt: a@example.com\t\trefused\n"
    assert (skipped.exit_code, skipped.stdout) == (0, "1 skipped\n")
    assert (again.exit_code, again.stderr) == (1, f"error: There is no incident {number}\n")


def test_the_history_is_verified_and_a_changed_entry_told(cli: Any, folder: Path) -> None:
    fine = cli("audit", "verify", "-C", folder)
    with sqlite3.connect(folder / "var" / "tradewind.db") as connection:
        (number,) = connection.execute("SELECT min(id) FROM tw_history WHERE record IS NOT NULL").fetchone()
        connection.execute("UPDATE tw_history SET text = 'nothing' WHERE id = ?", [number])
    connection.close()
    told = cli("audit", "verify", "-C", folder)

    assert (fine.exit_code, fine.stdout, "none wrong; not sealed yet" in fine.stderr) == (0, "", True)
    assert (told.exit_code, told.stdout.startswith(f"entry {number} (")) == (1, True)
