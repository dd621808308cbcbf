"""Fields of entities and lines, process variables and inputs: from their documents to the model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Literal, cast
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision

from dsl.feel.types import NUMBER, Scope, Type
from engine.model.checker import Checker, label
from engine.model.layers import CUSTOMIZATIONS
from engine.model.literals import literal, size_in_bytes
from engine.model.model import SYSTEM_FIELDS, Field, Option, Settings, Value
from engine.model.names import Declared, Names
from engine.model.part import Part

DECIMAL_SCALE = 6
FILES = ("file", "files", "image")
ORDERED = ("integer", "decimal", "money", "percent", "date", "time", "datetime", "duration")
# Keys that only some types have; all others every stored field has.
BELONGS: Mapping[str, tuple[str, ...]] = {
    "options": ("choice", "choices"),
    "to": ("link", "links"),
    "filter": ("link", "links", "user"),
    "on_delete": ("link", "user"),
    "from": ("related",),
    "fields": ("lines",),
    "scale": ("decimal", "money", "percent"),
    "min": ORDERED,
    "max": ORDERED,
    "max_length": ("text", "long_text", "rich_text", "email", "phone", "url"),
    "pattern": ("text", "long_text", "email", "phone", "url"),
    "max_size": FILES,
    "accept": FILES,
}
KEYS_OF: Mapping[str, frozenset[str]] = {
    "related": frozenset({"type", "label", "help", "visible_when", "from"}),
    "lines": frozenset(
        {
            "type",
            "label",
            "help",
            "required",
            "readonly",
            "visible_when",
            "readonly_when",
            "required_when",
            "copy",
            "track",
            "sensitive",
            "fields",
        }
    ),
}
NO_UNIQUE = ("links", "choices", "files", "file", "image", "json", "long_text", "rich_text")
NO_COMPUTE = ("links", "files", "file", "image", "choices")


def declare(names: Names, entity: str, fields: Part | None, parent: str | None = None) -> None:
    """Note what an entity's fields are, before anything that may refer to them is compiled."""
    found: dict[str, Declared] = {}
    if parent is not None:
        names.parents[entity] = parent
    names.entities[entity] = found
    for name, part in fields.items() if fields is not None else ():
        found[name] = declared(name, part)
        if found[name].type == "lines":
            found[name].lines = f"{entity}.{name}"
            declare(names, f"{entity}.{name}", part.get("fields"), entity)


def declared(name: str, part: Part) -> Declared:
    source = part.string("from").split(".")
    return Declared(
        name,
        part.string("type"),
        "user" if part.string("type") == "user" else part.string("to"),
        tuple(options(part)),
        (source[0], source[1]) if len(source) == 2 else None,
        computed=part.get("compute") is not None,
        filled=part.flag("required") or part.get("default") is not None,
    )


def options(part: Part) -> dict[str, Option]:
    listed = part.get("options")
    if listed is None:
        return {}
    if isinstance(listed.value, Mapping):
        return {
            name: Option(
                name,
                label(each.get("label") if isinstance(each.value, Mapping) else each if each.value else None, name),
                each.string("color"),
            )
            for name, each in listed.items()
        }
    return {each.written: Option(each.written, label(None, each.written)) for each in listed.each()}


