"""Electronic signatures: what each proves, judged without network by the office's own roots."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy.orm import Session

from access.accounts import Account
from archive.signatures import Signature
from archive.tables import LedgerRow
from ocr import reader
from ocr.roots import roots
from ocr.sandbox import Sandbox
from tests.assets.about import ABOUT
from tests.assets.signing import NAME, added_to, holder, pem, root, signed
from tests.e2e.inside import text_pdf
from tests.integration.conftest import MakeAccount
from tests.integration.driving import Hands, connected_as, send, with_settings
from workers import vouching


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(2048) as box:
        yield box


@pytest.fixture
def trusted(tmp_path: Path) -> Path:
    folder = tmp_path / "akar"
    folder.mkdir()
    (folder / "akar.pem").write_bytes(pem(root()))
    (folder / "catatan.txt").write_text("bukan sertifikat")
    return folder


def found(sandbox: Sandbox, folder: Path, data: bytes, trusted: Path | None) -> list[Signature]:
    file = folder / "surat.pdf"
    file.write_bytes(data)
    return reader.signatures(sandbox, file, roots(trusted), seconds=60)


@pytest.fixture
def who(account: MakeAccount) -> Account:
    return account("petugas")


LETTER = text_pdf("Surat Keterangan Terlantar")


def test_a_letter_without_signatures_has_none(sandbox: Sandbox, tmp_path: Path, trusted: Path) -> None:
    assert found(sandbox, tmp_path, LETTER, trusted) == []


def test_a_valid_one(sandbox: Sandbox, tmp_path: Path, trusted: Path) -> None:
    (one,) = found(sandbox, tmp_path, signed(LETTER, holder(NAME, root())), trusted)
    assert (one.status, one.why, one.signer, one.issuer) == ("valid", None, NAME, "Akar Uji")
    assert (one.whole, one.later, one.stamped) == (True, False, False)
    assert one.signed_at is not None


def test_one_byte_changed(sandbox: Sandbox, tmp_path: Path, trusted: Path) -> None:
    data = signed(LETTER, holder(NAME, root())).replace(b"Terlantar", b"Terlantas")
    (one,) = found(sandbox, tmp_path, data, trusted)
    assert (one.status, one.why) == ("invalid", "altered")


def test_a_signer_nobody_vouches_for(sandbox: Sandbox, tmp_path: Path, trusted: Path) -> None:
    data = signed(LETTER, holder(NAME, holder("Akar Lain")))
    assert [(one.status, one.why) for one in found(sandbox, tmp_path, data, trusted)] == [("unknown", "untrusted")]
    data = signed(LETTER, holder(NAME, root()))
    assert [(one.status, one.why) for one in found(sandbox, tmp_path, data, None)] == [("unknown", "untrusted")]


def test_a_certificate_that_has_ended(sandbox: Sandbox, tmp_path: Path, trusted: Path) -> None:
    data = signed(LETTER, holder(NAME, root(), days=(-900, -3)))
    assert [(one.status, one.why) for one in found(sandbox, tmp_path, data, trusted)] == [("expired", "expired")]


def test_a_time_stamp_shows_that_it_had_not_ended_then(sandbox: Sandbox, tmp_path: Path, trusted: Path) -> None:
    ended = holder(NAME, root(), days=(-900, -3))
    stamper = holder("Stempel Uji", root(), days=(-900, 365), stamps=True)
    (one,) = found(sandbox, tmp_path, signed(LETTER, ended, stamper=stamper, ago=100), trusted)
    assert (one.status, one.why, one.stamped) == ("valid", None, True)
    assert one.signed_at is not None
    assert datetime.now(UTC) - datetime.fromisoformat(one.signed_at) > timedelta(days=99)
    late = signed(LETTER, ended, stamper=stamper, ago=1)
    assert [one.status for one in found(sandbox, tmp_path, late, trusted)] == ["expired"]
    other = holder("Stempel Lain", holder("Akar Lain"), days=(-900, 365), stamps=True)
    nobodys = signed(LETTER, ended, stamper=other, ago=100)
    assert [(one.status, one.stamped) for one in found(sandbox, tmp_path, nobodys, trusted)] == [("expired", False)]


def test_what_was_added_after_signing(sandbox: Sandbox, tmp_path: Path, trusted: Path) -> None:
    (one,) = found(sandbox, tmp_path, added_to(signed(LETTER, holder(NAME, root()))), trusted)
    assert (one.status, one.why, one.whole, one.later) == ("invalid", "changed_later", False, True)


def test_two_who_signed(sandbox: Sandbox, tmp_path: Path, trusted: Path) -> None:
    data = signed(signed(LETTER, holder(NAME, root())), holder("Siti", root()), field="TTE2")
    first, second = found(sandbox, tmp_path, data, trusted)
    assert (first.status, first.signer, first.whole) == ("valid", NAME, False)
    assert (second.status, second.signer, second.whole) == ("valid", "Siti", True)


@pytest.mark.parametrize("junk", [b"/ByteRange", b"%PDF-1.7\n/ByteRange [0 1 2 3]\n%%EOF"])
def test_nonsense_is_called_unreadable(sandbox: Sandbox, tmp_path: Path, junk: bytes) -> None:
    assert [(one.status, one.why) for one in found(sandbox, tmp_path, junk, None)] == [("unknown", "unreadable")]


def test_a_file_that_is_no_certificate_is_passed_over(trusted: Path, caplog: pytest.LogCaptureFixture) -> None:
    (trusted / "rusak.pem").write_text("-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n")
    assert len(roots(trusted)) == 1
    assert caplog.messages == ["signature_root_unusable"]
    assert roots(None) == roots(trusted / "tidak-ada") == []


def test_a_copy_says_that_it_has_no_signature(sandbox: Sandbox, tmp_path: Path) -> None:
    source, target = tmp_path / "asli.pdf", tmp_path / "cari.pdf"
    source.write_bytes(signed(LETTER, holder(NAME, root())))
    for part in (None, (1, 1)):
        reader.assemble(sandbox, source, [], target, ABOUT, part=part, seconds=30)
        told = PdfReader(target).xmp_metadata
        assert told is not None
        assert told.dc_description["x-default"].startswith("Salinan tanpa tanda tangan elektronik")
        assert b"/ByteRange" not in target.read_bytes()


def test_they_stand_with_the_letter(who: Account, hands: Hands, trusted: Path) -> None:
    data = signed(text_pdf("Surat bertanda tangan"), holder(NAME, root()))
    with with_settings(ARSIP_SIGNATURE_ROOTS=str(trusted)):
        row = hands.finish(send(who, data, name="tte.pdf").document.id)
    assert row.stage == "sealed"
    assert row.signatures is not None
    assert [(one["status"], one["signer"]) for one in row.signatures] == [("valid", NAME)]
    with Session(hands.engine) as session:
        told = session.query(LedgerRow).filter_by(document=row.id, action="signatures_checked").one()
    assert NAME not in told.body


def test_a_root_that_comes_later_clears_letters_that_came_before(who: Account, hands: Hands, trusted: Path) -> None:
    data = signed(text_pdf("Surat sebelum akar"), holder(NAME, root()))
    other = trusted.parent / "lain"
    other.mkdir()
    (other / "lain.pem").write_bytes(pem(holder("Akar Lain")))
    with with_settings(ARSIP_SIGNATURE_ROOTS=str(other)):
        letter = hands.finish(send(who, data).document.id).id
    assert [one["why"] for one in hands.look(letter).signatures or ()] == ["untrusted"]
    for folder in (other, trusted, trusted):
        with with_settings(ARSIP_SIGNATURE_ROOTS=str(folder)), connected_as(hands.engine):
            vouching.check_again(hands.worker.sandbox)
    assert [one["status"] for one in hands.look(letter).signatures or ()] == ["valid"]
    assert [one["status"] for one in hands.manifest(hands.look(letter))["signatures"]] == ["unknown"]
    told = [body for action, body in hands.events(letter) if action == "signatures_checked"]
    assert [body["valid"] for body in told] == [0, 1]
