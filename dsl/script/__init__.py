"""The script language (spec 2.3): line-based statements around FEEL, checked against a model and compiled once.

checked = script.check("set status = \\"approved\\"", scope, writable=writable)
checked.script.run(scope_at_run_time, effects)
"""

from dsl.script.check import Called, CheckedScript, check
from dsl.script.runtime import Effects, Limits, Names, Script, ScriptFailed
from dsl.script.writable import STATEMENTS, Slot, Startable, Writable

__all__ = [
    "STATEMENTS",
    "Called",
    "CheckedScript",
    "Effects",
    "Limits",
    "Names",
    "Script",
    "ScriptFailed",
    "Slot",
    "Startable",
    "Writable",
    "check",
]
