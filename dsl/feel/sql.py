"""FEEL conditions as SQL, with the same answer on the same data, nulls included; what has no exact counterpart is refused (NotSql)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.types import TypeEngine

from dsl.feel import ast
from dsl.feel import sql_functions as functions
from dsl.feel import sql_numbers as numbers
from dsl.feel.sql_terms import (
    Constant,
    Expr,
    Link,
    Many,
    NotSql,
    Row,
    Subject,
    Tables,
    Term,
    column_term,
    unknown,
)
from dsl.feel.types import BOOLEAN, Choice, ListOf, RecordOf
from dsl.feel.values import Range

__all__ = ["NotSql", "Tables", "compile_sql"]

Bind = Callable[[ast.Node], object]
Truth = ColumnElement[bool]
KINDS = {bool: "boolean", str: "string", Decimal: "number", int: "number", date: "date", datetime: "date and time", time: "time",
         timedelta: "days and time duration"}  # fmt: skip
SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


def compile_sql(node: ast.Node, tables: Tables, bind: Bind, *, entity: str, alias: FromClause) -> Truth:
    """The condition as SQL over the rows of `alias`, for a WHERE: a row is taken where it is true.

    `node` is resolved (`dsl.feel.check_condition`): `Item(0)` is the row. Every part that does not depend on the row is evaluated by
    `bind` and sent as a parameter. Raises NotSql.
    """
    return Translator(tables, bind, (Row(entity, alias),), {}).truth(node, positive=True)


class Translator:
    """`rows` are the SQL rows that `Item` means, innermost first; `names` those bound by `some` and `every`."""

    def __init__(self, tables: Tables, bind: Bind, rows: tuple[Row | Link, ...], names: Mapping[str, Row | Link]) -> None:
        self.tables = tables
        self.bind = bind
        self.rows = rows
        self.names = names

    @property
    def dialect(self) -> str:
        return self.tables.dialect

    def depends(self, node: object, depth: int = 0) -> bool:
        """Whether the value of a node depends on an SQL row."""
        if isinstance(node, ast.Item):
            return 0 <= node.depth - depth < len(self.rows)
        if isinstance(node, ast.Name):
            return node.name in self.names
        if isinstance(node, ast.Filter):
            return self.depends(node.base, depth) or self.depends(node.condition, depth + 1)
        if isinstance(node, ast.Query):
            return self.depends(node.condition, depth + 1)
        if isinstance(node, ast.Node):
            return any(self.depends(part, depth) for part in ast.parts(node))
        return isinstance(node, tuple) and any(self.depends(each, depth) for each in node)

    # ---- conditions ----

    def truth(self, node: ast.Node, *, positive: bool) -> Truth:
        """A three-valued condition. `positive`: only whether it is true matters, so that false may stand for null."""
        if not self.depends(node):
            value = self.bind(node)
            return unknown() if type(value) is not bool else true() if value else false()
        match node:
            case ast.Logic():
                both = self.truth(node.left, positive=positive), self.truth(node.right, positive=positive)
                return and_(*both) if node.op == "and" else or_(*both)
            case ast.Comparison(op=op) if op in ("=", "!="):
                return self.equality(op, self.subject(node.left), self.subject(node.right), node, positive)
            case ast.Comparison():
                return self.order(node.op, self.subject(node.left), self.subject(node.right), node)
            case ast.Between():
                value = self.subject(node.value)
                low = self.order(">=", value, self.subject(node.low), node)
                return and_(low, self.order("<=", value, self.subject(node.high), node))
            case ast.In():
                value = self.subject(node.value)
                return or_(*(self.test(value, test, positive) for test in node.tests))
            case ast.If():
                condition = self.truth(node.condition, positive=True)
                then = self.truth(node.then, positive=positive)
                return case((condition, then), else_=self.truth(node.otherwise, positive=positive))
            case ast.Quantified():
                return self.quantified(node, positive)
            case ast.Query(kind="exists"):
                many = self.queried(node)
                return exists(rows_of(literal(1), *many.froms).where(*many.conditions))
            case ast.Call(function=ast.Name(name=name)):
                return self.call_truth(name, node, positive)
        term = self.subject(node)
        if isinstance(term, Term) and term.kind == "boolean":
            return term.expr
        raise NotSql(node, "this is no condition in SQL")

    def call_truth(self, name: str, node: ast.Call, positive: bool) -> Truth:
        if node.names is not None:
            raise NotSql(node, "named arguments are not translated")
        if name == "not" and len(node.args) == 1:
            return not_(self.truth(node.args[0], positive=False))
        if name in functions.TESTS and len(node.args) == 2:
            args = [self.subject(arg) for arg in node.args]
            if functions.is_null(args):
                return unknown()
            return functions.TESTS[name]([functions.string(arg, node) for arg in args], self.dialect)
        if name == "list contains" and len(node.args) == 2:
            many, value = self.subject(node.args[0]), self.subject(node.args[1])
            if isinstance(many, Many):
                return self.contained(value, many, node)
        if name == "is" and len(node.args) == 2:
            raise NotSql(node, "'is' is not translated")
        term = self.subject(node)
        if isinstance(term, Term) and term.kind == "boolean":
            return term.expr
        raise NotSql(node, f"'{name}' is no condition in SQL")

    def quantified(self, node: ast.Quantified, positive: bool) -> Truth:
        """`some` and `every` over one list; null conditions count as FEEL counts them."""
        if len(node.iterators) != 1 or node.iterators[0].until is not None:
            raise NotSql(node, "only one list is walked through in SQL")
        many = self.subject(node.iterators[0].source)
        if not isinstance(many, Many) or not isinstance(many.element, Row | Link):
            raise NotSql(node, f"'{node.kind}' needs a list of records in SQL")
        inner = Translator(self.tables, self.bind, self.rows, {**self.names, node.iterators[0].name: many.element})
        def any_row(condition: Truth) -> Truth:
            return exists(rows_of(literal(1), *many.froms).where(*many.conditions, condition))

        decisive = node.kind == "some"  # a true one decides `some`, a false one `every`; else a null one makes null
        if positive:
            condition = inner.truth(node.condition, positive=decisive)
            return self.there(many, any_row(condition) if decisive else not_(any_row(condition.is_not(true()))))
        condition = inner.truth(node.condition, positive=False)
        decided = any_row(condition if decisive else not_(condition))
        yes, no = (true(), false()) if decisive else (false(), true())
        found = case((decided, yes), (any_row(condition.is_(None)), unknown()), else_=no)
        return self.there(many, found)

    def there(self, many: Many, found: Truth) -> Truth:
        return found if many.owner is None else case((many.owner.is_not(None), found), else_=unknown())

    # ---- comparisons ----

    def equality(self, op: str, left: Subject, right: Subject, node: ast.Node, positive: bool) -> Truth:
        wanted = op == "="
        if isinstance(left, Constant):
            left, right = right, left
        if isinstance(left, Many) or isinstance(right, Many):
            raise NotSql(node, "lists are not compared in SQL")
        if isinstance(right, Constant) and right.value is None:
            present = self.identity(left) if isinstance(left, Row | Link) else self.expr(left, node)
            return present.is_(None) if wanted else present.is_not(None)
        pair = self.pair(op, left, right, node)
        if isinstance(pair, bool):
            return false() if wanted else true()  # no stored number equals the constant
        _, a, b, nullable = pair
        if not nullable and positive and wanted:
            return a == b
        return a.is_not_distinct_from(b) if wanted else a.is_distinct_from(b)

    def pair(self, op: str, left: Subject, right: Subject, node: ast.Node) -> tuple[str, Expr, Expr, bool] | bool:
        """Two operands that the database can compare, and whether both may be null; False where nothing is equal."""
        if isinstance(left, Row | Link) or isinstance(right, Row | Link):
            return op, self.record_id(left, right, node), self.record_id(right, left, node), not isinstance(right, Constant)
        if isinstance(left, Constant) and not isinstance(right, Constant):
            return self.pair(SWAPPED[op], right, left, node)
        if not isinstance(left, Term):
            raise NotSql(node, "this is not compared in SQL")
        if left.kind == "record":
            return op, left.expr, self.record_id(right, left, node), not isinstance(right, Constant)
        if isinstance(right, Constant):
            kind = KINDS.get(type(right.value))
            if kind != left.kind:
                raise NotSql(node, f"a {left.kind} is not compared with {right.value!r} in SQL")
            if kind == "number":
                found = numbers.compare(op, left, right, self.dialect, node)
                return found if isinstance(found, bool) else (*found, False)
            return op, left.expr, self.bound(right.value, left, node), False
        if not isinstance(right, Term) or right.kind != left.kind:
            raise NotSql(node, "values of different types are not compared in SQL")
        if left.kind == "number":
            a, b = numbers.aligned(left, right, self.dialect, node)
            return op, a, b, True
        if left.days != right.days:
            return op, functions.day_number(left, self.dialect), functions.day_number(right, self.dialect), True
        return op, left.expr, right.expr, True

    def bound(self, value: object, like: Term, node: ast.Node) -> Expr:
        """A parameter of the type of the column that it is compared with."""
        if like.days:
            return functions.constant_day(value, self.dialect, node)
        if isinstance(value, datetime) and value.tzinfo is None:
            raise NotSql(node, "a time without a zone is not compared in SQL")
        type_: TypeEngine[Any] | None = like.source
        return literal(value, type_) if type_ is not None else literal(value)

    def record_id(self, subject: Subject, other: Subject, node: ast.Node) -> Expr:
        if isinstance(subject, Row | Link):
            return self.identity(subject)
        if isinstance(subject, Term) and subject.kind == "record":
            return subject.expr
        number = getattr(subject.value, "id", None) if isinstance(subject, Constant) else None
        if not isinstance(number, int):
            raise NotSql(node, "a record is only compared with a record in SQL")
        return literal(number, BigInteger())

    def identity(self, subject: Row | Link) -> Expr:
        return subject.id if isinstance(subject, Link) else self.tables.column(subject.entity, subject.alias, "id")

    def expr(self, subject: Subject, node: ast.Node) -> Expr:
        if isinstance(subject, Term):
            return subject.expr
        raise NotSql(node, "this has no value in SQL")

    def order(self, op: str, left: Subject, right: Subject, node: ast.Node) -> Truth:
        if any(isinstance(each, Constant) and each.value is None for each in (left, right)):
            return unknown()
        if isinstance(left, Constant):
            left, right, op = right, left, SWAPPED[op]
        if isinstance(left, Term) and left.kind in ("boolean", "record"):
            raise NotSql(node, f"a {left.kind} has no order")
        pair = self.pair(op, left, right, node)
        if isinstance(pair, bool):
            return unknown()
        op, a, b, _ = pair
        if isinstance(left, Term) and left.kind == "string" and self.dialect == "postgresql":
            a = a.collate("C")
        found: Truth = {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op]
        return found

    # ---- tests of `in` ----

    def test(self, value: Subject, test: ast.Node, positive: bool) -> Truth:
        match test:
            case ast.UnaryTest(op=op) if op in ("=", "!="):
                return self.equality(op, value, self.subject(test.value), test, positive)
            case ast.UnaryTest():
                return self.order(test.op, value, self.subject(test.value), test)
            case ast.RangeNode():
                return self.in_range(value, test)
            case ast.ListNode():
                return or_(false(), *(self.test(value, item, positive) for item in test.items))
        subject = self.subject(test)
        if isinstance(subject, Many):
            return self.contained(value, subject, test)
        if isinstance(subject, Constant):
            return self.among(value, subject.value, test, positive)
        return self.equality("=", value, subject, test, positive)

    def among(self, value: Subject, found: object, node: ast.Node, positive: bool) -> Truth:
        if isinstance(found, list | tuple):
            return or_(false(), *(self.equality("=", value, Constant(each), node, positive) for each in found))
        if isinstance(found, Range):
            low = self.order(">=" if found.start_included else ">", value, Constant(found.start), node)
            high = self.order("<=" if found.end_included else "<", value, Constant(found.end), node)
            return and_(low, high)
        return self.equality("=", value, Constant(found), node, positive)

    def in_range(self, value: Subject, node: ast.RangeNode) -> Truth:
        parts = []
        if node.low is not None:
            parts.append(self.order(">=" if node.low_included else ">", value, self.subject(node.low), node))
        if node.high is not None:
            parts.append(self.order("<=" if node.high_included else "<", value, self.subject(node.high), node))
        return and_(true(), *parts)

    def contained(self, value: Subject, many: Many, node: ast.Node) -> Truth:
        """Whether a list of rows holds a value; never null for a list that is there."""
        equal = self.equality("=", many.element, value, node, positive=True)
        found = exists(rows_of(literal(1), *many.froms).where(*many.conditions, equal))
        return self.there(many, found)

    # ---- values ----

    def subject(self, node: ast.Node) -> Subject:
        """What a node stands for in SQL."""
        if not self.depends(node):
            return Constant(self.bind(node))
        match node:
            case ast.Item():
                return self.rows[node.depth]
            case ast.Name():
                return self.names[node.name]
            case ast.Path():
                return self.member(self.subject(node.base), node.member, node)
            case ast.Filter():
                return self.filtered(node)
            case ast.Arithmetic():
                return self.arithmetic(node)
            case ast.Negate():
                return numbers.negate(self.number(self.subject(node.value), node), self.dialect)
            case ast.Call(function=ast.Name(name=name)) if node.names is None:
                return self.call(name, node)
            case ast.If():
                return self.choice(node)
            case ast.Query(kind="lookup all"):
                return self.queried(node)
            case ast.Query(kind="count of"):
                return self.aggregate("count", self.queried(node), node)
            case ast.Query(kind="exists"):
                return Term(cast(self.truth(node, positive=False), Boolean()), "boolean")
            case ast.Comparison() | ast.Logic() | ast.Between() | ast.In() | ast.Quantified():
                return Term(cast(self.truth(node, positive=False), Boolean()), "boolean")
        raise NotSql(node, "this is not translated to SQL")

    def member(self, base: Subject, name: str, node: ast.Node) -> Subject:
        if isinstance(base, Row):
            return self.row_member(base, name, node)
        if isinstance(base, Link):
            return self.link_member(base, name, node)
        if isinstance(base, Many):
            return self.many_member(base, name, node)
        if isinstance(base, Term) and base.kind == "date":
            return functions.date_member(base, name, self.dialect, node)
        raise NotSql(node, f"'{name}' is not read in SQL")

    def row_member(self, row: Row, name: str, node: ast.Node) -> Subject:
        type_ = self.type_of(row.entity, name, node)
        if isinstance(type_, ListOf):
            entity, alias, joined = self.tables.related(row.entity, row.alias, name)
            return Many((alias,), (joined,), self.element(entity, alias, type_))
        column = self.column(row.entity, row.alias, name, node)
        if isinstance(type_, RecordOf):
            return Link(type_.entity, column)
        return Term(column, "boolean") if type_ == BOOLEAN else column_term(column, type_, node, self.dialect)

    def element(self, entity: str, alias: FromClause, type_: ListOf) -> Row | Term:
        if isinstance(type_.item, Choice):
            return Term(alias.c.value, "string", alias.c.value.type)
        return Row(entity, alias)

    def type_of(self, entity: str, name: str, node: ast.Node) -> Any:
        try:
            return self.tables.type(entity, name)
        except KeyError:
            raise NotSql(node, f"{entity} has no '{name}' in SQL") from None

    def column(self, entity: str, alias: FromClause, name: str, node: ast.Node) -> Expr:
        try:
            return self.tables.column(entity, alias, name)
        except KeyError:
            raise NotSql(node, f"{entity}.{name} has no column") from None

    def link_member(self, link: Link, name: str, node: ast.Node) -> Subject:
        """A member of a linked record, as a scalar sub-query: null where the link is empty."""
        if name == "id":
            return Term(link.id, "number", digits=19, whole=True)
        alias = self.tables.alias(link.entity)
        found = self.row_member(Row(link.entity, alias), name, node)
        here = self.tables.column(link.entity, alias, "id") == link.id

        def scalar(expr: Expr) -> Expr:
            return rows_of(expr, alias).where(here).scalar_subquery()

        match found:
            case Link():
                return Link(found.entity, scalar(found.id))
            case Term():
                return replace(found, expr=scalar(found.expr))
            case Many():
                return Many((alias, *found.froms), (here, *found.conditions), found.element, link.id)
        raise NotSql(node, f"'{name}' is not read through a link in SQL")

    def many_member(self, many: Many, name: str, node: ast.Node) -> Subject:
        element = many.element
        if isinstance(element, Link):
            alias = self.tables.alias(element.entity)
            here = self.tables.column(element.entity, alias, "id") == element.id
            many = Many((*many.froms, alias), (*many.conditions, here), Row(element.entity, alias), many.owner)
            element = many.element
        if not isinstance(element, Row):
            raise NotSql(node, f"'{name}' of these values is not read in SQL")
        found = self.row_member(element, name, node)
        if isinstance(found, Many):
            return Many((*many.froms, *found.froms), (*many.conditions, *found.conditions), found.element, many.owner)
        return replace(many, element=found)

    def filtered(self, node: ast.Filter) -> Subject:
        many = self.subject(node.base)
        if not isinstance(many, Many) or not isinstance(many.element, Row | Link):
            raise NotSql(node, "only lists of records are filtered in SQL")
        inner = Translator(self.tables, self.bind, (many.element, *self.rows), self.names)
        if isinstance(node.condition, ast.Literal | ast.Negate):
            raise NotSql(node, "a list has no positions in SQL")
        return many.where(inner.truth(node.condition, positive=True))

    def number(self, subject: Subject, node: ast.Node) -> Term:
        if isinstance(subject, Constant) and type(subject.value) in (Decimal, int):
            return numbers.constant(subject.value, self.dialect, node)
        if isinstance(subject, Term) and subject.kind == "number":
            return subject
        raise NotSql(node, "a number is needed here")

    def arithmetic(self, node: ast.Arithmetic) -> Subject:
        left, right = self.subject(node.left), self.subject(node.right)
        if any(isinstance(each, Constant) and each.value is None for each in (left, right)):
            return Constant(None)
        if isinstance(left, Term) and left.kind == "date" and node.op in ("+", "-") and isinstance(right, Constant):
            return functions.shift(left, right.value, 1 if node.op == "+" else -1, self.dialect, node)
        if node.op == "+" and "string" in (kind_of(left), kind_of(right)):
            return functions.joined([functions.string(left, node), functions.string(right, node)])
        if node.op == "/":
            if not isinstance(right, Constant):
                raise NotSql(node, "division is not exact in SQL")
            return numbers.divide(self.number(left, node), right.value, self.dialect, node)
        if node.op == "**":
            raise NotSql(node, "powers are not exact in SQL")
        return numbers.calculate(node.op, self.number(left, node), self.number(right, node), self.dialect, node)

    def choice(self, node: ast.If) -> Subject:
        then, otherwise = self.subject(node.then), self.subject(node.otherwise)
        condition = self.truth(node.condition, positive=True)
        if "string" in (kind_of(then), kind_of(otherwise)):
            a, b = functions.string(then, node), functions.string(otherwise, node)
            return Term(case((condition, a), else_=b), "string", a.type)
        a_term, b_term = self.number(then, node), self.number(otherwise, node)
        first, second = numbers.aligned(a_term, b_term, self.dialect, node)
        wider = a_term if a_term.scale >= b_term.scale else b_term
        digits = max(a_term.digits, b_term.digits)
        return replace(wider, expr=case((condition, first), else_=second), digits=digits, simple=False)

    def queried(self, node: ast.Query) -> Many:
        """The rows of an entity for which a condition is true."""
        alias, live = self.tables.rows(node.entity)
        row = Row(node.entity, alias)
        many = Many((alias,), (live,), row)
        if node.condition is None:
            return many
        inner = Translator(self.tables, self.bind, (row, *self.rows), self.names)
        return many.where(inner.truth(node.condition, positive=True))

    def call(self, name: str, node: ast.Call) -> Subject:
        args = [self.subject(arg) for arg in node.args]
        if name in ("count", "sum", "min", "max") and len(args) == 1 and isinstance(args[0], Many):
            return self.aggregate(name, args[0], node)
        if name == "string length" and len(args) == 1:
            return functions.length(functions.string(args[0], node))
        if name in ("upper case", "lower case") and len(args) == 1:
            return functions.letter_case(name, functions.string(args[0], node), self.tables.functions, self.dialect, node)
        if name == "substring" and len(args) in (2, 3) and all(isinstance(arg, Constant) for arg in args[1:]):
            rest = [arg.value for arg in args[1:] if isinstance(arg, Constant)]
            return functions.substring(functions.string(args[0], node), rest[0], rest[1] if len(rest) > 1 else None, self.dialect, node)
        if name in ("not", *functions.TESTS, "list contains"):
            return Term(cast(self.call_truth(name, node, positive=False), Boolean()), "boolean")
        raise NotSql(node, f"'{name}' is not translated to SQL")

    def aggregate(self, name: str, many: Many, node: ast.Node) -> Subject:
        """`count`, `sum`, `min`, `max` over rows; a null among the values makes the last three null, as in FEEL."""
        element = many.element
        if name == "count":
            total: Expr = rows_of(func.count(), *many.froms).where(*many.conditions).scalar_subquery()
            if many.owner is not None:
                total = case((many.owner.is_not(None), total), else_=None)
            return Term(total, "number", digits=19, whole=True)
        if not isinstance(element, Term) or element.kind != "number":
            raise NotSql(node, f"'{name}' needs numbers in SQL")
        expr = numbers.safe(element, self.dialect)
        nothing: Any = literal(0, BigInteger()) if name == "sum" else None
        folded = getattr(func, name)(expr)
        complete = func.count() == func.count(expr)
        value = case((func.count() == 0, nothing), (complete, folded), else_=None)
        total = rows_of(value, *many.froms).where(*many.conditions).scalar_subquery()
        if many.owner is not None:
            total = case((many.owner.is_not(None), total), else_=None)
        return replace(element, expr=total, digits=min(element.digits + 9, 34), simple=name != "sum", whole=False)


def rows_of(what: Expr, *tables: FromClause) -> Select[Any]:
    """A sub-query over these tables; what else its conditions name belongs to the queries around it, at any depth."""
    return select(what).select_from(*tables).correlate_except(*tables)


def kind_of(subject: Subject) -> str:
    if isinstance(subject, Term):
        return subject.kind
    return KINDS.get(type(subject.value), "") if isinstance(subject, Constant) else ""
