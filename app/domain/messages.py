"""A sentence for the user that an inner room has to say: the English template and its parameters, not yet joined.

As with ``KnownError``, the outermost layer puts it into the user's language: ``t(message.template, **message.params)``.
"""

from __future__ import annotations

from collections.abc import Mapping


class Message:
    """template: English text with ``{name}`` fields, a literal where it is made; ``str`` gives the English."""

    __slots__ = ("params", "template")

    def __init__(self, template: str, **params: object) -> None:
        self.template = template
        self.params: Mapping[str, object] = params

    def __str__(self) -> str:
        return self.template.format(**self.params)

    def __repr__(self) -> str:
        return f"Message({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and (self.template, self.params) == (other.template, other.params)

    def __hash__(self) -> int:
        return hash(str(self))
