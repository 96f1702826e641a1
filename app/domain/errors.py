"""Errors that are the user's to mend, as opposed to bugs.

The message is an English template and its parameters, kept apart: the outermost layer (command line or window)
looks the template up in the catalogue of the user's language and fills it in there, so no inner room knows about
languages.
"""

from __future__ import annotations


class KnownError(Exception):
    """A refusal with a clear message: what was got, what was expected, what to do.

    template: English text with ``{name}`` fields, a literal at the place it is raised (the catalogue test reads it)
    """

    def __init__(self, template: str, **params: object) -> None:
        super().__init__(template, params)
        self.template = template
        self.params = params

    def __str__(self) -> str:
        return self.template.format(**self.params)

    def __reduce__(self):  # crosses process boundaries with its parameters
        return _rebuild, (type(self), self.template, self.params)


def _rebuild(kind: type[KnownError], template: str, params: dict[str, object]) -> KnownError:
    return kind(template, **params)


def no_such_visit(code: str, number: int) -> KnownError:
    return KnownError(
        "Patient {patient} has no visit with the number {number}; someone may have taken it out.",
        patient=code,
        number=number,
    )
