"""A berkas leaves the archive whole, opened, with what happened to it, and only with letters its exporter may see."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from uuid import UUID, uuid4

import bagit
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from access.accounts import Account
from archive import stacks
from archive.tables import LedgerRow
from classify.rules import labels
from core import clock
from core.db import transaction
from core.faults import Forbidden, NotFound
from ingest.sniff import EXTENSIONS
from records import agenda
from records.export import berkasbag, naskah, srikandi
from records.export.gather import Parcel, gather
from records.export.srikandi import Asked
from records.filing.tables import BerkasLetterRow, BerkasRow
from records.particulars import Particulars
from tests.assets.stacked import sheet, stacked
from tests.conftest import SAMPLES
from tests.e2e.inside import text_pdf
from tests.integration.conftest import MakeAccount
from tests.integration.driving import Hands, send

SECRET = "katarahasiasekali"


@pytest.fixture
def clerk(account: MakeAccount) -> Account:
    return account("petugas", clearance="rahasia")


@pytest.fixture
def archivist(account: MakeAccount) -> Account:
    return account("arsiparis", clearance="rahasia")


def berkas_of(who: Account, letters: list[UUID], *, clearance: int = 1) -> UUID:
    with transaction(who.context) as session:
        row = BerkasRow(
            unit=who.unit, clearance=clearance, title="Pemulangan orang terlantar", opened_on=clock.today(),
            opened_by=who.id, code="400.9.4.1",
        )  # fmt: skip
        session.add(row)
        session.flush()
        session.add_all(BerkasLetterRow(document_id=one, berkas_id=row.id, filed_by=who.id) for one in letters)
        session.flush()
        return row.id


def packed(who: Account, berkas: UUID) -> tuple[Parcel, bytes]:
    with transaction(who.context) as session:
        parcel = gather(session, who, berkas, EXTENSIONS)
    return parcel, b"".join(berkasbag.stream(parcel, labels(), clock.now()))


def opened(data: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder)
    (only,) = folder.iterdir()
    return only


def test_a_berkas_leaves_whole(clerk: Account, archivist: Account, hands: Hands, tmp_path: Path) -> None:
    originals = [text_pdf("SURAT KETERANGAN", "Nomor: 12/XI/2026"), text_pdf("Surat kedua")]
    letters = [hands.finish(send(clerk, data, name="ktp siti.pdf").document.id).id for data in originals]
    parcel, data = packed(archivist, berkas_of(clerk, letters))
    bag = opened(data, tmp_path)
    assert bag.name == f"berkas-{clerk.unit}-{clock.today().year}-001" == parcel.folder
    tool = [sys.executable, "-m", "bagit", "--validate", str(bag)]
    assert subprocess.run(tool, capture_output=True, check=False).returncode == 0
    found = {file.read_bytes() for file in bag.glob("data/surat/*/asli.pdf")}
    assert found == set(originals)
    assert len(list(bag.glob("data/surat/*/salinan.pdf"))) == 2
    manifest = json.loads((bag / "data/surat/001/manifes.json").read_text())
    assert UUID(manifest["document"]) in letters
    rows = list(csv.reader(io.StringIO((bag / "data/daftar-isi-berkas.csv").read_text("utf-8-sig"))))
    assert rows[0] == list(berkasbag.HEADS)
    assert [row[0:3] for row in rows[1:]] == [[f"001/{clock.today().year}", str(n), "400.9.4.1"] for n in (1, 2)]
    assert "12/XI/2026" in rows[1][3] + rows[2][3]
    told = (bag / "data/premis.xml").read_text()
    assert told.count("<eventType>ingestion end</eventType>") == 2
    assert json.loads((bag / "data/berkas.json").read_text())["surat_tertutup"] == 0
    with Session(hands.engine) as session:
        by = text("body::jsonb ->> 'actor' = :actor").bindparams(actor=str(archivist.id))
        events = session.query(LedgerRow).filter(by).order_by(LedgerRow.seq).all()
    assert [json.loads(event.body)["action"] for event in events] == ["letter_exported"] * 2 + ["berkas_exported"]
    assert all("siti" not in event.body and "terlantar" not in event.body for event in events)


def test_a_letter_above_the_exporter_stays(
    clerk: Account, account: MakeAccount, hands: Hands, superuser: Engine, tmp_path: Path
) -> None:
    """Also where a berkas had a level that its letters rose above afterwards."""
    low, high = (
        hands.finish(send(clerk, text_pdf("Surat", word), clearance="terbatas").document.id).id
        for word in ("katabiasa", SECRET)
    )
    berkas = berkas_of(clerk, [low, high])
    with superuser.begin() as connection:
        connection.execute(text("UPDATE document SET clearance = 2 WHERE id = :id"), {"id": high})
    _, data = packed(account("arsiparis", clearance="terbatas"), berkas)
    bag = opened(data, tmp_path)
    assert bagit.Bag(str(bag)).validate()
    assert len(list(bag.glob("data/surat/*"))) == 1
    assert all(str(high).encode() not in file.read_bytes() for file in bag.rglob("*") if file.is_file())
    assert json.loads((bag / "data/berkas.json").read_text())["surat_tertutup"] == 1
    assert "1 surat" in (bag / "bag-info.txt").read_text()


def test_who_may_not(clerk: Account, account: MakeAccount) -> None:
    berkas = berkas_of(clerk, [], clearance=2)
    for role in ("petugas", "pejabat", "auditor"):
        with pytest.raises(Forbidden):
            packed(account(role, clearance="rahasia"), berkas)
    with pytest.raises(NotFound):
        packed(account("arsiparis", clearance="terbatas"), berkas)
    with pytest.raises(NotFound):
        packed(account("arsiparis"), uuid4())


def test_an_empty_berkas_is_a_bag_too(clerk: Account, archivist: Account, tmp_path: Path) -> None:
    _, data = packed(archivist, berkas_of(clerk, []))
    assert bagit.Bag(str(opened(data, tmp_path))).validate()


def test_another_berkas_letter_of_the_same_stack_stays(
    clerk: Account, archivist: Account, hands: Hands, tmp_path: Path
) -> None:
    """The file of a stack goes along only with all of its letters; else each letter's own pages go."""
    ticket = SAMPLES / "tiket.pdf"
    data = stacked([ticket, sheet(), ticket], uuid4().hex)
    stack = send(clerk, data, name="tumpukan.pdf").document.id
    for step in (hands.open, hands.read, hands.seal):
        step(stack)
    with transaction(clerk.context) as session:
        first, second = (part.id for part in stacks.letters_of(session, stack))
    for letter in (first, second):
        hands.seal(letter)
    berkas = berkas_of(clerk, [first])
    parcel, made = packed(archivist, berkas)
    assert parcel.stacks == ()
    bag = opened(made, tmp_path / "satu")
    assert bagit.Bag(str(bag)).validate()
    assert sorted(file.name for file in (bag / "data/surat/001").iterdir()) == ["manifes.json", "salinan.pdf"]
    with transaction(clerk.context) as session:
        session.add(BerkasLetterRow(document_id=second, berkas_id=berkas, filed_by=clerk.id))
    parcel, made = packed(archivist, berkas)
    bag = opened(made, tmp_path / "dua")
    assert (bag / "data/tumpukan/001/asli.pdf").read_bytes() == data
    told = (bag / "data/premis.xml").read_text()
    assert told.count("<relatedObjectIdentifierValue>data/tumpukan/001/asli.pdf<") == 2


