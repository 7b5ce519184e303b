"""The classification tree of the office: imported, searched by code or word, and what codes are checked against."""

import hashlib
from typing import Any, Final

from sqlalchemy import exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from access.accounts import Account
from access.roles import Right
from archive import ledger
from core import clock
from core.faults import InvalidRequest
from records.filing import codes
from records.filing.codes import HOW_TO, Code, is_code
from records.filing.tables import ClassificationCodeRow, ClassificationImportRow
from records.tablefile import TableError

_LONGEST: Final = 200
_Row: Final = ClassificationCodeRow


def bring(session: Session, account: Account, name: str, data: bytes) -> ClassificationImportRow:
    """Take over a table of codes: new ones are added, a code that was there from the same day on gets its new title,
    end and successor; nothing is taken away. Raises Forbidden, InvalidRequest, TableRefused."""
    account.require(Right.RETAIN)
    called = " ".join(name.split())
    if not 0 < len(called) <= _LONGEST or not called.isprintable():
        raise InvalidRequest(what=f"nama tabel (1–{_LONGEST} huruf)")
    try:
        told = codes.parse(data, valid_from=clock.today())
    except TableError as error:
        raise error.refused from error
    digest = hashlib.sha256(data).hexdigest()
    row = ClassificationImportRow(name=called, digest=digest, lines=len(told), account_id=account.id)
    session.add(row)
    session.flush()
    values: list[dict[str, Any]] = [
        {"code": one.code, "valid_from": one.valid_from, "title": one.title, "valid_to": one.valid_to,
         "replaced_by": one.replaced_by, "import_id": row.id}
        for one in told
    ]  # fmt: skip
    added = insert(_Row).values(values)
    changed = {name: added.excluded[name] for name in ("title", "valid_to", "replaced_by", "import_id")}
    session.execute(added.on_conflict_do_update(index_elements=["code", "valid_from"], set_=changed))
    ledger.append(session, "classification_imported", actor=account.id, digest=digest, lines=len(told))
    return row


def imports(session: Session) -> list[ClassificationImportRow]:
    """The tables that were brought, the newest first."""
    return list(session.scalars(select(ClassificationImportRow).order_by(ClassificationImportRow.at.desc())))


def is_in_force(session: Session) -> bool:
    """Whether the office has a table of its own that counts today: only then another code is refused."""
    return bool(session.scalar(select(exists().where(_valid()))))


def search(session: Session, query: str, most: int) -> list[Code]:
    """The codes that begin so, or whose title has all these words, also those that are over; of what is shipped while
    the office has no table of its own."""
    if not is_in_force(session):
        return codes.find(codes.shipped(), query, most)
    return codes.find((_code(row) for row in session.scalars(select(_Row))), query, most)


def proposed(session: Session, said: str) -> str:
    """The code that the tree itself proposes for something so called, by its words; "" where none is near."""
    if not is_in_force(session):
        return codes.nearest(codes.shipped(), said, clock.today())
    return codes.nearest((_code(row) for row in session.scalars(select(_Row).where(_valid()))), said, clock.today())


def title_of(session: Session, code: str) -> str:
    """What a code is called; "" for one that is known nowhere."""
    newest = select(_Row.title).where(_Row.code == code).order_by(_Row.valid_from.desc()).limit(1)
    return session.scalar(newest) or next((one.title for one in codes.shipped() if one.code == code), "")


def checked(session: Session, code: str) -> str:
    """The code as it may be given today. Raises InvalidRequest, which names the one that replaced it."""
    said = code.strip().removesuffix(".")
    if not is_code(said):
        raise InvalidRequest(what=f"kode klasifikasi; {HOW_TO}")
    if not is_in_force(session) or session.scalar(select(exists().where(_Row.code == said, _valid()))):
        return said
    newer = select(_Row.replaced_by).where(_Row.code == said).order_by(_Row.valid_from.desc()).limit(1)
    instead = session.scalar(newer)
    more = f"kode ini diganti {instead}" if instead else "kode ini tidak ada di tabel klasifikasi kantor"
    raise InvalidRequest(what=f"kode klasifikasi ({more}; cari kodenya di halaman Klasifikasi)")


def _valid() -> Any:
    today = clock.today()
    return (_Row.valid_from <= today) & or_(_Row.valid_to.is_(None), _Row.valid_to >= today)


def _code(row: ClassificationCodeRow) -> Code:
    return Code(row.code, row.title, row.valid_from, row.valid_to, row.replaced_by)


def count(session: Session) -> int:
    """How many codes the office's own table has that count today."""
    return session.scalar(select(func.count()).select_from(_Row).where(_valid())) or 0
