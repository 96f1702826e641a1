"""Errors of the models: all are ValueErrors that say what was got, what was expected and what to try."""

from __future__ import annotations


class ModelError(ValueError):
    """Something about the data, the settings or a model file is wrong; the text says what and what to try."""


class ArtifactError(ModelError):
    """A model file is missing, damaged, foreign or from another format version."""


class TrainingError(ModelError):
    """Training could not go on: the learning diverged or there was nothing to learn from."""


class NotFittedError(ModelError):
    """The forecaster was asked before it was fitted."""
