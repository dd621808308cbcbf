"""Names and types of a script against the model; what passes is compiled to a `Script`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from dsl import feel
from dsl.feel import ast as feel_ast
from dsl.feel.types import ANY, BOOLEAN, NULL, STRING, Choice, ListOf, RecordOf, Scope, Type
from dsl.problems import Problem, did_you_mean, in_order
from dsl.script import runtime
from dsl.script.ast import (
    Assignment,
    Call,
    Create,
    Delete,
    Emit,
    Fail,
    ForEach,
    If,
    Let,
    Log,
    Notify,
    Require,
    Send,
    Set,
    Start,
    Statement,
    Update,
    Word,
)
from dsl.script.interpolate import interpolate
from dsl.script.lines import phrases
from dsl.script.parser import parse
from dsl.script.runtime import Script, Step, Value, counted
from dsl.script.writable import STATEMENTS, Slot, Writable, described, fits, is_users
from dsl.source import Located, Span

_WITHOUT_THEN = "the condition of an `if` statement ends with its line, without `then`"
_WORDS = {
    Set: "set", Let: "let", Create: "create", Update: "update", Delete: "delete", Require: "require", Fail: "fail",
    If: "if", ForEach: "for each", Notify: "notify", Send: "send", Start: "start", Call: "call", Emit: "emit",
    Log: "log",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Called:
    """A call of a connector's operation: `name` is `connector.operation`, `given` what it is given, by name and type."""

    name: str
    given: Mapping[str, Type]
    at: Span


@dataclass(frozen=True, slots=True)
class CheckedScript:
    """The outcome of a check: all problems by position, and the script if none of them is an error.

    `templates` are the messages that it sends, each with what its expressions may name there.
    """

    problems: tuple[Problem, ...]
    script: Script | None
    templates: tuple[tuple[str, Scope], ...] = ()
    values: tuple[Value, ...] = ()  # every expression in it that has no error
    called: tuple[Called, ...] = ()


def check(
    text: str | Located, scope: Scope, *, writable: Writable, available: Collection[str] = STATEMENTS
) -> CheckedScript:
    """Parse and check a script; never raises for bad input.

    `scope` is what its expressions may read (the record's fields by bare name, `record`, `user`, process variables, …),
    `writable` what it may write to and name. Statements not in `available` are checked, and refused.
    """
    source = Located.plain(text, "<script>") if isinstance(text, str) else text
    parsed = parse(source, phrases([*scope.names, *scope.functions]))
    problems = list(parsed.problems)
    if any(problem.code == "TW2106" for problem in problems):
        return CheckedScript(tuple(in_order(problems)), None)
    checker = _Checker(scope, writable, frozenset(available), problems)
    steps = checker.block(parsed.statements)
    found = tuple(in_order(problems))
    sent, values, called = tuple(checker.templates), tuple(checker.values), tuple(checker.called)
    if any(problem.severity == "error" for problem in found):
        return CheckedScript(found, None, sent, values, called)
    script = Script(source, steps, frozenset(checker.paths), frozenset(checker.writes))
    return CheckedScript(found, script, sent, values, called)


