"""Training of the linear model: data that may ship, own corpus, splits, fitting, figures, model card. `rasoat train` calls `train`."""

from classifiers.training.train import TrainReport, train

__all__ = ["TrainReport", "train"]
