"""A workspace, opened: its published model, its database, and the steps in which everything is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.exc import DBAPIError

from dsl.problems import InvalidText
from engine.access import Access
from engine.clock import Clock, system_clock
from engine.errors import AccessDenied, TradewindError
from engine.model import build
from engine.model.model import Model
from engine.records import Record, Records
from engine.records.files import Files
from engine.records.history import History
from engine.records.host import StepHost
from engine.records.rows import Conflict
from engine.store import Schema, connect
from engine.store import plan as planning
from engine.store.database import answers
from engine.store.migrate import bring_up_to_date

if TYPE_CHECKING:
    from engine.work.bells import Bell

T = TypeVar("T")
Who = str | int | Record | None
TRIES = 5
NEWEST = select(func.max(Schema.revision.c.number))
RETRIED = ("40001", "40P01")  # serialization failure, deadlock (PostgreSQL, appendix A)


@dataclass(frozen=True, slots=True)
class Published:
    """What is in force: a revision's number, its model and tables. `model` is None before the first publish."""

    number: int
    model: Model | None
    schema: Schema | None


@dataclass(frozen=True, slots=True)
class Revision:
    """One publish: who, when, why."""

    number: int
    created_at: datetime
    author: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Draft:
    """Changed files that are not published yet, made from revision `base`; None removes a file."""

    base: int
    files: Mapping[str, str | None]
    author: str | None = None


