"""Words for codes: the vocabulary's where it knows the code, the forecast's own label, else the source's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from models.course import Variable


class Vocabulary(Protocol):
    """The part of the vocabulary the plots need."""

    @property
    def concepts(self) -> Mapping[str, object]: ...

    def label(self, code: str, language: str = "zh") -> str: ...


class Words:
    def __init__(
        self, vocabulary: Vocabulary | None, language: str, variables: Mapping[str, Variable] | None = None
    ) -> None:
        self.language = language
        self._vocabulary = vocabulary
        self._variables = variables or {}

    def __call__(self, code: str) -> str:
        if self._vocabulary is not None and code in self._vocabulary.concepts:
            return self._vocabulary.label(code, self.language)
        variable = self._variables.get(code)
        if variable is not None and variable.label:
            return variable.label
        return code.partition(".")[2] or code