class FieldBuilder:
    """Builds the fields of one entity (or the variables of a process), in its scope."""

    def __init__(
        self, checker: Checker, settings: Settings, entity: str | None, scope: Scope, siblings: Mapping[str, Declared]
    ) -> None:
        self.checker = checker
        self.settings = settings
        self.entity = entity
        self.scope = scope
        self.siblings = siblings

    def build(self, name: str, part: Part) -> Field:
        """The field, as far as its document is right. Lines get their entity later."""
        type_ = part.string("type")
        if type_:
            self.check_keys(name, type_, part)
        base = Field(
            name,
            type_ or "json",
            label(part.get("label"), name),
            help=label(part.get("help")),
            required=part.flag("required"),
            readonly=part.flag("readonly"),
            unique=part.flag("unique"),
            index=part.flag("index"),
            search=part.flag("search"),
            track=part.flag("track", True),
            sensitive=part.flag("sensitive"),
            copy=part.flag("copy", True),
            max_length=self.number(part, "max_length"),
            pattern=self.pattern(part),
            scale=self.scale(type_, part),
            options=options(part),
            to=self.target(type_, part),
            on_delete=self.on_delete(part),
            source=self.source(name, part),
            max_size=size_in_bytes(part.get("max_size")),
            accept=part.texts("accept"),
            custom=part.document.key_at(part.path).source.path.startswith(CUSTOMIZATIONS),
            at=part.key_at,
        )
        return self.with_expressions(base, part)

    def with_expressions(self, base: Field, part: Part) -> Field:
        checker, scope = self.checker, self.scope
        type_ = checker.names.type_of(declared(base.name, part)) if base.type else None
        fill = self.value(base, part.get("fill"), type_)
        if fill is not None and base.required:
            checker.needed(part.get("fill"), fill.expression, scope, "the `fill` of a required field")
        link_filter = part.get("filter")
        return replace(
            base,
            default=self.value(base, part.get("default"), type_),
            fill=fill,
            min=self.value(base, part.get("min"), type_),
            max=self.value(base, part.get("max"), type_),
            compute=checker.expression(part.get("compute"), scope, type_),
            visible_when=checker.condition(part.get("visible_when"), scope),
            readonly_when=checker.condition(part.get("readonly_when"), scope),
            required_when=checker.condition(part.get("required_when"), scope),
            filter=checker.rows(link_filter, scope, base.to) if base.to else None,
        )

    def value(self, base: Field, part: Part | None, type_: Type | None) -> Value | None:
        if part is not None and base.type == "integer":
            type_ = NUMBER
        return self.checker.value(part, self.scope, type_, lambda each: literal(self.checker, each, base, self.zone))

    @property
    def zone(self) -> ZoneInfo:
        return self.settings.zone

    # ---- single keys ----

    def check_keys(self, name: str, type_: str, part: Part) -> None:
        report = self.checker.report
        if self.entity is not None and name in SYSTEM_FIELDS:
            report("TW1301", f"every record has a field '{name}' already", part.key_at, "choose another name")
        for key, _ in part.items():
            allowed = KEYS_OF.get(type_)
            fits = key in allowed if allowed is not None else type_ in BELONGS.get(key, (type_,))
            if not fits:
                types = BELONGS.get(key)
                hint = f"it belongs to: {', '.join(types)}" if types else "remove it"
                report(
                    "TW1302",
                    f"'{key}' does not fit a field of type {type_}",
                    part.document.key_at((*part.path, key)),
                    hint,
                )
        if part.flag("unique") and type_ in NO_UNIQUE:
            report("TW1302", f"a field of type {type_} can't be unique", part.document.key_at((*part.path, "unique")))
        compute = part.get("compute")
        if compute is not None:
            if type_ in NO_COMPUTE:
                report("TW1302", f"a field of type {type_} can't be computed", compute.key_at)
            for key in ("default", "required", "fill"):
                if part.flag(key) or (key != "required" and part.get(key) is not None):
                    report(
                        "TW1303",
                        f"'{key}' has no meaning for a computed field",
                        part.document.key_at((*part.path, key)),
                        f"remove `{key}`, or `compute`",
                    )

    def number(self, part: Part, key: str) -> int | None:
        found = part.get(key)
        return found.value if found is not None and isinstance(found.value, int) else None

    def pattern(self, part: Part) -> str | None:
        found = part.get("pattern")
        if found is None:
            return None
        try:
            re.compile(found.value)
        except re.error as error:
            at = found.text.part(error.pos or 0, (error.pos or 0) + 1)
            self.checker.report("TW1304", f"this is not a regular expression: {error.msg}", at)
            return None
        return str(found.value)

    def scale(self, type_: str, part: Part) -> int | None:
        given = self.number(part, "scale")
        if type_ in ("decimal", "percent"):
            return DECIMAL_SCALE if given is None else given
        if type_ == "money":
            return self.money_scale() if given is None else given
        return None

    def money_scale(self) -> int:
        """The currency's minor units; where records choose their currency, enough for each."""
        currency = self.siblings.get("currency")
        codes = currency.options if currency is not None and currency.type == "choice" else ()
        return max(
            get_currency_precision(code) for code in (*codes, self.settings.currency) if re.fullmatch("[A-Z]{3}", code)
        )

    def target(self, type_: str, part: Part) -> str | None:
        if type_ == "user":
            return "user"
        to = part.get("to")
        if to is None or type_ not in ("link", "links"):
            return None
        names = self.checker.names
        if to.value not in names.queryable:
            self.checker.unknown(
                "TW1305",
                f"the link '{part.name}' goes to nothing: there is no entity",
                str(to.value),
                names.queryable,
                to.at,
            )
            return None
        return str(to.value)

    def on_delete(self, part: Part) -> Literal["restrict", "set_null", "cascade"]:
        found = part.get("on_delete")
        if found is None:
            return "restrict"
        if found.value == "set_null" and part.flag("required"):
            message = "a required link can't be set to null when its record is deleted"
            self.checker.report("TW1306", message, found.at, "write `restrict` or `cascade`, or remove `required`")
        return cast(Literal["restrict", "set_null", "cascade"], str(found.value))

    def source(self, name: str, part: Part) -> tuple[str, str] | None:
        """The entity and link that a related field reverses."""
        found = part.get("from")
        if found is None or part.string("type") != "related":
            return None
        entity, _, link = str(found.value).partition(".")
        fields = self.checker.names.entities.get(entity)
        if fields is None:
            self.checker.unknown(
                "TW1307", "there is no entity", entity, self.checker.names.queryable, found.text.part(0, len(entity))
            )
            return None
        at = found.text.part(len(entity) + 1, len(found.text.text))
        if link not in fields:
            self.checker.unknown("TW1307", f"{entity} has no field", link, fields, at)
            return None
        if fields[link].to != self.entity or fields[link].type not in ("link", "user"):
            links = [each.name for each in fields.values() if each.to == self.entity and each.type in ("link", "user")]
            hint = f"its links to {self.entity}: {', '.join(links)}" if links else ""
            self.checker.report("TW1307", f"{entity}.{link} is no link to {self.entity}", at, hint)
            return None
        return entity, link


def bounds_in_order(checker: Checker, field: Field, part: Part) -> None:
    """A literal `min` above `max` lets nothing through; a literal default must be between them."""
    low, high, default = (
        value.literal if value is not None else None for value in (field.min, field.max, field.default)
    )
    key = part.document.key_at
    if comparable(low, high) and low > high:  # type: ignore[operator]
        checker.report(
            "TW1313", f"no value of '{field.name}' can be at least {low} and at most {high}", key((*part.path, "min"))
        )
    elif (comparable(low, default) and default < low) or (comparable(high, default) and default > high):  # type: ignore[operator]
        checker.report(
            "TW1313",
            f"the default of '{field.name}' is not between its bounds",
            part.document.at((*part.path, "default")),
        )


def comparable(one: object, other: object) -> bool:
    if isinstance(one, int | Decimal) and isinstance(other, int | Decimal):
        return True
    return one is not None and type(one) is type(other)
