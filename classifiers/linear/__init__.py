"""The linear model: hashed character and word n-grams, one logistic regression a harm. Owns features, weights and spans.

Must not know rules, policy or thresholds.
"""

from classifiers.linear.model import LINEAR_HARMS, LinearModel

__all__ = ["LINEAR_HARMS", "LinearModel"]
