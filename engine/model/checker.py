"""Compiles the texts of documents (expressions, values, templates, scripts) and collects what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass, replace

from dsl import feel, script
from dsl.feel import Expression, ast
from dsl.feel.nulls import empty_part, null
from dsl.feel.types import ANY, BOOLEAN, ListOf, RecordOf, Scope, Type
from dsl.problems import Problem, Severity, did_you_mean
from dsl.source import Located, Span
from engine.model.model import Text, Value
from engine.model.names import Names
from engine.model.part import Part
from engine.model.translating import untranslatable

RATES = frozenset({"from_currency", "to_currency", "date", "rate"})
WITHOUT_SIGN = "what stands here is always an expression, so it begins without '='"


class Checker:
    """Holds the problems of one build, and the names that expressions may use."""

    def __init__(
        self,
        names: Names,
        roles: frozenset[str] = frozenset(),
        unread: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        self.names = names
        self.roles = roles
        self.unread = unread  # kind and name of the documents that could not be read: what they declare is not known
        self.problems: list[Problem] = []
        self.sent: dict[str, list[Scope]] = {}  # templates, each with what it may name where a script sends it
        self.called: dict[str, list[script.Called]] = {}  # operations of connectors, each with its calls

    def report(self, code: str, message: str, at: Span, hint: str = "", severity: Severity = "error") -> None:
        self.problems.append(Problem(code, message, at, severity, hint))

    def unknown(self, code: str, what: str, name: str, known: Iterable[str], at: Span) -> None:
        """A name that means nothing, with the nearest one that does; silent if a document that cannot be read has it."""
        if any(name == unread for _, unread in self.unread):
            return
        self.report(code, f"{what} '{name}'", at, did_you_mean(name, known))

    # ---- expressions ----

    def expression(self, part: Part | None, scope: Scope, expected: Type | None = None) -> Expression | None:
        return None if part is None else self.compiled(part.text, scope, expected)

    def needed(self, part: Part | None, expression: Expression | None, scope: Scope, what: str) -> None:
        """Warn where an expression may give null, and the place can't do without a value."""
        if part is None or expression is None:
            return
        found = empty_part(expression.ast, scope, self.names.may_be_empty)
        if found is None:
            return
        lead = 1 if part.text.text.startswith("=") else 0
        at = part.text.part(found.start + lead, found.end + lead)
        name = at.source.text[at.start : at.end]
        hint = "" if null(found) else f"say what else: if {name} = null then … else …; or make the field required"
        message = f"{what} needs a value, and this is null" if null(found) else f"{what} needs a value, and '{name}' may be empty"
        self.report("TW2224", message, at, hint, "warning")

    def condition(self, part: Part | None, scope: Scope) -> Expression | None:
        return self.expression(part, scope, BOOLEAN)

    def compiled(self, text: Located, scope: Scope, expected: Type | None = None) -> Expression | None:
        checked = feel.check(text, scope, expected=expected)
        if text.text.startswith("="):
            first = text.part(0, 1)
            checked = replace(
                checked,
                problems=tuple(
                    replace(each, hint=WITHOUT_SIGN) if each.at.start == first.start else each
                    for each in checked.problems
                ),
            )
        return self.taken(checked, text, scope)

    def rows(self, part: Part | None, scope: Scope, entity: str, *, in_sql: bool = True) -> Expression | None:
        """A condition on rows of an entity: bare names are the row's fields, else those of the scope. `in_sql`: a list is found
        by it, so that the database must be able to answer it.
        """
        if part is None:
            return None
        if entity not in self.names.entities:
            return None
        found = self.taken(feel.check_condition(part.text, scope, entity), part.text, scope, entity)
        for node in walk(found.ast) if found is not None else ():
            match node:
                case ast.Call(function=ast.Name(name="decide") as name):
                    hint = "keep the answer in a computed field, and compare that"
                    at = part.text.part(name.start, name.end)
                    self.report("TW2222", "the database, which finds the rows, can't ask a decision", at, hint)
                    return found
        refused = untranslatable(self.names, found, entity) if found is not None and in_sql else None
        if refused is not None:
            at = part.text.part(refused.node.start, refused.node.end)
            hint = "keep the value in a computed field, and compare that"
            self.report("TW2223", f"the database, which finds the rows, can't answer this: {refused.reason}", at, hint)
        return found

    def taken(self, checked: feel.Checked, text: Located, scope: Scope, rows: str = "") -> Expression | None:
        """Note the problems of an expression, in the words of the model, and give what was compiled."""
        for problem in checked.problems:
            self.problems.append(in_words(problem, scope, rows))
        if checked.expression is not None:
            self.check_asked(checked.expression, text)
        return checked.expression

    def check_asked(self, expression: Expression, text: Located) -> None:
        """Texts that name a role must name one that there is, and rates must be kept where they are asked for."""
        for node in walk(expression.ast):
            match node:
                case ast.Call(
                    function=ast.Name(name="users with role"), args=(ast.Literal(value=str(role)) as literal,)
                ) if role not in self.roles:
                    self.unknown("TW1506", "there is no role", role, self.roles, text.part(literal.start, literal.end))
                case ast.Call(function=ast.Name(name="convert currency") as name) if not self.keeps_rates():
                    message = "there is no entity 'exchange_rate' with from_currency, to_currency, date and rate"
                    self.report("TW1205", message, text.part(name.start, name.end), "the module base has it: modules: [base]")

    def keeps_rates(self) -> bool:
        return self.names.entities.get("exchange_rate", {}).keys() >= RATES or ("entity", "exchange_rate") in self.unread

    def value(
        self, part: Part | None, scope: Scope, expected: Type | None, literal: Callable[[Part], object]
    ) -> Value | None:
        """A literal, or an expression where the text begins with `=`."""
        if part is None or part.value is None:
            return None
        if isinstance(part.value, str) and part.value.startswith("="):
            expression = self.compiled(part.text.slice(1), scope, expected)
            return None if expression is None else Value(expression=expression)
        found = literal(part)
        return None if found is None else Value(literal=found)

    def path(self, part: Part, entity: str, text: str) -> Type | None:
        """What a path of fields from a record leads to; None, and a problem, where it leads nowhere."""
        here: Type = RecordOf(entity)
        start = part.text.text.find(text)
        before = ""
        for step in text.split("."):
            at = part.text.part(start, start + len(step))
            start += len(step) + 1
            of = entity_of(here)
            if here == ANY:  # a link to nothing is reported where it is declared
                return ANY
            if of is None:
                self.report("TW1203", f"'{before}' is no link, so it has no '{step}'", at)
                return None
            members = self.names.members(of) or {}
            if step not in members:
                self.unknown("TW1203", f"{of} has no field", step, members, at)
                return None
            here, before = members[step], step
        return here

    # ---- texts ----

    def templates(self, part: Part | None, scope: Scope) -> dict[str, Expression]:
        """The texts with `{expressions}` of a label-like value, compiled by locale."""
        found = {}
        for locale, text in texts(part):
            expression = self.taken(feel.template(text.text, scope), text.text, scope)
            if expression is not None:
                found[locale] = expression
        return found

    def pieces(self, part: Part | None, scope: Scope) -> tuple[str | Expression, ...]:
        """The parts of a text with `{expressions}`, plain ones and expressions in turn."""
        if part is None:
            return ()
        parts, problems = feel.parts(part.text, scope)
        self.problems.extend(problems)
        found = (each if isinstance(each, str) else self.taken(each, part.text, scope) for each in parts)
        return tuple(each for each in found if each is not None)

    def script(self, part: Part | None, scope: Scope, writable: script.Writable) -> script.Script | None:
        if part is None:
            return None
        checked = script.check(part.text, scope, writable=writable)
        self.problems.extend(checked.problems)
        for value in checked.values:
            self.check_asked(value.expression, value.code)
        for template, seen in checked.templates:
            self.sent.setdefault(template, []).append(seen)
        for call in checked.called:
            self.called.setdefault(call.name, []).append(call)
        return checked.script

    def check_uses(self, part: Part | None, scopes: Iterable[Scope]) -> None:
        """A message names only what the scripts that send it see; a warning where only some of them do not see it."""
        for _, text in texts(part):
            found = [
                tuple(in_words(p, scope, "") for p in feel.template(text.text, scope).problems) for scope in scopes
            ]
            for problem in dict.fromkeys(p for problems in found for p in problems):
                everywhere = all(any(p.at == problem.at for p in problems) for problems in found)
                self.problems.append(problem if everywhere else replace(problem, severity="warning"))


