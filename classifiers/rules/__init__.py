"""Rules that people who do not code can read: YAML under `data/rules`, checked like a program, matched fast, softened by safeguards.

Knows no model, no store and no page. `examples.py` runs the examples that stand in the files.
"""

from classifiers.rules.examples import check_examples
from classifiers.rules.problems import Problem, RuleFileError
from classifiers.rules.ruleset import BASE, RuleResult, RuleSet, Safeguard

__all__ = ["BASE", "Problem", "RuleFileError", "RuleResult", "RuleSet", "Safeguard", "check_examples"]
