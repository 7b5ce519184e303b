"""The desk Periksa: who waits, in which order, and what becomes of a person's word."""

import json
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from access.accounts import Account
from api import checking
from api.schemas import documents as document_schemas
from archive import checks, ledger, work
from archive.tables import DocumentRow
from archive.work import Filed
from core.db import transaction
from core.faults import CheckedMeanwhile, InvalidRequest, NotFound, NotReady
from core.settings import settings
from search.query import search
from tests.assets.bulk import unique_jpeg
from tests.conftest import SAMPLES
from tests.integration.conftest import MakeAccount
from tests.integration.driving import Hands, connected_as, send


@pytest.fixture
def who(account: MakeAccount) -> Account:
    return account("petugas")


def _sealed(hands: Hands, who: Account, name: str) -> UUID:
    document = send(who, (SAMPLES / name).read_bytes() + b" " * (uuid4().int % 99 + 1), name=name).document.id
    hands.open(document)
    hands.read(document)
    hands.seal(document)
    assert hands.look(document).stage == "sealed"
    return document


def _filed(engine: Engine, who: Account, doubt: int) -> UUID:
    """A letter that only waits: filed with that doubt, its pages unread."""
    document = send(who, unique_jpeg(uuid4().int % 10**6, 20)).document.id
    with connected_as(engine), transaction() as session:
        session.execute(text("UPDATE document SET stage = 'read' WHERE id = :id"), {"id": document})
        row = work.claim_document(session, document, "read", "uji")
        assert row is not None
        assert work.record_filed(session, row, Filed("ktp", 0.9, {"sure": doubt < 3}, {}, doubt))
    return document


def _texts(row: DocumentRow) -> dict[str, str]:
    return {name: field["text"] for name, field in row.fields.items()}


@pytest.mark.parametrize(
    ("kind_sure", "unsure", "doubt"),
    [(True, [], 0), (True, ["telepon"], 1), (True, ["nik", "telepon"], 2), (False, [], 3)],
)
def test_doubt_grows_with_what_a_mistake_costs(kind_sure: bool, unsure: list[str], doubt: int) -> None:
    fields = {name: {"sure": name not in unsure} for name in ("nik", "telepon", "agama")}
    assert checks.doubt_of(kind_sure, fields) == doubt


def test_what_waits_longest_and_matters_most_comes_first(worker_engine: Engine, who: Account) -> None:
    small, none, great, middle = (_filed(worker_engine, who, doubt) for doubt in (1, 0, 3, 2))
    with transaction(who.context) as session:
        assert [row.id for row in checks.waiting(session, 10)] == [great, middle, small]
        assert [row.id for row in checks.waiting(session, 1)] == [great]
        assert checks.waiting_count(session) == 3
    assert none not in {great, middle, small}


def test_others_letters_do_not_wait_at_this_desk(worker_engine: Engine, who: Account, account: MakeAccount) -> None:
    _filed(worker_engine, who, 3)
    for other in (account("petugas", unit="lain"), account("petugas", clearance="biasa")):
        with transaction(other.context) as session:
            assert (checks.waiting(session, 10), checks.waiting_count(session)) == ([], 0)


def test_a_correction_makes_a_further_manifest_and_keeps_both_readings(hands: Hands, who: Account) -> None:
    document = _sealed(hands, who, "skt_polisi.jpg")
    before = hands.look(document)
    said = {**_texts(before), "nama": "Orang Lain", "tanggal": "17 Nopember 2026"}
    with transaction(who.context) as session:
        row = checking.confirm(session, who, document, "skt_polisi", said)
        assert (row.stage, row.sealed_at) == ("filed", None)
        assert (row.fields["nama"]["value"], row.fields["nama"]["sure"]) == ("Orang Lain", True)
        assert row.fields["tanggal"]["value"] == "2026-11-17"
        assert row.fields["nama"]["box"] == before.fields["nama"]["box"]
    hands.seal(document)
    after = hands.look(document)
    assert after.stage == "sealed"
    assert after.manifest_key == f"documents/{document}/manifest-2"
    manifests = [hands.manifest(row) for row in (before, after)]
    assert [m["fields"]["nama"]["value"] for m in manifests] == [before.fields["nama"]["value"], "Orang Lain"]
    assert manifests[0]["original"] == manifests[1]["original"]
    assert manifests[0]["pdf"] == manifests[1]["pdf"]
    checked = [detail for action, detail in hands.events(document) if action == "checked"]
    assert [one["corrected"] for one in checked] == [["nama", "tanggal"]]
    assert "Orang Lain" not in json.dumps(checked)
    with transaction(who.context) as session:
        rows = session.execute(
            text("SELECT name, read, said FROM confirmation WHERE document_id = :id"), {"id": document}
        )
        told = {name: (read, word) for name, read, word in rows}
        assert checks.waiting_count(session) == 0
    assert told["nama"] == (before.fields["nama"]["value"], "Orang Lain")
    assert told["kind"] == ("skt_polisi", "skt_polisi")
    assert told.keys() == before.fields.keys() | {"kind"}


