"""How people prove who they are."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.errors import AccessDenied, ValidationFailed


@pytest.fixture
def database_url():
    """In memory: nothing here depends on the kind of database."""
    return "sqlite://"


@pytest.fixture
def office(company):
    return company(seller="lead: {read: own}")


def test_the_right_password_lets_a_person_in(office):
    with office.step(None) as step:
        ben = step.access.user_by_login("ben")
        step.access.set_password(ben, "open sesame")
        assert step.access.check_password("ben", "open sesame") == ben
        assert step.access.check_password("ben", "Open sesame") is None
        assert step.access.check_password("cat", "open sesame") is None
        assert step.access.check_password("nobody", "open sesame") is None


def test_a_new_password_replaces_the_old_and_only_its_hash_is_stored(office):
    with office.step(None) as step:
        ben = step.access.user_by_login("ben")
        step.access.set_password(ben, "first")
        step.access.set_password(ben, "茶 second")
        assert step.access.check_password("ben", "first") is None
        assert step.access.check_password("ben", "茶 second") == ben
        kept = step.connection.execute(select(step.schema.credential.c.password_hash)).scalars().all()
        assert len(kept) == 1
        assert kept[0].startswith("scrypt$")
        assert "second" not in kept[0]
        with pytest.raises(ValidationFailed, match="A password is required"):
            step.access.set_password(ben, "")


def test_who_has_left_gets_in_no_way(office):
    with office.step(None) as step:
        ben = step.access.user_by_login("ben")
        step.access.set_password(ben, "open sesame")
        secret = step.access.create_token(ben, "script")
        step.records.update(ben, {"active": False})
        assert step.access.check_password("ben", "open sesame") is None
        assert step.access.user_by_token(secret) is None
    with pytest.raises(AccessDenied, match="no active person"):
        office.workspace.step("ben").__enter__()


def test_a_token_works_until_it_is_revoked_and_is_kept_as_a_digest(office):
    with office.step(None) as step:
        ben = step.access.user_by_login("ben")
        secret = step.access.create_token(ben, "script")
        prefix = secret[:11]
        assert secret.startswith("tw_")
        assert step.access.user_by_token(secret) == ben
        assert step.access.user_by_token(secret + "x") is None
        row = step.connection.execute(select(step.schema.token)).one()
        assert (row.name, row.prefix) == ("script", prefix)
        assert secret not in map(str, row)

        assert step.access.revoke_token(prefix)
        assert step.access.user_by_token(secret) is None
        assert not step.access.revoke_token(prefix)


@pytest.mark.parametrize("cut", [slice(3, 11), slice(None)])
def test_a_token_is_revoked_by_its_prefix_with_or_without_tw_or_whole(office, cut):
    with office.step(None) as step:
        secret = step.access.create_token(step.access.user_by_login("ben"), "script")
        assert step.access.revoke_token(secret[cut])


def test_people_change_their_own_credentials_and_admins_everybodys(office):
    office.join("ann", "admin")
    with office.step("ben") as step:
        step.access.set_password(step.user, "mine")
        secret = step.access.create_token(step.user, "mine")
        with pytest.raises(AccessDenied, match="Only an admin"):
            step.access.set_password(step.access.user_by_login("ann"), "stolen")
    with office.step("cat") as step:
        assert not step.access.revoke_token(secret[:11])
    with office.step("ann") as step:
        step.access.set_password(step.access.user_by_login("ben"), "given")
        assert step.access.revoke_token(secret[:11])
