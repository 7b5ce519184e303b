"""A client put right on the real database: by one door that keeps what stood there, and gone with the client."""

from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from access.accounts import Account
from cases import book, clients
from cases.clients import told
from core.db import transaction
from core.faults import Forbidden, InvalidRequest, NotFound
from tests.integration.conftest import MakeAccount
from tests.integration.test_cases import opened

FORBIDDEN = {
    "by hand": "UPDATE client SET name = 'lain' WHERE id = :id",
    "rewrite what stood there": "UPDATE client_correction SET name = 'lain'",
    "forget it": "DELETE FROM client_correction",
    "make one up": "INSERT INTO client_correction (client_id, account_id, reason, name)"
    " VALUES (:id, app_account(), 'x', 'lain')",
    "without a reason": "SELECT client_correct(:id, ' ', 'lain', NULL)",
    "without a name": "SELECT client_correct(:id, 'x', ' ', NULL)",
}


def client_of(by: Account, case: UUID) -> UUID:
    with transaction(by.context) as session:
        return book.find(session, case).client.id


def correct(by: Account, client: UUID, name: str, reason: str = "ejaan KTP") -> None:
    with transaction(by.context) as session:
        clients.correct(session, by, client, told(name), reason)


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
        forget = "UPDATE client SET name = 'dimusnahkan', birth_date = NULL, nik_index = NULL, nik_masked = NULL"
        connection.execute(text(f"{forget} WHERE id = :c"), {"c": client})
    assert before(superuser, client) == []