class Workspace:
    """An opened configuration with its database. Safe to use from many threads."""

    def __init__(self, folder: Path | None, url: str, clock: Clock) -> None:
        self.folder = folder
        self.clock = clock
        self.database = connect(url)
        answers(self.database)
        self._published = Published(0, None, None)
        self._built: dict[int, Published] = {}
        self.bell: Bell | None = None  # rung when a step has left work that is due
        bring_up_to_date(self.database)
        with self.database.transaction(readonly=True) as connection:
            self._published = self._current(connection)

    @classmethod
    def open(cls, folder: str | Path | None, database: str | None = None, *, clock: Clock = system_clock) -> Workspace:
        """Open a workspace folder with its database; by default SQLite in `var/` of the folder. Raises Unavailable."""
        path = Path(folder) if folder is not None else None
        if database is None:
            database = f"sqlite:///{(path / 'var' / 'tradewind.db').absolute()}" if path is not None else "sqlite://"
        return cls(path, database, clock)

    @classmethod
    def scratch(cls, model: Model, *, own_data: bool, clock: Clock = system_clock) -> Workspace:
        """A workspace in memory that serves a model without publishing it, for tests and simulation.

        The modules' data documents are loaded, with `own_data` the workspace's too.
        """
        from engine.seeding import seed

        found = cls(None, "sqlite://", clock)
        found._published = Published(0, model, Schema(model))
        with found.database.transaction(readonly=False) as connection:
            planning.apply(connection, planning.plan(connection, found.schema))
            step = Step(found, connection, found._published, None, origin="publish")
            seed(step, None, own=own_data)
            step.finish()
        return found

    def close(self) -> None:
        self.database.close()

    def now(self) -> datetime:
        return self.clock()

    # ---- what is published ----

    @property
    def revision(self) -> int:
        """The published revision's number as last seen; 0 where nothing is published."""
        return self._published.number

    @property
    def model(self) -> Model:
        """The model in force. Raises TradewindError before the first publish."""
        return self._require(self._published).model  # type: ignore[return-value]

    @property
    def schema(self) -> Schema:
        return self._require(self._published).schema  # type: ignore[return-value]

    @staticmethod
    def _require(published: Published) -> Published:
        if published.model is None:
            raise TradewindError("Nothing is published yet; run: tradewind publish", code="unpublished")
        return published

    def _current(self, connection: Connection) -> Published:
        """The newest revision: one indexed read, and a build only where it is new to this process."""
        table = Schema.revision
        number = connection.execute(NEWEST).scalar() or 0
        if number == self._published.number:
            return self._published
        if number not in self._built:
            files = connection.execute(select(table.c.files).where(table.c.number == number)).scalar_one()
            built = build(files)
            if built.model is None:
                raise InvalidText(built.problems)
            self._built[number] = Published(number, built.model, Schema(built.model))
        self._published = self._built[number]
        return self._published

    def refresh(self) -> None:
        """Notice a revision that another process published."""
        with self.database.transaction(readonly=True) as connection:
            self._current(connection)

    def revisions(self) -> list[Revision]:
        """What was published, newest first."""
        table = Schema.revision
        query = select(table.c.number, table.c.created_at, table.c.author, table.c.message).order_by(table.c.number.desc())
        with self.database.transaction(readonly=True) as connection:
            return [Revision(*row) for row in connection.execute(query)]

    def files(self, number: int | None = None) -> dict[str, str]:
        """The files of a revision, modules included; of the newest without a number."""
        table = Schema.revision
        with self.database.transaction(readonly=True) as connection:
            wanted = self._current(connection).number if number is None else number
            files = connection.execute(select(table.c.files).where(table.c.number == wanted)).scalar()
        return dict(files or {})

    # ---- publishing ----

    def plan(self, model: Model) -> list[str]:
        """What publishing a model would do to the database, in words."""
        with self.database.transaction(readonly=True) as connection:
            return [step.text for step in planning.plan(connection, Schema(model)) if step.text]

    def publish(self, files: Mapping[str, str], *, message: str = "", author: str | None = None) -> int:
        """Make files the configuration in force: tables, data documents and the revision in one transaction.

        Raises InvalidText where the files have errors. See `engine.publishing` for the whole way with its tests.
        """
        from engine.process.definitions import store_versions
        from engine.seeding import seed
        from engine.work import schedules

        built = build(files)
        if built.model is None:
            raise InvalidText(built.problems)
        schema = Schema(built.model)
        with self.database.transaction(readonly=False) as connection:
            before = self._current(connection)
            planning.apply(connection, planning.plan(connection, schema))
            published = Published(before.number + 1, built.model, schema)
            step = Step(self, connection, published, None, origin="publish")
            store_versions(connection, built.effective, built.model, step.now)
            seed(step, before.model)
            schedules.plan(step)
            step.finish()
            row = {
                "number": published.number, "created_at": step.now, "author": author, "message": message,
                "digest": built.model.digest, "files": dict(files),
            }  # fmt: skip
            connection.execute(insert(Schema.revision), row)
        self._built[published.number] = published
        self._published = published
        return published.number

    def draft(self) -> Draft:
        """What admins changed and have not published."""
        table = Schema.draft
        with self.database.transaction(readonly=True) as connection:
            row = connection.execute(select(table)).first()
        return Draft(row.base, row.files, row.author) if row is not None else Draft(self.revision, {})

    def save_draft(self, files: Mapping[str, str | None], *, author: str) -> None:
        table = Schema.draft
        with self.database.transaction(readonly=False) as connection:
            base = connection.execute(select(table.c.base)).scalar() or self._current(connection).number
            connection.execute(delete(table))
            row = {"id": 1, "base": base, "files": dict(files), "author": author, "saved_at": self.now()}
            connection.execute(insert(table), row)

    def discard_draft(self) -> None:
        with self.database.transaction(readonly=False) as connection:
            connection.execute(delete(Schema.draft))

    # ---- steps ----

    @contextmanager
    def step(
        self, user: Who, *, readonly: bool = False, confirm: bool = False, origin: str = "api", locale: str | None = None
    ) -> Iterator[Step]:
        """One unit of work by one user (id, login or record; None is the system): commits at the end, or nothing is done."""
        with self.database.transaction(readonly=readonly) as connection:
            published = self._require(self._current(connection))
            step = Step(self, connection, published, user, confirm=confirm, origin=origin, locale=locale)
            yield step
            step.finish()
        if step.rings and self.bell is not None:
            self.bell.ring()

    def run(self, user: Who, work: Callable[[Step], T], **options: Any) -> T:
        """Do `work` in a step, again where the database or another step got in its way at the same moment."""
        for left in range(TRIES - 1, -1, -1):
            try:
                with self.step(user, **options) as step:
                    return work(step)
            except Conflict:
                if not left:
                    raise
            except DBAPIError as error:
                if not left or getattr(error.orig, "sqlstate", None) not in RETRIED:
                    raise
        raise AssertionError("the last try returns or raises")


