"""Training of all that ships: data that may ship, own corpus, splits, fitting, calibration, figures, model cards.

`classifiers.training.run.train` does all of it; serving imports nothing from here.
"""
