"""Secrets by name: from the environment, or from files as Docker and Kubernetes mount them; never from the configuration.

Only names with the prefix are read, so that a configuration can't send other variables of the environment anywhere.
"""

from __future__ import annotations

import os
from pathlib import Path

from engine.connect.failure import DeliveryFailed

PREFIX = "TRADEWIND_SECRET_"
FOLDER = "TRADEWIND_SECRETS"


def secret(name: str) -> str:
    """The value of a secret. Raises DeliveryFailed, saying where it is looked for, if there is none."""
    found = os.environ.get(PREFIX + name)
    folder = os.environ.get(FOLDER)
    if found is None and folder:
        path = Path(folder) / name
        found = path.read_text(encoding="utf-8").strip() if path.is_file() else None
    if not found:
        template = "The secret {name} is not set: give it in the environment as {prefix}{name}, or as a file in the folder {folder}"
        raise DeliveryFailed("no_secret", template, name=name, prefix=PREFIX, folder=FOLDER)
    return found