class Step:
    """One unit of work: a transaction, the clock, the user's access, and what is written before the commit."""

    def __init__(
        self, workspace: Workspace, connection: Connection, published: Published, user: Who, *, confirm: bool = False,
        origin: str = "api", locale: str | None = None,
    ) -> None:  # fmt: skip
        assert published.model is not None
        assert published.schema is not None
        self.workspace = workspace
        self.connection = connection
        self.model: Model = published.model
        self.schema: Schema = published.schema
        self.revision = published.number
        self.now: datetime = workspace.now()
        self.confirm = confirm
        self.origin = origin
        self.engine = False
        self.on_behalf: Record | None = None
        self.told: list[str] = []
        self.rings = False  # whether there is work that is due when the step has committed
        self.user: Record | None = None
        self.history = History(self)
        self.host = StepHost(self)
        self.records = Records(self)
        self.access = Access(self)
        self.user = self._person(user)
        self.locale: str = locale or (self.user["locale"] if self.user is not None else None) or self.model.settings.locale

    def _person(self, who: Who) -> Record | None:
        if who is None:
            return None
        if isinstance(who, str):
            found = self.access.user_by_login(who)
        else:
            found = next(iter(self.records.get_many("user", [who if isinstance(who, int) else who.id])), None)  # type: ignore[list-item]
        if found is None or not found["active"] or found["archived"]:
            raise AccessDenied("There is no active person '{name}'", name=str(who))
        return found

    @property
    def today(self) -> date:
        """The date in the workspace's time zone."""
        return self.now.astimezone(self.model.settings.zone).date()

    @cached_property
    def processes(self) -> Any:
        from engine.process import Processes

        return Processes(self)

    @cached_property
    def tasks(self) -> Any:
        from engine.process import Tasks

        return Tasks(self)

    @cached_property
    def files(self) -> Files:
        return Files(self)

    @cached_property
    def notifications(self) -> Notifications:
        return Notifications(self)

    def workspace_context(self) -> Mapping[str, object]:
        """What expressions see as `workspace`."""
        settings = self.model.settings
        name = settings.label.in_(self.model.settings.locale) or settings.name
        return {"name": name, "currency": settings.currency, "locale": settings.locale, "settings": settings.values}

    def names(self) -> dict[str, Any]:
        """The names that every expression of this step may use."""
        return {"user": self.user or self.on_behalf, "workspace": self.workspace_context()}

    @contextmanager
    def as_engine(self) -> Iterator[None]:
        """Within, the engine acts: no permission is asked, read-only fields may be written. History still names the person."""
        before, self.engine = self.engine, True
        try:
            yield
        finally:
            self.engine = before

    def settle(self) -> None:
        """Compute, write and check what has changed so far: an activity ends."""
        self.records.settle()

    def flush(self) -> None:
        """Compute and write what has changed so far, without checking it yet."""
        self.records.flush()

    def savepoint(self) -> AbstractContextManager[None]:
        """Within, all or nothing: if the block raises, what it wrote is undone and the exception goes on."""
        return self._savepoint()

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        self.flush()
        mark = len(self.history.pending)
        nested = self.connection.begin_nested()
        try:
            yield
            self.settle()
        except BaseException:
            nested.rollback()
            del self.history.pending[mark:]
            self.records.expire()
            raise
        nested.commit()

    def tell(self, message: str) -> None:
        """Something to show the person, although the step goes on."""
        self.told.append(message)

    def finish(self) -> None:
        """Write what is left, just before the commit."""
        self.settle()
        self.history.flush()


class Notifications:
    """Messages in the app."""

    def __init__(self, step: Step) -> None:
        self.step = step

    def mine(self, limit: int = 20) -> list[Any]:
        """The newest messages to the step's user: subject, body, entity, record, created_at, read_at."""
        table = self.step.schema.notification
        if self.step.user is None:
            return []
        query = select(table).where(table.c.user == self.step.user.id).order_by(table.c.id.desc()).limit(limit)
        return list(self.step.connection.execute(query))
