"""Every problem that a check can report: its stable code, what it means and what to do.

`docs/reference/problems.md` is made of this: `python -m engine.model.codes > docs/reference/problems.md`; a test
keeps it in step.
"""

from __future__ import annotations

from collections.abc import Mapping

from dsl.decisions.codes import CODES as DECISION_CODES
from dsl.dmn.codes import CODES as DMN_CODES
from dsl.feel.codes import CODES as FEEL_CODES
from dsl.script.codes import CODES as SCRIPT_CODES

GROUPS: Mapping[str, Mapping[str, str]] = {
    "Files and YAML": {
        "TW1001": "The file is not UTF-8, or holds a character that YAML does not allow. Save it as UTF-8.",
        "TW1002": "The file is not YAML: a tab where spaces belong, an open bracket or quote, a value that "
        "must be quoted. "
        "A value that holds `: ` or ` #`, or begins with one of ``[ { \" ' > | & * ! % @ ` `` is quoted as a whole.",
        "TW1003": "The file holds no document. Its first key names kind and name: `entity: customer`.",
        "TW1004": "A file holds one document, and this one holds several. Put each into a file of its own.",
        "TW1005": "A key stands twice in one map, so one of the two would be lost. Remove one.",
        "TW1006": "Anchors, aliases and merge keys are not used in documents. Write the value out.",
        "TW1007": "Tags such as `!!str` are not used in documents. Quote a value to make it a text.",
        "TW1008": "Lists and maps are nested more deeply than any document needs.",
        "TW1009": "The first key has no name as its value: write `entity: customer`.",
        "TW1010": "A key is a list or a map; it must be a text.",
    },
    "Shape of documents": {
        "TW1101": "There is no such kind of document.",
        "TW1102": "The key is not known here. Unknown keys are never ignored. Inside `{…}`, a value with a "
        "comma or bracket needs quotes.",
        "TW1103": "The value is of another shape than this key takes: a text where a map belongs, a number "
        "where it is true or false.",
        "TW1104": "The value is none of those that this key takes, such as an unknown field type or node type.",
        "TW1105": "A key that is needed here is missing.",
        "TW1106": "The text has not the form that is needed here. Names are of a-z, 0-9 and _, and begin "
        "with a letter.",
        "TW1107": "A list, map or text that must hold something is empty.",
        "TW1108": "The number is out of its bounds.",
        "TW1190": "The specification knows this, and this version cannot run it yet. It is refused rather "
        "than ignored.",
    },
    "Names": {
        "TW1203": "The record type has no field of this name.",
        "TW1204": "Nothing has this name here: no field of the record, no variable, none of the names that "
        "are always there.",
        "TW1205": "`convert currency` reads the entity `exchange_rate` of the module `base`, and the workspace has none.",
    },
    "Entities": {
        "TW1301": "Every record has a field of this name by itself (`id version created_at created_by "
        "updated_at updated_by owner archived`).",
        "TW1302": "The key does not fit the field's type.",
        "TW1303": "A computed field takes its value from `compute` alone, so defaults and the like have no meaning.",
        "TW1304": "The `pattern` is not a regular expression.",
        "TW1305": "A link's `to` names no entity.",
        "TW1306": "`on_delete: set_null` would empty a required link.",
        "TW1307": "`from` of a related field names no link that points here: write `from: ENTITY.LINK`.",
        "TW1308": "A number's pattern has one counter such as `{00000}`, and may have `{yyyy} {yy} {mm} {dd}`.",
        "TW1309": "The entity's name, or the table that it would need, is taken.",
        "TW1310": "Numbers are given to a field of type text.",
        "TW1311": "The literal is no value of the field's type.",
        "TW1312": "The choice has no such option.",
        "TW1313": "`min`, `max` and `default` contradict each other.",
        "TW1314": "The field has no column, so it can be neither unique, nor indexed, nor sorted by.",
        "TW1315": "The form shows a field twice.",
        "TW1317": "The view needs a field of another type here.",
        "TW1320": "A computed value is stored, so it can't depend on who looks at it or on the clock.",
        "TW1321": "Fields are computed from each other in a circle; the message shows it.",
        "TW1322": "A computed field looks records up by a condition, or exchange rates. It is not computed anew when those "
        "change; related fields are.",
    },
    "Processes": {
        "TW1401": "The process's `entity` does not exist, or is needed and not given.",
        "TW1402": "The lifecycle field must be a choice of the process's entity, and an entity has one lifecycle.",
        "TW1403": "A node has a `status`, and the process no `lifecycle` field to write it to.",
        "TW1404": "The lifecycle field has no option of this name.",
        "TW1405": "A variable or item would hide a field, a variable or a name that is always there; or "
        "`collect` names no variable.",
        "TW1406": "This is no duration (`P2D`, `PT4H`, `P1M`) or no date.",
        "TW1407": "The expression must give users.",
        "TW1408": "`for` of a task must give a record.",
        "TW1409": "`foreach` must go over a list.",
        "TW1410": "An event says which one it is: a timer has one of `after`, `until` and `every`, a throw event one of "
        "`signal`, `message`, `escalation` and `compensate`; and it has something to do.",
        "TW1411": "A form opens a field for writing that the engine computes.",
        "TW1412": "A gateway's flows are `{when, to}`, and the last one is `{else: true, to}`.",
        "TW1420": "There is no node of this name.",
        "TW1421": "A node or an action leads nowhere: the token would be stuck. Say where it goes.",
        "TW1422": "A state shows its actions on a record, and the process has no entity.",
        "TW1423": "An exclusive gateway has no else. When no condition holds, the process cannot go on.",
        "TW1424": "A task has neither `assign` nor `candidates`, so nobody would get it.",
        "TW1425": "With `foreach`, an action ends one repetition, so it has no `to`; the node has.",
        "TW1426": "No way leads to this node.",
        "TW1427": "No way leads from this node to an end.",
        "TW1428": "`weights` go with `policy: {ratio: …}`; `reject: all` goes with the policy `any`, `reject: after_all` with "
        "the others.",
        "TW1430": "A call activity names a process that there is, for a record of that process's entity.",
        "TW1440": "A join can wait for ever: on the way that is shown, one of its branches brings no token. What an exclusive gateway "
        "has split is joined by an exclusive gateway, what an inclusive one has split by an inclusive one.",
        "TW1441": "A node can be reached twice at once, so that what follows would be done twice: the branches of a parallel or inclusive "
        "gateway meet without a join. Let them meet in a gateway of the kind that split them.",
        "TW1442": "No run ever comes to this node.",
        "TW1443": "The process has too many combinations of parallel branches to prove that it always ends. Parts of it as sub-processes "
        "are checked by themselves.",
    },
    "Roles": {
        "TW1501": "A grant names no entity.",
        "TW1502": "A grant names an action that no process of the entity has.",
        "TW1506": "There is no role of this name.",
    },
    "Workspace, modules and customizations": {
        "TW1601": "The folder has no workspace document, or no documents at all.",
        "TW1602": "A module's folder has no `module.yaml`, or one of another name.",
        "TW1603": "Modules depend on each other in a circle.",
        "TW1604": "There is no module of this name.",
        "TW1605": "A document of this kind and name exists already. To change it, write an `extend` document.",
        "TW1606": "There is no such document to extend.",
        "TW1607": "A customization removes what is not there.",
        "TW1608": "Fields that a customization adds are named `x_…`, so that a module's upgrade can never "
        "collide with them.",
        "TW1609": "There is no time zone of this name.",
        "TW1610": "A patch removes or changes a field of users or departments that the engine relies on.",
    },
    "Outside systems and the clock": {
        "TW1901": "A connector that is called has an address, `https://…`, without a user or a query in it.",
        "TW1902": "Authentication and webhooks name what they need: a `secret` by its name, the `user` of `basic`, the `header` of "
        "`header`; a webhook says how it is verified.",
        "TW1903": "A call gives an operation what its path, query, headers and body name, and nothing else.",
        "TW1906": "A schedule has a cron expression of five fields and one of `do` and `process`; the clock brings no record.",
        "TW1907": "A call may take four minutes at most.",
    },
    "Data and tests": {
        "TW1701": "The data are for an entity that does not exist.",
        "TW1702": "A record of a data document has no key, or the key of another one.",
        "TW1703": "The field is computed, so it can't be given.",
        "TW1710": "The test has no person of this name.",
        "TW1711": "There is no entity of this name.",
        "TW1712": "The test has no record of this alias before this step.",
        "TW1713": "A step does one thing.",
        "TW1714": "There is no such action, task, process or template.",
    },
    "Reports and dashboards": {
        "TW1750": "Groups and measures of a report have names of their own.",
        "TW1751": "Records are grouped by a field, or by a path of links to one, that has a single value; `step` is for dates.",
        "TW1752": "A measure is one figure: `{count: true}`, `sum`, `average`, `min` or `max` of a field that has one, or an "
        "`expression` over the other measures.",
        "TW1753": "What a report sorts by or draws is one of its groups and measures.",
        "TW1754": "A card names what its type needs: `report` a report, `counter` and `list` an entity, and perhaps a view of it.",
    },
    "Imports": {
        "TW1801": "A mapping file, or the head of a file without one, names a column, key or field that is not there.",
    },
    "Decision tables": DECISION_CODES,
    "Decision models": DMN_CODES,
    "Expressions": FEEL_CODES,
    "Scripts": SCRIPT_CODES,
}
CODES: Mapping[str, str] = {code: text for group in GROUPS.values() for code, text in group.items()}

HEAD = """# Problems

What `tradewind check` reports, by code. Codes are stable; each problem comes with its file, line and column. This page
is made from `engine/model/codes.py`.
"""


def reference() -> str:
    """The page `docs/reference/problems.md`."""
    parts = [HEAD]
    for group, codes in GROUPS.items():
        parts.append(f"## {group}\n")
        parts.extend(f"### {code}\n\n{text}\n" for code, text in sorted(codes.items()))
    return "\n".join(parts)


if __name__ == "__main__":
    print(reference(), end="")