def test_a_number_that_a_person_put_right_is_found_by_it(hands: Hands, who: Account) -> None:
    document = _sealed(hands, who, "ktp.jpg")
    key = settings().identity_key.get_secret_value()

    def finds(number: str) -> bool:
        with transaction(who.context) as session:
            return document in {hit.document for hit in search(session, number, identity_key=key).hits}

    said = _texts(hands.look(document))
    read, right = said["nik"], "6473015508900002"
    assert (finds(read), finds(right)) == (True, False)
    with transaction(who.context) as session:
        checking.confirm(session, who, document, "ktp", {**said, "nik": right})
    hands.seal(document)
    assert (finds(read), finds(right)) == (True, True)  # as it stands in the text, and as it is
    with transaction(who.context) as session:
        checking.confirm(session, who, document, "ktp", {**said, "nik": read})
    hands.seal(document)
    assert (finds(read), finds(right)) == (True, False)


def test_what_is_left_empty_is_not_there_any_more(hands: Hands, who: Account) -> None:
    document = _sealed(hands, who, "ktp.jpg")
    said = {**_texts(hands.look(document)), "agama": "  "}
    with transaction(who.context) as session:
        assert "agama" not in checking.confirm(session, who, document, "ktp", said).fields


def test_another_kind_brings_its_own_fields(hands: Hands, who: Account) -> None:
    document = _sealed(hands, who, "surat_rujukan_rsud.jpg")
    with transaction(who.context) as session:
        row = hands.look(document)
        other = checking.fields_by(session, row, "surat_rujukan_puskesmas")
        assert other.keys() != set()
        assert checking.fields_by(session, row, "surat_rujukan_rsud") == row.fields
        said = {name: field["text"] for name, field in other.items()}
        confirmed = checking.confirm(session, who, document, "surat_rujukan_puskesmas", said)
        assert (confirmed.kind, confirmed.kind_confidence) == ("surat_rujukan_puskesmas", 1.0)
        assert all(field["box"] for field in confirmed.fields.values())


def test_what_is_refused_changes_nothing(hands: Hands, who: Account, account: MakeAccount) -> None:
    document = _sealed(hands, who, "kk.jpg")
    before = hands.look(document)
    wrong = [("tidak_ada", {}), ("kk", {"bukan_isian": "x"}), ("kk", {"alamat": "x" * 501})]
    for kind, said in wrong:
        with pytest.raises(InvalidRequest), transaction(who.context) as session:
            checking.confirm(session, who, document, kind, said)
    other = account("petugas", unit="lain")
    with pytest.raises(NotFound), transaction(other.context) as session:
        checking.confirm(session, other, document, "kk", {})
    after = hands.look(document)
    assert (after.stage, after.fields, after.manifest_key) == (before.stage, before.fields, before.manifest_key)


def test_a_letter_that_is_not_read_yet_cannot_be_checked(who: Account) -> None:
    document = send(who, unique_jpeg(uuid4().int % 10**6, 20)).document.id
    with pytest.raises(NotReady), transaction(who.context) as session:
        checking.confirm(session, who, document, "ktp", {})


def test_accuracy_compares_the_first_reading_with_the_last_word(
    hands: Hands, who: Account, account: MakeAccount
) -> None:
    document = _sealed(hands, who, "ktp.jpg")
    read = _texts(hands.look(document))
    for name in ("Salah Ketik", read["nama"]):  # a wrong correction, put right by a second one
        with transaction(who.context) as session:
            checking.confirm(session, who, document, "ktp", {**read, "nama": name, "agama": "Lain"})
        hands.seal(document)
    with transaction(who.context) as session:
        found = {row.name: row for row in checks.accuracy(session)}
    assert {row.kind for row in found.values()} == {"ktp"}
    assert (found["nama"].told, found["nama"].right) == (1, 1)
    assert (found["agama"].told, found["agama"].right) == (1, 0)
    assert (found["kind"].told, found["kind"].right, found["kind"].sure) == (1, 1, 1)
    with transaction(account("petugas", unit="lain").context) as session:
        assert checks.accuracy(session) == []


