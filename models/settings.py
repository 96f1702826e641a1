"""Settings by scikit-learn's conventions: what the constructor names, kept under the same names."""

from __future__ import annotations

import inspect
from typing import Any, Self

from models.errors import ModelError


class Configurable:
    """Settings of a class whose constructor only keeps what it is given; ``sklearn.base.clone`` can copy it."""

    @classmethod
    def parameters(cls) -> list[str]:
        """The names of the settings."""
        return [p for p in inspect.signature(cls.__init__).parameters if p != "self"]

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The settings by name."""
        return {name: getattr(self, name) for name in self.parameters()}

    def set_params(self, **settings: Any) -> Self:
        """Raises ModelError for an unknown setting."""
        known = self.parameters()
        for name, value in settings.items():
            if name not in known:
                raise ModelError(f"unknown setting {name!r}; there are {', '.join(known)}")
            setattr(self, name, value)
        return self
