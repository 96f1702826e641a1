"""Who may do what, below the window: every public method of a service names the permission it needs.

Without accounts there is one person in front of the machine, who may do everything. As soon as there are accounts,
each has one or more roles, and a method without a permission is a bug the tests find.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from app.domain.errors import KnownError
from app.i18n import t


class Role(StrEnum):
    CLINICIAN = "clinician"
    RESEARCHER = "researcher"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    ANYONE = "anyone"  # counts and names that tell nothing of a person
    PATIENTS_READ = "patients.read"
    PATIENTS_WRITE = "patients.write"
    COHORT_READ = "cohort.read"  # de-identified
    MODELS_READ = "models.read"
    MODELS_WRITE = "models.write"
    EXPORT_IDENTIFIED = "export.identified"
    EXPORT_DEIDENTIFIED = "export.deidentified"
    VOCABULARY = "vocabulary"
    USERS = "users"
    BACKUP = "backup"
    AUDIT = "audit"
    SETTINGS = "settings"


_P = Permission
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.CLINICIAN: frozenset(
        (
            _P.ANYONE,
            _P.PATIENTS_READ,
            _P.PATIENTS_WRITE,
            _P.COHORT_READ,
            _P.MODELS_READ,
            _P.MODELS_WRITE,
            _P.EXPORT_IDENTIFIED,
            _P.EXPORT_DEIDENTIFIED,
        )
    ),
    Role.RESEARCHER: frozenset((_P.ANYONE, _P.COHORT_READ, _P.MODELS_READ, _P.MODELS_WRITE, _P.EXPORT_DEIDENTIFIED)),
    Role.ADMINISTRATOR: frozenset(
        (_P.ANYONE, _P.MODELS_READ, _P.VOCABULARY, _P.USERS, _P.BACKUP, _P.AUDIT, _P.SETTINGS)
    ),
}
ROLE_WORDS = {
    Role.CLINICIAN: "clinician",
    Role.RESEARCHER: "researcher",
    Role.ADMINISTRATOR: "administrator",
}


class NotAllowedError(KnownError):
    """The user's roles do not include what was asked for."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at work. roles: all of them where the clinic has no accounts."""

    name: str
    roles: frozenset[Role] = frozenset(Role)

    def may(self, permission: Permission) -> bool:
        return any(permission in GRANTS[role] for role in self.roles)

    def require(self, permission: Permission) -> None:
        """Raises NotAllowedError."""
        if not self.may(permission):
            raise NotAllowedError(
                "{user} may not do this: it needs the role {roles}. Ask an administrator.",
                user=self.name,
                roles=" / ".join(t(ROLE_WORDS[role]) for role, granted in GRANTS.items() if permission in granted),
            )


class _Service(Protocol):
    @property
    def actor(self) -> Actor: ...


_Method = TypeVar("_Method", bound=Callable[..., Any])


def needs(permission: Permission) -> Callable[[_Method], _Method]:
    """Marks a public method of a service; it is refused before anything else happens. The service has ``actor``."""

    def marked(method: _Method) -> _Method:
        @functools.wraps(method)
        def asked(self: _Service, *args: Any, **kwargs: Any) -> Any:
            self.actor.require(permission)
            return method(self, *args, **kwargs)

        asked.permission = permission  # type: ignore[attr-defined]
        return asked  # type: ignore[return-value]

    return marked
