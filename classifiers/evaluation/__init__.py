"""Measuring: the expression suite, quality floors, figures with intervals. Nothing here trains or decides."""

from classifiers.evaluation.expression import Case, Suite, load_suite
from classifiers.evaluation.floors import evaluate_floors
from classifiers.evaluation.report import ExpressionReport, evaluate_expression

__all__ = ["Case", "ExpressionReport", "Suite", "evaluate_expression", "evaluate_floors", "load_suite"]
