"""Runs the examples and counter-examples that stand in the rule files: the rules' own tests."""

from __future__ import annotations

from classifiers.rules.nodes import State
from classifiers.rules.ruleset import BASE, RuleSet


def check_examples(rules: RuleSet) -> list[str]:
    """What does not hold, one line each.

    An example must wake its rule, and a rule heavy enough to flag alone must flag it; a counter-example must flag nothing at all.
    """
    wrong = []
    for rule in rules.loaded.rules:
        if rule.state is State.DRAFT:
            continue
        where = f"{rule.file}:{rule.line}: {rule.id}"
        for text in rule.examples:
            result = rules.match(text)
            woken = {reason.code.removeprefix("rule:") for reason in result.reasons} | set(result.shadow)
            if rule.id not in woken:
                wrong.append(f"{where} does not see its example: {text}")
            elif rule.state is State.LIVE and rule.weight + BASE >= 0 and result.scores[rule.harm] < 0:
                wrong.append(f"{where} sees its example, but {[guard.id for guard in result.safeguards]} take it below: {text}")
        for text in rule.counter_examples:
            result = rules.match(text)
            flagged = [
                f"{harm} by {[r.code for r in result.reasons if r.harm is harm]}" for harm, score in result.scores.items() if score >= 0
            ]
            if flagged:
                wrong.append(f"{where}: its counter-example is flagged {', '.join(flagged)}: {text}")
    for guard in rules.loaded.safeguards:
        wrong += [
            f"{guard.file}:{guard.line}: {guard.id} does not see its example: {text}"
            for text in guard.examples
            if not rules.sees(guard, text)
        ]
    return wrong
