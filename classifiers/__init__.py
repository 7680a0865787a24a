"""What may be harmful in a Vietnamese text, and why: rules, a linear model, calibration, near-duplicates, evaluation."""
