"""Roles are enforced by the services: the matrix of role and method is made from the code, not written down here."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import KnownError
from app.store.accounts import Accounts
from app.store.clinic import Clinic, Credentials, PassphraseNeededError
from app.store.desk import Service
from app.store.keys import WrongKeyError
from app.store.roles import GRANTS, Actor, NotAllowedError, Permission, Role
from tests.app.store.cases import simulated
from tests.app.store.conftest import PASSPHRASE

pytestmark = pytest.mark.promise("R16")

CHIEF, DOCTOR = "院长", "李医师"
SECRETS = {CHIEF: "chief's passphrase", DOCTOR: "doctor's passphrase"}


def services(clinic: Clinic) -> list[Service]:
    return [value for value in vars(clinic).values() if isinstance(value, Service)]


def methods(clinic: Clinic) -> list[tuple[str, Callable[..., Any]]]:
    """Every public method of every service of a clinic, by its name."""
    return [
        (f"{type(service).__name__}.{name}", method)
        for service in services(clinic)
        for name, method in inspect.getmembers(service, callable)
        if not name.startswith("_")
    ]


def test_every_public_method_of_a_service_names_the_permission_it_needs(plain: Clinic):
    without = [name for name, method in methods(plain) if not hasattr(method, "permission")]
    assert not without
    assert len(methods(plain)) > 40


def test_every_service_hangs_on_the_clinic(plain: Clinic):
    assert {type(service) for service in services(plain)} == set(Service.__subclasses__())


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_call_exactly_what_it_is_granted(plain: Clinic, role: Role):
    plain._desk.actor = Actor("tester", frozenset((role,)))
    for name, method in methods(plain):
        allowed = method.permission in GRANTS[role]  # type: ignore[attr-defined]
        try:
            method(*[None] * 50)  # refused for the role, or else for arguments that no method takes
        except NotAllowedError:
            assert not allowed, name
        except TypeError:
            assert allowed, name


def test_every_permission_is_granted_to_some_role():
    assert set(Permission) == set().union(*GRANTS.values())


def test_records_and_their_administration_are_apart():
    assert not {Permission.USERS, Permission.AUDIT, Permission.BACKUP} & GRANTS[Role.CLINICIAN]
    assert not {Permission.PATIENTS_READ, Permission.EXPORT_IDENTIFIED} & (
        GRANTS[Role.RESEARCHER] | GRANTS[Role.ADMINISTRATOR]
    )


def test_who_opens_a_clinic_without_users_may_do_everything(clinic: Clinic):
    assert clinic.actor.roles == frozenset(Role)
    assert clinic.accounts.list() == []


@pytest.fixture
def staffed(clinic_file: Clinic) -> Path:
    """A clinic file with a chief (administrator) and a doctor (clinician), closed."""
    clinic_file.imports.commit([simulated(1)])
    clinic_file.accounts.add(CHIEF, [Role.ADMINISTRATOR], SECRETS[CHIEF])
    clinic_file.accounts.add(DOCTOR, [Role.CLINICIAN], SECRETS[DOCTOR])
    clinic_file.close()
    return clinic_file.path


def as_user(path: Path, name: str, passphrase: str = "") -> Clinic:
    return Clinic.open(path, create=False, credentials=Credentials(passphrase or SECRETS[name], name))


def test_users_come_in_with_their_own_passphrase_and_roles(staffed: Path):
    with as_user(staffed, DOCTOR) as clinic:
        assert clinic.actor == Actor(DOCTOR, frozenset((Role.CLINICIAN,)))
        assert clinic.queries.case("P00001") == simulated(1)
        with pytest.raises(NotAllowedError, match=f"{DOCTOR} .* administrator|管理员"):
            clinic.accounts.add("x", [Role.CLINICIAN], "a long passphrase")
    with as_user(staffed, CHIEF) as clinic:
        with pytest.raises(NotAllowedError):
            clinic.queries.case("P00001")
        logins = [(entry.who, entry.detail) for entry in clinic.audit.entries(action="login")]
        assert logins[:2] == [(CHIEF, {}), (DOCTOR, {})]


def test_a_wrong_passphrase_or_name_keeps_one_out_and_is_entered(staffed: Path):
    for name, passphrase in ((DOCTOR, SECRETS[CHIEF]), ("nobody", SECRETS[DOCTOR])):
        with pytest.raises(WrongKeyError, match="The name or the passphrase is wrong"):
            as_user(staffed, name, passphrase)
    with pytest.raises(PassphraseNeededError):
        Clinic.open(staffed, create=False)


def test_the_passphrase_of_the_file_alone_is_no_way_round_the_users(staffed: Path):
    with pytest.raises((PassphraseNeededError, WrongKeyError)):
        Clinic.open(staffed, create=False, credentials=Credentials(passphrase=PASSPHRASE))


def test_who_is_taken_out_stays_out(staffed: Path):
    with as_user(staffed, CHIEF) as clinic:
        clinic.accounts.change(DOCTOR, active=False)
    with pytest.raises(WrongKeyError):
        as_user(staffed, DOCTOR)
    with as_user(staffed, CHIEF) as clinic:
        clinic.accounts.reset_passphrase(DOCTOR, "another passphrase")
    with pytest.raises(WrongKeyError):
        as_user(staffed, DOCTOR, "another passphrase")
    with as_user(staffed, CHIEF) as clinic:
        clinic.accounts.change(DOCTOR, active=True)
        clinic.accounts.reset_passphrase(DOCTOR, "another passphrase")
    with as_user(staffed, DOCTOR, "another passphrase") as clinic:
        clinic.accounts.change_passphrase("another passphrase", "my own passphrase")
    with pytest.raises(WrongKeyError):
        as_user(staffed, DOCTOR, "another passphrase")
    with as_user(staffed, DOCTOR, "my own passphrase") as clinic:
        assert clinic.actor.name == DOCTOR


def test_there_is_always_an_administrator(clinic: Clinic):
    with pytest.raises(KnownError, match="first user must be an administrator"):
        clinic.accounts.add(DOCTOR, [Role.CLINICIAN], SECRETS[DOCTOR])
    clinic.accounts.add(CHIEF, [Role.ADMINISTRATOR, Role.CLINICIAN], SECRETS[CHIEF])
    with pytest.raises(KnownError, match="must be an active administrator"):
        clinic.accounts.change(CHIEF, active=False)
    with pytest.raises(KnownError, match="must be an active administrator"):
        clinic.accounts.change(CHIEF, roles=[Role.CLINICIAN])
    assert [account.roles for account in clinic.accounts.list()] == [{Role.ADMINISTRATOR, Role.CLINICIAN}]


@pytest.mark.parametrize(
    ("name", "roles", "passphrase"),
    [(" ", [Role.CLINICIAN], "long enough"), ("a", [], "long enough"), ("a", [Role.ADMINISTRATOR], "short")],
)
def test_an_account_without_name_role_or_passphrase_is_refused(clinic: Clinic, name, roles, passphrase):
    with pytest.raises(KnownError, match=r"name|role|角色|characters"):
        clinic.accounts.add(name, roles, passphrase)
    assert Accounts.list(clinic.accounts) == []


def test_a_forged_hand_over_lets_nobody_in(staffed: Path):
    with as_user(staffed, DOCTOR) as clinic:
        order = clinic.hand_over().to_json()
    with Clinic.open(staffed, create=False, credentials=Credentials.of(order)) as worker:
        assert worker.actor.name == DOCTOR
    for forged in ({"roles": [*order["roles"], "administrator"]}, {"user": CHIEF}, {"user": "ghost"}, {"seal": ""}):
        with pytest.raises((WrongKeyError, PassphraseNeededError)):
            Clinic.open(staffed, create=False, credentials=Credentials.of({**order, **forged}))
    with as_user(staffed, CHIEF) as clinic:
        clinic.accounts.change(DOCTOR, active=False)
    with pytest.raises(WrongKeyError):
        Clinic.open(staffed, create=False, credentials=Credentials.of(order))


def test_the_recovery_code_and_a_name_let_in_where_the_passphrase_is_forgotten(tmp_path: Path):
    path = tmp_path / "clinic.db"
    with Clinic.open(path, credentials=Credentials(passphrase=PASSPHRASE)) as clinic:
        code = clinic.recovery
        clinic.accounts.add(CHIEF, [Role.ADMINISTRATOR], SECRETS[CHIEF])
    with Clinic.open(path, create=False, credentials=Credentials(user=CHIEF, recovery=code)) as clinic:
        clinic.accounts.reset_passphrase(CHIEF, "a new passphrase")
        assert clinic.audit.entries(action="login")[0].detail == {"recovery": True}
    with as_user(path, CHIEF, "a new passphrase") as clinic:
        assert clinic.actor.name == CHIEF


def test_a_new_key_of_a_clinic_with_users_lets_the_one_in_who_made_it(tmp_path: Path):
    path = tmp_path / "clinic.db"
    with Clinic.open(path, plain=True) as clinic:
        clinic.accounts.add(CHIEF, [Role.ADMINISTRATOR], SECRETS[CHIEF])
    with as_user(path, CHIEF) as clinic:
        with pytest.raises(WrongKeyError):
            clinic.rekeying.encrypt("another passphrase")
        clinic.rekeying.encrypt(SECRETS[CHIEF])
    with as_user(path, CHIEF) as clinic:
        assert clinic.encrypted
        clinic.rekeying.new_data_key(SECRETS[CHIEF])
    with as_user(path, CHIEF) as clinic:
        assert clinic.actor.name == CHIEF


@pytest.mark.parametrize("code", ["anything", "0000-0000-0000-0000"])
def test_a_made_up_recovery_code_lets_nobody_in_anywhere(clinic: Clinic, code: str):
    """Only an encrypted file can prove a code; a plain one or a server must not take it on trust."""
    clinic.accounts.add(CHIEF, [Role.ADMINISTRATOR], SECRETS[CHIEF])
    made_up = Credentials(user=CHIEF, recovery=code)
    with pytest.raises((WrongKeyError, PassphraseNeededError)):
        Clinic.open(clinic.place, create=False, credentials=made_up)
    clinic.lock()
    with pytest.raises((WrongKeyError, PassphraseNeededError)):
        clinic.unlock(made_up)
    assert clinic.locked