def table(who: Account, name: srikandi.Table, ending: srikandi.Ending = "csv") -> list[list[str]]:
    with transaction(who.context) as session:
        made = srikandi.make(session, who, Asked(name, who.unit, clock.today().year), ending, labels())
    return list(csv.reader(io.StringIO(made.data.decode("utf-8-sig"))))


def test_tables_for_srikandi(clerk: Account, archivist: Account, account: MakeAccount, hands: Hands) -> None:
    letter = hands.finish(send(clerk, text_pdf("Surat Keterangan")).document.id)
    hidden = hands.finish(send(clerk, text_pdf(SECRET), clearance="rahasia").document.id)
    berkas_of(clerk, [letter.id], clearance=1)
    berkas_of(clerk, [hidden.id], clearance=2)
    for row, party in ((letter, "=Dinas Sosial"), (hidden, SECRET)):
        said = Particulars(party=party, letter_number="12/XI/2026", subject="Permohonan")
        with transaction(clerk.context) as session:
            agenda.register(session, clerk, agenda.Registration("masuk", said, row.id))
    below = account("arsiparis", clearance="terbatas")
    heads, *lines = table(below, "naskah")
    assert heads == list(srikandi.COLUMNS["naskah"].heads)
    (line,) = lines
    told = dict(zip(heads, line, strict=True))
    assert (told["Jenis"], told["Nomor naskah"], told["Hal"]) == ("Naskah masuk", "12/XI/2026", "Permohonan")
    assert (told["Asal naskah"], told["Kode klasifikasi"]) == ("'=Dinas Sosial", "400.9.4.1")
    assert told["Halaman surat"] == f"/arsip/{letter.id}"
    assert len(table(archivist, "naskah")) == 3
    (_, *rows) = table(below, "berkas")
    assert [row[1:4] for row in rows] == [[f"001/{clock.today().year}", "400.9.4.1", "Pemulangan orang terlantar"]]
    (_, *rows) = table(archivist, "isi-berkas")
    assert [row[:2] for row in rows] == [[f"{n:03d}/{clock.today().year}", "1"] for n in (1, 2)]
    assert table(archivist, "klasifikasi")[0] == [
        "Kode", "Nama", "Retensi aktif", "Retensi inaktif", "Keterangan akhir",
    ]  # fmt: skip
    for name in srikandi.TABLES:
        with transaction(archivist.context) as session:
            asked = Asked(name, archivist.unit, clock.today().year)
            made = srikandi.make(session, archivist, asked, "xlsx", labels())
        assert zipfile.is_zipfile(io.BytesIO(made.data))
        assert made.name.startswith(f"srikandi-{name}")
        with pytest.raises(Forbidden), transaction(clerk.context) as session:
            srikandi.make(session, clerk, asked, "csv", labels())


