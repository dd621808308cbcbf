"""Reports: records counted and added up by group, in one statement, as far as the reader may see them."""

from engine.reports.answers import Answer, Key, answer
from engine.reports.question import Group, Measure, Question, group_of, measure_of

__all__ = ["Answer", "Group", "Key", "Measure", "Question", "answer", "group_of", "measure_of"]
