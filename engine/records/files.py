"""Attachments: what they are in the database, their contents in a folder by digest."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from sqlalchemy import insert, select

from engine.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from engine.workspace import Step

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One attachment; `path` holds its contents."""

    id: int
    name: str
    mimetype: str
    size: int
    path: Path


class Files:
    """The attachments of a workspace, under `var/files/` of its folder."""

    def __init__(self, step: Step) -> None:
        self.step = step

    def store(self, name: str, mimetype: str, stream: IO[bytes]) -> int:
        """Keep a file and return its id. Equal contents are kept once."""
        folder = self._folder()
        folder.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as target:
            while block := stream.read(BLOCK):
                digest.update(block)
                size += len(block)
                target.write(block)
        path = self._path(digest.hexdigest())
        path.parent.mkdir(parents=True, exist_ok=True)
        Path(target.name).replace(path)
        row = {
            "name": Path(name.replace("\\", "/")).name or "file", "mimetype": mimetype or "application/octet-stream", "size": size,
            "sha256": digest.hexdigest(), "created_at": self.step.now,
            "created_by": self.step.user.id if self.step.user is not None else None,
        }  # fmt: skip
        table = self.step.schema.file
        return int(self.step.connection.execute(insert(table).returning(table.c.id), row).scalar_one())

    def get(self, number: int) -> StoredFile:
        """A file by id; NotFound if there is none. Who may see it is for the caller to know: by the record that holds it."""
        table = self.step.schema.file
        row = self.step.connection.execute(select(table).where(table.c.id == number)).first()
        if row is None:
            raise NotFound("There is no file {id}", id=number)
        return StoredFile(row.id, row.name, row.mimetype, row.size, self._path(row.sha256))

    def _folder(self) -> Path:
        folder = self.step.workspace.folder
        if folder is None:
            raise Unavailable("A workspace without a folder keeps no files")
        return folder / "var" / "files"

    def _path(self, digest: str) -> Path:
        return self._folder() / digest[:2] / digest
