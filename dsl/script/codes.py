"""The codes of script problems, each with what it means and what to do."""

from __future__ import annotations

CODES = {
    "TW2101": "A line does not begin with a statement; see the list of statements, or finish the line above.",
    "TW2102": "A statement is not written as its form asks; the hint shows the form.",
    "TW2103": "An `if` or `for each` has no `end`; add it where the block is over.",
    "TW2104": "An `end`, `else` or `else if` stands outside the block that it would belong to.",
    "TW2105": "A bracket or a text in quotes is opened and never closed.",
    "TW2106": "Blocks are nested too deeply; call a process or simplify the conditions.",
    "TW2107": "A brace in a text holds a mere number; write `{{` for a literal brace.",
    "TW2111": "There is no entity of this name.",
    "TW2112": "The entity has no field of this name.",
    "TW2113": "`set` names neither a field of the record, nor a variable.",
    "TW2114": "There is no message template of this name.",
    "TW2115": "There is no process of this name, or it has no such variable.",
    "TW2116": "The value's type does not fit what it is assigned to.",
    "TW2117": "The field is kept by the engine (computed, or the reverse side of a link) and cannot be assigned.",
    "TW2118": "A `let`, loop or `as` name is a field's name, which would hide the field.",
    "TW2119": "A `let`, loop or `as` name already means something here.",
    "TW2120": "`set` reaches only the record, its lines and variables; `update` changes other records.",
    "TW2121": "`update` and `delete` of an entity need a `where`; `where true` takes every record.",
    "TW2122": "The statement is not available in this version.",
    "TW2123": "The choice has no such option.",
    "TW2124": "The expression gives no users.",
    "TW2125": "The expression gives no record.",
    "TW2126": "There is no connector of this name, or it has no such operation.",
    "TW2127": "A field or variable is assigned twice in one statement.",
    "TW2128": "The process is for records of another entity.",
    "TW2129": "`for each` goes over a list; the expression is none.",
    "TW2130": "A required field is set to null.",
}