def test_two_people_cannot_overwrite_each_other(hands: Hands, who: Account) -> None:
    document = _sealed(hands, who, "skt_kelurahan.jpg")
    said = _texts(hands.look(document))
    with transaction(who.context) as session:
        checking.confirm(session, who, document, "skt_kelurahan", {**said, "nama": "Yang Pertama"}, seen=None)
    with pytest.raises(CheckedMeanwhile), transaction(who.context) as session:
        checking.confirm(session, who, document, "skt_kelurahan", said, seen=None)  # opened before the other was done
    assert hands.look(document).fields["nama"]["value"] == "Yang Pertama"
    with transaction(who.context) as session:
        seen = hands.look(document).checked_at
        checking.confirm(session, who, document, "skt_kelurahan", {**said, "nama": "Yang Kedua"}, seen=seen)
    assert hands.look(document).fields["nama"]["value"] == "Yang Kedua"


def test_only_what_was_looked_at_counts_as_confirmed(hands: Hands, who: Account) -> None:
    document = _sealed(hands, who, "ktp.jpg")
    read = hands.look(document).fields
    said = {**_texts(hands.look(document)), "agama": "Lain"}
    with transaction(who.context) as session:
        after = checking.confirm(session, who, document, "ktp", said, looked_at={"nama"}).fields
        told = {row.name for row in checks.accuracy(session)}
    assert told == {"kind", "nama", "agama"}  # what was changed was looked at
    assert after["pekerjaan"] == read["pekerjaan"]
    assert "dipastikan petugas" in after["nama"]["passed"]


def test_another_kinds_fields_are_compared_with_what_was_shown(hands: Hands, who: Account) -> None:
    document = _sealed(hands, who, "surat_rujukan_puskesmas.jpg")
    with transaction(who.context) as session:
        shown = checking.fields_by(session, hands.look(document), "surat_rujukan_rsud")
        said = {name: field["text"] for name, field in shown.items()}
        checking.confirm(session, who, document, "surat_rujukan_rsud", said)
        found = {row.name: row.right for row in checks.accuracy(session)}
    assert found.pop("kind") == 0
    assert set(found.values()) == {1}


def test_hostile_signs_do_not_get_in_and_a_wrong_number_says_so(hands: Hands, who: Account) -> None:
    document = _sealed(hands, who, "ktp.jpg")
    said = {**_texts(hands.look(document)), "nama": "BUDI\x00\u202e SANTOSO\u200b", "nik": "647301120399000"}
    with transaction(who.context) as session:
        fields = checking.confirm(session, who, document, "ktp", said).fields
    assert fields["nama"]["text"] == "BUDI SANTOSO"
    assert fields["nik"]["failed"] == ["15 angka, seharusnya 16"]


def test_what_a_kind_must_have_and_was_not_found_is_a_doubt() -> None:
    assert checks.doubt_of(True, {"nama": {"sure": True}}, must=("nik", "nama")) == 2


def test_who_else_looks_at_a_letter_is_known_for_a_while(hands: Hands, who: Account, account: MakeAccount) -> None:
    document = _sealed(hands, who, "kk.jpg")
    colleague = account("petugas")
    with transaction(colleague.context) as session:
        ledger.append(session, "text_viewed", actor=colleague.id, document=document)
    with transaction(who.context) as session:
        assert checks.opened_by_others(session, who, [document]) == {document}
        assert checks.opened_by_others(session, who, []) == set()
    with transaction(colleague.context) as session:
        assert checks.opened_by_others(session, colleague, [document]) == set()


def test_lists_show_identity_numbers_masked(hands: Hands, who: Account) -> None:
    document = _sealed(hands, who, "ktp.jpg")
    row = hands.look(document)
    nik = row.fields["nik"]["value"]
    assert document_schemas.document(row, whole=True).fields["nik"].value == nik
    listed = document_schemas.document(row)
    assert listed.fields["nik"].value == f"{nik[:4]}********{nik[-4:]}"
    assert nik not in listed.model_dump_json()
    assert listed.fields["nama"].value == row.fields["nama"]["value"]
