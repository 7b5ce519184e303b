"""An office's own signers: a certificate authority, people with certificates, and PDFs they signed."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from asn1crypto import keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

NAME = "Budi Santoso, S.Sos"
Holder = tuple[x509.Certificate, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey]


def holder(name: str, by: Holder | None = None, *, days: tuple[int, int] = (-30, 365), stamps: bool = False) -> Holder:
    """A certificate for that name, by its own hand if by nobody else's; `days` from now it begins and ends."""
    key = rsa.generate_private_key(65537, 2048) if stamps else ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    use: dict[str, Any] = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )
    ca = by is None
    use |= {"digital_signature": not ca, "content_commitment": not ca, "key_cert_sign": ca, "crl_sign": ca}
    build = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by[0].subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**use), critical=True)
    )
    if stamps:
        build = build.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return build.sign(by[1] if by else key, hashes.SHA256()), key


@cache
def root() -> Holder:
    """The authority that the office trusts."""
    return holder("Akar Uji", days=(-4000, 4000))


def pem(whose: Holder) -> bytes:
    return whose[0].public_bytes(serialization.Encoding.PEM)


def _asn1(whose: Holder) -> tuple[asn1.Certificate, keys.PrivateKeyInfo]:
    der = serialization.Encoding.DER
    secret = whose[1].private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return asn1.Certificate.load(whose[0].public_bytes(der)), keys.PrivateKeyInfo.load(secret)


def signed(pdf: bytes, who: Holder, *, field: str = "TTE", stamper: Holder | None = None, ago: int = 0) -> bytes:
    """The PDF with one more signature, added behind what it was; a stamp says it was made so many days ago."""
    certificate, secret = _asn1(who)
    signer = signers.SimpleSigner(certificate, secret, SimpleCertificateStore())
    when = datetime.now(UTC) - timedelta(days=ago)
    stamp = DummyTimeStamper(*_asn1(stamper), SimpleCertificateStore(), fixed_dt=when) if stamper else None
    out, how = io.BytesIO(), signers.PdfSignatureMetadata(field_name=field, md_algorithm="sha256")
    pen = signers.PdfSigner(how, signer=signer, timestamper=stamp)
    with ThreadPoolExecutor(1) as beside:  # it runs a loop of its own, and the browser's may be running here
        beside.submit(pen.sign_pdf, IncrementalPdfFileWriter(io.BytesIO(pdf)), output=out).result()
    return out.getvalue()


def added_to(pdf: bytes) -> bytes:
    """The PDF with its first page changed by an incremental update, as a deceiver would after the signing."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"BT ET"))
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