class _Checker:
    """Goes through statements in order; `scope` grows by the names that they make and shrinks where a block ends."""

    def __init__(self, scope: Scope, writable: Writable, available: frozenset[str], problems: list[Problem]) -> None:
        self.scope = scope
        self.writable = writable
        self.available = available
        self.problems = problems
        self.local: frozenset[str] = frozenset()  # names of `let`, of which `set` may change the value
        self.paths: set[tuple[str, ...]] = set()
        self.writes: set[str] = set()
        self.templates: list[tuple[str, Scope]] = []
        self.values: list[Value] = []
        self.called: list[Called] = []

    # ---- blocks and names ----

    def block(self, statements: Iterable[Statement]) -> tuple[Step, ...]:
        scope, local = self.scope, self.local
        steps = [step for statement in statements if (step := self.statement(statement)) is not None]
        self.scope, self.local = scope, local
        return tuple(steps)

    def statement(self, statement: Statement) -> Step | None:
        word = _WORDS[type(statement)]
        if word not in self.available:
            self.report("TW2122", f"'{word}' is not available in this version", statement.at)
        step = self.step(statement)
        return counted(step, statement.at) if step is not None else None

    def step(self, statement: Statement) -> Step | None:
        match statement:
            case Set():
                return self.set(statement)
            case Let():
                return self.let(statement)
            case Create():
                return self.create(statement)
            case Update():
                return self.update(statement)
            case Delete():
                return self.delete(statement)
            case Require():
                condition, message = self.condition(statement.condition), self.expression(statement.message)
                return runtime.require(condition, message) if condition and message else None
            case Fail():
                message = self.expression(statement.message)
                return runtime.fail(message, statement.at) if message else None
            case Log():
                message = self.expression(statement.message)
                return runtime.log(message) if message else None
            case If():
                return self.choose(statement)
            case ForEach():
                return self.for_each(statement)
            case Notify():
                return self.notify(statement)
            case Send():
                return self.send(statement)
            case Start():
                return self.start(statement)
            case Call():
                return self.call(statement)
            case Emit():
                return self.emit(statement)
        raise AssertionError(statement)

    def report(self, code: str, message: str, at: Span, hint: str = "") -> None:
        self.problems.append(Problem(code, message, at, hint=hint))

    def name(self, word: Word, type_: Type) -> None:
        """Make a new name known, unless it hides another."""
        if word.name in self.writable.own:
            self.report("TW2118", f"'{word.name}' is a field of {self.writable.entity}; choose another name", word.at)
        elif word.name in self.scope.names:
            self.report("TW2119", f"'{word.name}' already means something here; choose another name", word.at)
        self.scope = self.scope.with_names({word.name: type_})

    # ---- expressions ----

    def expression(self, text: Located, *, expected: Type | None = None, scope: Scope | None = None) -> Value | None:
        """An expression, checked and compiled."""
        code = interpolate(text, self.problems)
        checked = feel.check(code, self.scope if scope is None else scope, expected=expected)
        return self.compiled(code, checked)

    def row_expression(self, text: Located, entity: str, expected: Type | None = None) -> Value | None:
        """An expression about a row of an entity: bare names are its fields, else those outside."""
        code = interpolate(text, self.problems)
        return self.compiled(code, feel.check_condition(code, self.scope, entity, expected=expected))

    def compiled(self, code: Located, checked: feel.Checked) -> Value | None:
        self.problems.extend(checked.problems)
        if checked.expression is None:
            return None
        self.paths |= checked.expression.paths
        self.values.append(Value(checked.expression, code))
        return self.values[-1]

    def condition(self, text: Located) -> Value | None:
        return self.expression(text, expected=BOOLEAN)

    def expect(self, value: Value, target: Type, what: str) -> None:
        """Report a value whose type does not fit, an unknown option, unknown fields in contexts for lines."""
        if not fits(target, value.expression.type):
            given = described(value.expression.type)
            self.report("TW2116", f"{what} is {described(target)} and cannot take {given}", value.at)
            return
        for node in _results(value.expression.ast):
            self.expect_literal(node, value.code, target, what)

    def expect_value(self, value: Value, slot: Slot, what: str) -> None:
        """Report null for a field that may not be emptied."""
        for node in _results(value.expression.ast) if slot.needed else ():
            if isinstance(node, feel_ast.Literal) and node.value is None:
                self.report("TW2130", f"{what} is required and cannot be emptied", value.code.part(node.start, node.end))

    def expect_literal(self, node: feel_ast.Node, code: Located, target: Type, what: str) -> None:
        match node, target:
            case feel_ast.Literal(value=str() as option), Choice() if option not in target.options:
                hint = did_you_mean(option, target.options) or f"the options are {', '.join(target.options)}"
                self.report("TW2123", f"{what} has no option '{option}'", code.part(node.start, node.end), hint)
            case feel_ast.ContextNode(), RecordOf():
                self.line(node, code, target.entity)
            case feel_ast.ListNode(), ListOf():
                for item in node.items:
                    self.expect_literal(item, code, target.item, what)
            case feel_ast.For(), ListOf():
                self.expect_literal(node.result, code, target.item, what)

    def line(self, context: feel_ast.ContextNode, code: Located, entity: str) -> None:
        """A context that becomes a line: its entries are fields of the lines."""
        fields = self.writable.fields(entity) or {}
        for key, node in context.entries:
            start = max(code.text.rfind(key, context.start, node.start), context.start)
            at = code.part(start, start + len(key))
            if self.assignable(fields, entity, Word(key, at)) is None:
                continue
            self.expect_literal(node, code, fields[key].type, f"'{key}'")

    def assignable(self, fields: Mapping[str, Slot], entity: str, word: Word) -> Slot | None:
        slot = fields.get(word.name)
        if slot is None:
            hint = did_you_mean(word.name, [name for name, one in fields.items() if not one.kept])
            self.report("TW2112", f"{entity} has no field '{word.name}'", word.at, hint)
            return None
        if slot.kept:
            self.report("TW2117", f"'{word.name}' {slot.kept} and cannot be assigned", word.at)
            return None
        return slot

    def assignments(
        self, items: Iterable[Assignment], entity: str, row: Scope | str | None = None
    ) -> dict[str, Value] | None:
        """Values for fields of an entity. `row` is the scope of the values, or the entity whose row they are about."""
        fields = self.writable.fields(entity) or {}
        values: dict[str, Value] = {}
        complete = True
        for item in items:
            slot = None
            if len(item.target) > 1:
                self.report("TW2112", f"a path does not fit here, a field of {entity} does", item.at)
            else:
                slot = self.assignable(fields, entity, item.target[0])
            name = item.target[0].name
            self.once(name, values, item)
            value = self.row_expression(item.value, row) if isinstance(row, str) else self.expression(item.value, scope=row)
            if slot is None or value is None:
                complete = False
                continue
            self.expect(value, slot.type, f"'{name}'")
            self.expect_value(value, slot, f"'{name}'")
            values[name] = value
        return values if complete else None

    def once(self, name: str, values: Mapping[str, Value], item: Assignment) -> None:
        if name in values:
            self.report("TW2127", f"'{name}' is assigned twice", item.at)

    def named_values(self, items: Iterable[Assignment]) -> dict[str, Value] | None:
        """Values by name, of any type."""
        values: dict[str, Value] = {}
        complete = True
        for item in items:
            self.once(item.target[0].name, values, item)
            value = self.expression(item.value)
            if len(item.target) > 1:
                self.report("TW2102", "a path does not fit here, a name does", item.at)
            if value is None or len(item.target) > 1:
                complete = False
            else:
                values[item.target[0].name] = value
        return values if complete else None

    # ---- statements ----

    def set(self, statement: Set) -> Step | None:
        steps = [self.assign(item) for item in statement.assignments]
        done = [step for step in steps if step is not None]
        if len(done) < len(steps):
            return None
        if len(done) == 1:
            return done[0]

        def run(frame: runtime.Frame) -> None:
            for step in done:
                step(frame)

        return run

    def assign(self, item: Assignment) -> Step | None:
        value = self.expression(item.value)
        if len(item.target) == 1:
            return self.assign_name(item.target[0], value)
        if len(item.target) > 2:
            self.report(
                "TW2120",
                "'set' reaches fields of the record and of its lines only",
                item.at,
                "use 'update' for other records",
            )
            return None
        owner, word = item.target
        type_ = self.scope.names.get(owner.name)
        if type_ is None:
            self.unknown_target(owner)
            return None
        entity = self.writable.entity
        own = owner.name == "record" or (isinstance(type_, RecordOf) and type_.entity.startswith(f"{entity}."))
        if entity is None or not own or not isinstance(type_, RecordOf):
            hint = f"write: update {owner.name} set {word.name} = …"
            self.report("TW2120", f"'{owner.name}' is neither the record nor one of its lines", owner.at, hint)
            return None
        slot = self.assignable(self.writable.fields(type_.entity) or {}, type_.entity, word)
        if owner.name == "record":
            self.writes.add(word.name)
        return self.field(owner.name, word, slot, value)

    def assign_name(self, word: Word, value: Value | None) -> Step | None:
        name = word.name
        if name in self.writable.own:
            self.writes.add(name)
            return self.field(
                "record", word, self.assignable(self.writable.own, self.writable.entity or "", word), value
            )
        variables = self.writable.variables
        type_ = self.scope.names.get(name) if name in self.local else variables.get(name)
        if type_ is None:
            self.unknown_target(word)
            return None
        if value is None:
            return None
        self.expect(value, type_, f"'{name}'")
        return runtime.assign_local(name, value) if name in self.local else runtime.assign_variable(name, value)

    def field(self, owner: str, word: Word, slot: Slot | None, value: Value | None) -> Step | None:
        if slot is None or value is None:
            return None
        self.expect(value, slot.type, f"'{word.name}'")
        self.expect_value(value, slot, f"'{word.name}'")
        return runtime.assign_field(owner, word.name, value, word.at)

    def unknown_target(self, word: Word) -> None:
        if word.name in self.scope.names:
            self.report(
                "TW2113", f"'{word.name}' cannot be assigned: it is no field of the record and no variable", word.at
            )
            return
        known = [
            *(name for name, slot in self.writable.own.items() if not slot.kept),
            *self.writable.variables,
            *self.local,
        ]
        where = (
            f"{self.writable.entity} has no field, and there is no variable"
            if self.writable.entity
            else "there is no variable"
        )
        self.report("TW2113", f"{where} '{word.name}'", word.at, did_you_mean(word.name, known))

    def let(self, statement: Let) -> Step | None:
        value = self.expression(statement.value)
        type_ = ANY if value is None or value.expression.type == NULL else value.expression.type
        self.name(statement.name, type_)
        self.local |= {statement.name.name}
        return runtime.assign_local(statement.name.name, value) if value is not None else None

    def create(self, statement: Create) -> Step | None:
        word = statement.entity
        known = self.entity(word.name, word.at)
        values = self.assignments(statement.assignments, word.name) if known else None
        if statement.alias is not None:
            self.name(statement.alias, RecordOf(word.name) if known else ANY)
        alias = None if statement.alias is None else statement.alias.name
        return runtime.create(word.name, alias, values, statement.at) if values is not None else None

    def entity(self, name: str, at: Span) -> bool:
        """Whether there is such an entity; reports it if not."""
        if name in self.scope.entities:
            return True
        self.report("TW2111", f"there is no entity '{name}'", at, did_you_mean(name, self.scope.entities))
        return False

    def entity_name(self, target: Located, statement: str) -> str | None:
        """The entity that `update … where` and `delete … where` name."""
        name = target.text.strip().strip('"`')
        at = target.part(0, len(target.text))
        if not name.isidentifier():
            self.report("TW2111", f"'{statement} … where' is for an entity, and '{name}' is no entity's name", at)
            return None
        return name if self.entity(name, at) else None

    def update(self, statement: Update) -> Step | None:
        if statement.where is None:
            return self.update_record(statement)
        entity = self.entity_name(statement.target, "update")
        if entity is None:
            return None
        condition = self.row_expression(statement.where, entity, BOOLEAN)
        values = self.assignments(statement.assignments, entity, entity)
        if condition is None or values is None:
            return None
        return runtime.update_where(entity, condition, values, statement.at)

    def update_record(self, statement: Update) -> Step | None:
        found = self.record(statement.target, "update", " set …")
        if found is None:
            return None
        target, entity = found
        fields = self.writable.fields(entity) or {}
        scope = self.scope.with_names({name: slot.type for name, slot in fields.items()})
        values = self.assignments(statement.assignments, entity, scope)
        if values is None:
            return None
        return runtime.update_record(target, frozenset(fields), values, statement.at)

    def record(self, target: Located, statement: str, rest: str) -> tuple[Value, str] | None:
        """One record, given by an expression, and its entity."""
        name, at = target.text.strip(), target.part(0, len(target.text))
        if name in self.scope.entities and name not in self.scope.names:
            hint = f"write: {statement} {name} where true{rest}"
            self.report("TW2121", f"'{statement}' of the entity '{name}' needs a 'where'", at, hint)
            return None
        value = self.expression(target)
        if value is None:
            return None
        if not isinstance(value.expression.type, RecordOf):
            self.report("TW2125", f"'{name}' is {described(value.expression.type)}, not a record", at)
            return None
        return value, value.expression.type.entity

    def delete(self, statement: Delete) -> Step | None:
        if statement.where is None:
            found = self.record(statement.target, "delete", "")
            return runtime.delete_record(found[0], statement.at) if found is not None else None
        entity = self.entity_name(statement.target, "delete")
        if entity is None:
            return None
        condition = self.row_expression(statement.where, entity, BOOLEAN)
        return runtime.delete_where(entity, condition, statement.at) if condition is not None else None

    def choose(self, statement: If) -> Step | None:
        branches = [(self.branch(branch.condition), self.block(branch.body)) for branch in statement.branches]
        otherwise = self.block(statement.otherwise)
        ready = [(condition, body) for condition, body in branches if condition is not None]
        return runtime.choose(ready, otherwise) if len(ready) == len(branches) else None

    def branch(self, condition: Located) -> Value | None:
        """The condition of an `if`; a `then`, as an expression has it, is told to be left out."""
        before = len(self.problems)
        found = self.condition(condition)
        self.problems[before:] = [
            replace(each, hint=_WITHOUT_THEN) if each.at.source.text.startswith("then", each.at.start) else each
            for each in self.problems[before:]
        ]
        return found

    def for_each(self, statement: ForEach) -> Step | None:
        source = self.expression(statement.source)
        item: Type = ANY
        if source is not None and isinstance(source.expression.type, ListOf):
            item = source.expression.type.item
        elif source is not None and source.expression.type != ANY:
            self.report(
                "TW2129", f"'for each' goes over a list, and this is {described(source.expression.type)}", source.at
            )
        scope, local = self.scope, self.local
        self.name(statement.name, item)
        where = self.condition(statement.where) if statement.where is not None else None
        body = self.block(statement.body)
        self.scope, self.local = scope, local
        if source is None or (statement.where is not None and where is None):
            return None
        return runtime.for_each(statement.name.name, source, where, body, statement.at)

    def notify(self, statement: Notify) -> Step | None:
        users = self.expression(statement.users)
        if users is not None and not is_users(users.expression.type):
            self.report("TW2124", f"'notify' needs users, and this is {described(users.expression.type)}", users.at)
        self.template(statement.template)
        return runtime.notify(users, statement.template.name) if users is not None else None

    def send(self, statement: Send) -> Step | None:
        address = self.expression(statement.address)
        if address is not None and not fits(ListOf(STRING), address.expression.type):
            self.expect(address, STRING, "an address")
        self.template(statement.template)
        return runtime.send(statement.template.name, address) if address is not None else None

    def template(self, word: Word) -> None:
        if word.name not in self.writable.templates:
            hint = did_you_mean(word.name, self.writable.templates)
            self.report("TW2114", f"there is no template '{word.name}'", word.at, hint)
        else:
            self.templates.append((word.name, self.scope))

    def start(self, statement: Start) -> Step | None:
        word = statement.process
        record = self.expression(statement.record) if statement.record is not None else None
        values = self.named_values(statement.assignments)
        process = self.writable.processes.get(word.name)
        if process is None:
            hint = did_you_mean(word.name, self.writable.processes)
            self.report("TW2115", f"there is no process '{word.name}'", word.at, hint)
            return None
        for item in statement.assignments:
            name = item.target[0].name
            if name not in process.variables:
                hint = did_you_mean(name, process.variables)
                self.report("TW2115", f"process '{word.name}' has no variable '{name}'", item.at, hint)
            elif values is not None:
                self.expect(values[name], process.variables[name], f"'{name}'")
        if (
            record is not None
            and process.entity is not None
            and not fits(RecordOf(process.entity), record.expression.type)
        ):
            given = described(record.expression.type)
            self.report(
                "TW2128", f"process '{word.name}' is for records of {process.entity}, and this is {given}", record.at
            )
        if values is None or (statement.record is not None and record is None):
            return None
        return runtime.start_process(word.name, record, values)

    def call(self, statement: Call) -> Step | None:
        values = self.named_values(statement.assignments)
        connector, operation = statement.connector, statement.operation
        operations = self.writable.connectors.get(connector.name)
        if operations is None:
            hint = did_you_mean(connector.name, self.writable.connectors)
            self.report("TW2126", f"there is no connector '{connector.name}'", connector.at, hint)
        elif operation.name not in operations:
            hint = did_you_mean(operation.name, operations)
            self.report(
                "TW2126", f"connector '{connector.name}' has no operation '{operation.name}'", operation.at, hint
            )
        elif values is not None:
            given = {name: value.expression.type for name, value in values.items()}
            self.called.append(Called(f"{connector.name}.{operation.name}", given, operation.at))
        return runtime.call_connector(connector.name, operation.name, values) if values is not None else None

    def emit(self, statement: Emit) -> Step | None:
        event, values = self.expression(statement.event), self.named_values(statement.assignments)
        if event is not None:
            self.expect(event, STRING, "an event's name")
        return runtime.emit(event, values) if event is not None and values is not None else None


def _results(node: feel_ast.Node) -> Iterable[feel_ast.Node]:
    """The nodes that may give an expression's value: both ways of an `if`."""
    if isinstance(node, feel_ast.If):
        yield from _results(node.then)
        yield from _results(node.otherwise)
    else:
        yield node
