"""The problems that FEEL expressions can have: code and one line of explanation."""

CODES = {
    "TW2001": "The text is not a FEEL expression.",
    "TW2002": "A name means nothing here.",
    "TW2003": "A record or context has no member of that name.",
    "TW2004": "There is no function of that name.",
    "TW2005": "An operator or a function cannot take a value of this type.",
    "TW2006": "A choice is compared with an option that it does not have.",
    "TW2007": "A condition is not true or false.",
    "TW2008": "A function is called with too few, too many or wrongly named arguments.",
    "TW2009": "The expression yields another type of value than is needed here.",
    "TW2010": "There is no entity of that name.",
    "TW2011": "The expression is nested too deeply or is too long.",
    "TW2012": "A text that is to be a date, a time, a duration or a regular expression is none.",
    "TW2013": "A value is needed, and what stands there is always null: `total > null`, `1 + null`. To ask whether something is empty, "
    "compare by `=` or `!=`: `customer = null`.",
}