def test_letters_for_srikandi_with_their_pdfs(clerk: Account, archivist: Account, hands: Hands, tmp_path: Path) -> None:
    letter = hands.finish(send(clerk, text_pdf("Surat Keterangan")).document.id)
    said = Particulars(party="Kelurahan", subject="Permohonan")
    with transaction(clerk.context) as session:
        agenda.register(session, clerk, agenda.Registration("masuk", said, letter.id))
    today = clock.today()
    for month, count in ((today.month, 1), (today.month % 12 + 1, 0), (None, 1)):
        asked = Asked("naskah", clerk.unit, today.year, month)
        with transaction(archivist.context) as session:
            found = naskah.gather(session, archivist, asked, labels())
        bag = opened(b"".join(naskah.stream(found, clock.now())), tmp_path / str(month))
        assert bagit.Bag(str(bag)).validate()
        assert len(list(bag.glob("data/pdf/*.pdf"))) == count
        (_, *lines) = csv.reader(io.StringIO((bag / f"data/{bag.name}.csv").read_text("utf-8-sig")))
        assert len(lines) == count
        assert all((bag / "data/pdf" / line[13]).read_bytes() == hands.pdf(letter) for line in lines)
    with pytest.raises(Forbidden), transaction(clerk.context) as session:
        naskah.gather(session, clerk, asked, labels())


def test_what_was_destroyed_is_named_and_is_not_there(
    clerk: Account, archivist: Account, hands: Hands, superuser: Engine, tmp_path: Path
) -> None:
    kept, gone = (hands.finish(send(clerk, text_pdf("Surat", word)).document.id).id for word in ("satu", "dua"))
    berkas = berkas_of(clerk, [kept, gone])
    with superuser.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        destroyed = (
            "UPDATE document_key SET wrapped = NULL, destroyed_at = now(), disposal = :id WHERE document_id = :id"
        )
        connection.execute(text(destroyed), {"id": gone})
    _, data = packed(archivist, berkas)
    bag = opened(data, tmp_path)
    assert bagit.Bag(str(bag)).validate()
    assert len(list(bag.glob("data/surat/*"))) == 1
    (_, *lines) = csv.reader(io.StringIO((bag / "data/daftar-isi-berkas.csv").read_text("utf-8-sig")))
    assert sorted(line[6] for line in lines) == ["Terbatas", "Terbatas; sudah dimusnahkan"]
