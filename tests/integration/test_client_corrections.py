"""A client put right on the real database: by one door that keeps what stood there, and gone with the client."""

from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from access.accounts import Account
from cases import book, clients
from cases.clients import Correction
from core.db import transaction
from core.faults import CaseRefused, Forbidden, InvalidRequest, NotFound
from tests.integration.conftest import MakeAccount
from tests.integration.test_cases import KEY, NIK, OTHER_NIK, opened

FORBIDDEN = {
    "by hand": "UPDATE client SET name = 'lain' WHERE id = :id",
    "rewrite what stood there": "UPDATE client_correction SET name = 'lain'",
    "forget it": "DELETE FROM client_correction",
    "make one up": "INSERT INTO client_correction (client_id, account_id, reason, name)"
    " VALUES (:id, app_account(), 'x', 'lain')",
    "without a reason": "SELECT client_correct(:id, ' ', 'lain', NULL, NULL, NULL)",
    "without a name": "SELECT client_correct(:id, 'x', ' ', NULL, NULL, NULL)",
    "with half a NIK": "SELECT client_correct(:id, 'x', 'lain', NULL, sha256('x'), NULL)",
    "with a NIK to be read": "SELECT client_correct(:id, 'x', 'lain', NULL, sha256('x'), '6571010203800001')",
}


def client_of(by: Account, case: UUID) -> UUID:
    with transaction(by.context) as session:
        return book.find(session, case).client.id


def correct(by: Account, client: UUID, name: str, reason: str = "ejaan KTP", nik: str | None = None) -> None:
    with transaction(by.context) as session:
        clients.correct(session, by, KEY, client, Correction(name, None, nik), reason)


def of_nik(by: Account, nik: str) -> list[UUID]:
    with transaction(by.context) as session:
        return clients.of_nik(session, KEY, nik, by.unit)


def before(superuser: Engine, client: UUID) -> list[str]:
    with superuser.connect() as connection:
        query = text("SELECT name FROM client_correction WHERE client_id = :c ORDER BY at")
        return list(connection.scalars(query, {"c": client}))


def test_what_stood_there_is_kept(account: MakeAccount, superuser: Engine) -> None:
    clerk, keeper = account("petugas"), account("arsiparis")
    client = client_of(clerk, opened(clerk, "Budi Conto"))
    correct(keeper, client, "Budi Contoh")
    correct(keeper, client, "Budi Contoh")  # it is so already
    correct(keeper, client, "Budi S. Contoh")
    assert before(superuser, client) == ["Budi Conto", "Budi Contoh"]
    with pytest.raises(Forbidden):
        correct(clerk, client, "Lain")
    with pytest.raises(InvalidRequest):
        correct(keeper, client, "Lain", " ")
    with pytest.raises(NotFound):
        correct(account("admin", unit=f"{clerk.unit}-lain"), client, "Lain")


def test_a_wrong_nik_is_put_right_and_found_by(account: MakeAccount, superuser: Engine) -> None:
    clerk, keeper = account("petugas"), account("arsiparis")
    case = opened(clerk, "Budi Contoh", nik=NIK)
    client = client_of(clerk, case)
    with superuser.begin() as connection:  # as a worker leaves it that has sought its letters
        connection.execute(text("UPDATE case_file SET seek_since = NULL WHERE id = :c"), {"c": case})
    correct(keeper, client, "Budi Contoh", "terbalik dengan NIK istrinya", OTHER_NIK)
    assert (of_nik(clerk, NIK), of_nik(clerk, OTHER_NIK)) == ([], [client])
    with superuser.connect() as connection:
        sought = text("SELECT seek_since IS NOT NULL FROM case_file WHERE id = :c")
        assert connection.scalar(sought, {"c": case})  # letters of the right number are looked for
        kept = text("SELECT nik_masked, nik_index FROM client_correction WHERE client_id = :c")
        assert list(connection.execute(kept, {"c": client})) == [("6571********0001", clients.nik_index(KEY, NIK))]
    correct(keeper, client, "Budi S. Contoh")  # of the name alone: the number stays
    assert of_nik(clerk, OTHER_NIK) == [client]
    correct(keeper, client, "Budi S. Contoh", "bukan NIK-nya", "")
    assert of_nik(clerk, OTHER_NIK) == []
    correct(keeper, client, "Budi S. Contoh", "dari KTP", "6571 0102 0380 0001")
    assert of_nik(clerk, NIK) == [client]


def test_a_nik_of_somebody_else_is_refused(account: MakeAccount) -> None:
    keeper = account("arsiparis")
    opened(keeper, "Siti Contoh", nik=NIK)
    client = client_of(keeper, opened(keeper, "Budi Contoh", nik=OTHER_NIK))
    with pytest.raises(CaseRefused) as refused:
        correct(keeper, client, "Budi Contoh", nik=NIK)
    assert "Siti Contoh" in refused.value.detail
    with pytest.raises(InvalidRequest):
        correct(keeper, client, "Budi Contoh", nik="123")
    assert of_nik(keeper, OTHER_NIK) == [client]


@pytest.mark.parametrize("attempt", FORBIDDEN)
def test_what_even_the_server_process_may_not_do(account: MakeAccount, attempt: str) -> None:
    keeper = account("arsiparis")
    client = client_of(keeper, opened(keeper))
    correct(keeper, client, "Budi S. Contoh")
    with pytest.raises(DBAPIError), transaction(keeper.context) as session:
        session.connection().exec_driver_sql(FORBIDDEN[attempt].replace(":id", f"'{client}'"))


def test_of_a_forgotten_client_nothing_is_kept(account: MakeAccount, superuser: Engine) -> None:
    keeper = account("arsiparis")
    client = client_of(keeper, opened(keeper, "Budi Conto", nik="6571010203800001"))
    correct(keeper, client, "Budi Contoh")
    with superuser.begin() as connection:  # as disposal_finish() does, whose owner this is
        connection.execute(text("SET LOCAL ROLE arsip_eraser"))
        connection.execute(text("SELECT client_wipe(ARRAY[CAST(:c AS uuid)])"), {"c": client})
    assert before(superuser, client) == []
    with pytest.raises(CaseRefused) as refused:
        correct(keeper, client, "Budi Contoh")
    assert "dimusnahkan" in refused.value.detail
    with pytest.raises(CaseRefused), transaction(keeper.context) as session:
        clients.learn_nik(session, KEY, clients.find(session, client), NIK)


def test_somebody_who_is_called_so_is_not_forgotten(account: MakeAccount, superuser: Engine) -> None:
    keeper = account("arsiparis")
    client = client_of(keeper, opened(keeper, "dimusnahkan"))
    correct(keeper, client, "Dimusnahkan")
    correct(keeper, client, "dimusnahkan")
    assert len(before(superuser, client)) == 2  # as of anybody
    with superuser.connect() as connection:
        forgotten = text("SELECT count(*) FROM client WHERE id = :c AND forgotten_at IS NOT NULL")
        assert connection.scalar(forgotten, {"c": client}) == 0
