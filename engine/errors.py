"""What can go wrong at work, as data: a code, the message's template and its values; faces put it into the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FieldError:
    """One refused value. `path` is the field's (`discount`, `lines.0.quantity`), empty for the record as a whole.

    `template` is an English sentence with `{name}` places; `text` is the sentence. A rule's own message has no template values.
    """

    path: str
    code: str
    template: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def text(self) -> str:
        return fill(self.template, self.values)


def fill(template: str, values: Mapping[str, object]) -> str:
    """The template with its places filled; a template without values is a finished text, braces and all."""
    return template.format(**values) if values else template


class TradewindError(Exception):
    """Base of all errors that a user can be told of. `status` is the HTTP status that fits (RFC 9110)."""

    code = "error"
    status = 400

    def __init__(self, template: str, *, code: str = "", **values: object) -> None:
        self.template = template
        self.values = values
        if code:
            self.code = code
        super().__init__(fill(template, values))

    @property
    def text(self) -> str:
        return fill(self.template, self.values)


class ValidationFailed(TradewindError):
    """A record was refused; `errors` says which values and why."""

    code = "invalid"
    status = 422

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(error.text for error in self.errors))


class NeedsConfirmation(TradewindError):
    """Rules of severity warning: the person may confirm and go on (API: `?confirm=true`)."""

    code = "needs_confirmation"
    status = 409

    def __init__(self, warnings: Iterable[FieldError]) -> None:
        self.errors = tuple(warnings)
        super().__init__("\n".join(error.text for error in self.errors))


class AccessDenied(TradewindError):
    """The person has no permission for this."""

    code = "access_denied"
    status = 403


class NotFound(TradewindError):
    """There is no such record, or the person may not know of it."""

    code = "not_found"
    status = 404


class StaleVersion(TradewindError):
    """Somebody changed the record meanwhile (optimistic lock)."""

    code = "stale"
    status = 412


class ActionRefused(TradewindError):
    """The operation is not open to this person now: wrong state, not their task, `when` does not hold, or somebody was faster."""

    code = "refused"
    status = 409


class StepFailed(TradewindError):
    """A script failed (`require`, `fail`, a missing value, a bound): the step is undone and the person sees the message."""

    code = "failed"
    status = 422


class Unavailable(TradewindError):
    """Something that the operation needs could not be reached."""

    code = "unavailable"
    status = 503