def entity_of(type_: Type) -> str | None:
    """The entity of a record, or of each record of a list."""
    if isinstance(type_, ListOf):
        return entity_of(type_.item)
    return type_.entity if isinstance(type_, RecordOf) else None


def in_words(problem: Problem, scope: Scope, rows: str) -> Problem:
    """An unknown name in an expression about records is an unknown field."""
    if problem.code == "TW2003" and " has no field " in problem.message:
        return replace(problem, code="TW1203")
    if problem.code != "TW2002":
        return problem
    name = problem.at.source.text[problem.at.start : problem.at.end]
    record = scope.names.get("record")
    entity = rows or (record.entity if isinstance(record, RecordOf) else "")
    if not entity:
        return replace(problem, code="TW1204")
    if "initiator" in scope.names:
        return replace(
            problem, code="TW1204", message=f"{entity} has no field '{name}', and the process no variable of that name"
        )
    return replace(problem, code="TW1203", message=f"{entity} has no field '{name}'")


def walk(node: object) -> Iterator[object]:
    """A syntax tree's nodes, from the root down."""
    if isinstance(node, tuple):
        for each in node:
            yield from walk(each)
    elif is_dataclass(node):
        yield node
        for each in dataclass_fields(node):
            value = getattr(node, each.name)
            if isinstance(value, tuple) or is_dataclass(value):
                yield from walk(value)


def texts(part: Part | None) -> Iterator[tuple[str, Part]]:
    """The texts of a label by locale; "" for one without."""
    if part is None:
        return
    if isinstance(part.value, Mapping):
        yield from part.items()
    elif isinstance(part.value, str):
        yield "", part


def label(part: Part | None, name: str = "") -> Text:
    """A label, help or message; without one, the humanized name."""
    found = {locale: str(text.value) for locale, text in texts(part)}
    if not found and name:
        return Text({"": humanized(name)})
    return Text(found)


def humanized(name: str) -> str:
    """`x_promised_date` as people write it: Promised date."""
    return name.removeprefix("x_").replace("_", " ").strip().capitalize()
