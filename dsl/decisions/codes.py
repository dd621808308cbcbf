"""The problems that decision tables can have: code and what to do."""

CODES = {
    "TW2201": "The table is not made as its hit policy needs: it has no output, `P` and `O` have no output `values` to rank by, or "
    "one of the collect operators `C+ C< C> C#` stands over several outputs.",
    "TW2202": "A rule has a cell that is no input or output of the table, or lacks the cell of an output.",
    "TW2203": "Inputs and outputs share a name, or one is named `note`.",
    "TW2204": "An output is none of the `values` of its column.",
    "TW2210": "Some inputs match no rule (a gap). The message gives an example; add a rule, or a `default` to every output.",
    "TW2211": "Two rules match the same inputs (an overlap), which the hit policy forbids: `U` has one rule for each case, `A` several "
    "only where their outputs are the same. The message gives an example.",
    "TW2212": "A rule never decides anything: no input passes its tests, or the rules that win over it cover all that it matches.",
    "TW2213": "The table is too entangled for all its gaps and overlaps to be found within bounds. Split it in two tables.",
    "TW2220": "There is no decision of this name.",
    "TW2221": "A decision is asked with an input that it does not have, without one that it needs, or with a value of another type.",
    "TW2222": "A filter or a row rule asks a decision. Databases find the rows, and they can't: compare a computed field instead.",
    "TW2223": "A filter or a row rule has no exact counterpart in SQL. Databases find the rows: compare a computed field instead.",
    "TW2224": "A time, or what a required field is filled with, reads a field that may be empty; without a value a timer never fires. "
    "Say what else (`if due = null then today() else due`), or make the field required.",
}
