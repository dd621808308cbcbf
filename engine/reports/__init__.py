"""Reports: records counted and added up by group, in one statement, as far as the reader may see them."""

from engine.reports.answers import Answer, Key, answer
from engine.reports.declared import Pivot, dashboard_of, may_see, pivot, report_of, run
from engine.reports.question import Group, Measure, Question, group_of, measure_of

__all__ = [
    "Answer", "Group", "Key", "Measure", "Pivot", "Question", "answer", "dashboard_of", "group_of", "may_see", "measure_of", "pivot",
    "report_of", "run",
]  # fmt: skip
