"""What stands on a letter without a label: title, place and date, letterhead, addressee, copies, signature."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise

from classify import dates
from classify.drafts import Draft
from classify.fieldspec import FieldSpec, field_spec, key
from classify.rows import Piece, Row, cells, main_cell, text_of
from classify.values import read

HEAD_SHARE = 0.5  # of the first page's rows: titles and places at the head stand above
# words with which no title begins, but a letterhead or a number does
_HEAD = re.compile(
    r"(?i)^(pemerintah|dinas|badan|kantor|kecamatan|kelurahan|desa|kepolisian|daerah|resor|sektor|provinsi|kota|"
    r"kabupaten|kementerian|jalan|jl|rumah sakit|uptd|puskesmas|lembaga|sekretariat|republik|nomor|no|klinik|bidang)\b"
)
_TITLE = re.compile(
    r"(?i)^(surat|berita acara|formulir|form|laporan|hasil|lembar|daftar|tanda terima|kuitansi|kwitansi|kontrak|data|"
    r"catatan|rencana|instrumen|penetapan|keputusan|bukti|tiket|nota|kartu|draf|informasi|persetujuan|rekomendasi|"
    r"telaahan|undangan|pernyataan|identifikasi|evaluasi|asesmen|informed|rujukan|pengumuman|disposisi)\b"
)
_NUMBER = re.compile(r"(?i)^(?:no(?:mor)?|jalan|jl)\b")
_PLACE = re.compile(r"^[^\w]*([A-Z][^\W\d_]+(?:[ .-]+[A-Z][^\W\d_]*){0,3})\s*[,.;:]?\s*$")
_SENTENCE = re.compile(
    r"(?i)\b(?:ditetapkan|dikeluarkan|dibuat|pada|hari|tanggal|tgl)\b[^.;]{0,80}?(?:pada\s+)?\b(?:tanggal|tgl)\b\.?\s*:?"
)
_TO = re.compile(r"(?i)^(?:kepada\s*:?\s*)?y\s?th\b[.:,]*")
_AT = re.compile(r"(?i)^(?:di\b|tempat$|dengan hormat)")
_BEHALF = re.compile(
    r"(?<=\w )(?:[Aa]\.\s?[Nn]\.?|[Aa]tas\s[Nn]ama)\s+(?!(?i:kepala|bupati|wali|gubernur|kapol))([A-Z]\w)"
)
_COPIES = re.compile(r"(?i)^temb?usan\b")
_RANK = re.compile(
    r"(?i)^(penata|pembina|pengatur|juru|ipda|iptu|akp|kompol|aipda|aiptu|bripka|brigadir|briptu|bripda)\b"
)
_OFFICIAL = re.compile(r"(?i)^(?:NIP(?:PPK)?|NRP|N\.?I\.?P|NI)\b[.:,]*")


def _upper(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return len(letters) >= 5 and sum(c.isupper() for c in letters) >= 0.8 * len(letters)


def title(rows: Sequence[Row], spec: FieldSpec, most: int | None) -> Draft | None:
    """The title: a line in capitals that names a kind of letter, with the lines that go on with it.

    Letters without such words: the capitals right above the number.
    """
    first = [r for r in rows if r.page == rows[0].page][: max(12, int(HEAD_SHARE * len(rows)))] if rows else []
    start = next((i for i, r in enumerate(first) if _TITLE.match(_bare(r)) and _upper(_bare(r))), None)
    if start is None:
        number = next((i for i, r in enumerate(first) if re.match(r"(?i)^no(?:mor)?\b", _bare(r))), 0)
        above_number = _bare(first[number - 1]) if number else ""
        start = number - 1 if _upper(above_number) and not _HEAD.match(above_number) else None
    if start is None:
        return None
    found = [first[start]]
    for above, below in pairwise(first[start:]):
        close = below.y - above.y < 2.2 * max(above.height, below.height)
        if len(found) == (most or 3) or not close or not _upper(_bare(below)) or _HEAD.match(_bare(below)):
            break
        if re.match(r"^(?:[A-Z]|[IVX]+)[.)]?\s", _bare(below)) or not _below(above, below):
            break
        found.append(below)
    return read(spec, [main_cell(r) for r in found], found[0].height)


def _bare(row: Row) -> str:
    return text_of(main_cell(row)).lstrip(" :;.,|“”'\"-—_")


def _below(above: Row, below: Row) -> bool:
    """Whether a line is centred under another: its middle near the other's middle."""
    middle = [(cell[0].x0 + cell[-1].x1) / 2 for cell in (main_cell(above), main_cell(below))]
    return abs(middle[0] - middle[1]) < 6 * above.height


def place_dates(rows: Sequence[Row], spec: FieldSpec, labelled: Collection[Piece]) -> list[Draft]:
    """Every "Tarakan, 10 Juni 2025" that has a cell of a row to itself, in reading order.

    `labelled` are the pieces labels stand before: a place and date of birth is none of the letter.
    """
    found = []
    for row in rows:
        for cell in cells(row.pieces, 1.5 * row.height):
            if any(piece in labelled for piece in cell):
                continue
            text = text_of(cell)
            day = dates.first(text)
            if day is None or not _PLACE.match(text[: day.start]) or len(key(text[day.end :])) > 2:
                continue
            draft = read(spec, [cell], row.height)
            if draft is not None:
                found.append(draft)
    return found


def sentence_date(rows: Sequence[Row], spec: FieldSpec, labelled: Collection[Piece]) -> Draft | None:
    """The first date a sentence gives as the letter's own: "pada tanggal …", "pada hari ini … (28 Juli 2025)"."""
    for number, row in enumerate(rows):
        if any(piece in labelled for piece in row.pieces) or not re.search(r"(?i)\b(?:tanggal|tgl)\b", row.text):
            continue
        pieces = [p for r in rows[number : number + 3] if r.page == row.page for p in r.pieces]
        text = text_of(pieces)
        match = _SENTENCE.search(text) or re.search(r"(?i)\b(?:tanggal|tgl)\b", text)
        found = [d for d in dates.dates(text) if match is not None and d.start >= match.start()]
        if not found:
            continue
        # "tanggal dua puluh … (28 Juli 2025)": figures are easier to compare than words
        chosen = next((d for d in found[:2] if any(c.isdigit() for c in d.text)), found[0])
        at = 0
        used: list[Piece] = []
        for piece in pieces:
            if at < chosen.end and at + len(piece.text) > chosen.start:
                used.append(piece)
            at += len(piece.text) + 1
        draft = read(spec, [used], row.height)
        if draft is not None:
            draft.exact = draft.exact and chosen.exact
            draft.labelled = False
            return draft
    return None


def letterhead(rows: Sequence[Row], spec: FieldSpec) -> Draft | None:
    """The office in capitals at the head of the first page, without its address."""
    found: list[Row] = []
    for row in rows[:7]:
        if row.page != rows[0].page:
            break
        text = _bare(row)
        if _upper(text) and not _TITLE.match(text) and not _NUMBER.match(text) and (found or _HEAD.match(text)):
            found.append(row)
        elif found:
            break
    return read(spec, [main_cell(r) for r in found], found[0].height) if found else None


def addressee(rows: Sequence[Row], spec: FieldSpec) -> Draft | None:
    """Who is written to: from "Yth." to "di –"."""
    for number, row in enumerate(rows):
        for cell in cells(row.pieces, 2.0 * row.height):
            match = _TO.match(text_of(cell))
            if match is None:
                continue
            used = _after(cell, match.end())
            lines = [used] if used else []
            for below in rows[number + 1 : number + 4]:
                inside = [p for p in below.pieces if p.x0 >= cell[0].x0 - 2 * row.height]
                if below.page != row.page or not inside or _AT.match(text_of(inside)) or len(lines) == 3:
                    break
                if below.y - row.y > 6 * row.height or ":" in text_of(inside):
                    break
                lines.append(inside)
            return read(spec, lines, row.height) if lines else None
    return None


def _after(cell: Sequence[Piece], end: int) -> list[Piece]:
    at, found = 0, []
    for piece in cell:
        if at >= end:
            found.append(piece)
        at += len(piece.text) + 1
    return found


def copies(rows: Sequence[Row], spec: FieldSpec) -> Draft | None:
    """The list beneath "Tembusan", its items joined by a semicolon."""
    for number, row in enumerate(rows):
        if not _COPIES.match(_bare(row)):
            continue
        items: list[str] = []
        used: list[Piece] = []
        for below in rows[number + 1 : number + 11]:
            text = _bare(below)
            item = re.match(r"^(?:\d{1,2}|[-•])\s*[.)]?\s*(\S.*)$", text)
            said = item[1].strip(" ;.,:") if item else ""
            if below.page != row.page or not said:  # also a number with nothing behind it
                break
            items.append(said)
            used += below.pieces
        if items:
            return Draft(spec, "; ".join(items), "; ".join(items), used)
    return None


def police_number(rows: Sequence[Row], spec: FieldSpec, prefix: str) -> Draft | None:
    """A number of the police that stands anywhere: ``LP/B/123/IX/2025/SPKT/POLRES …`` (domain.md §4.5)."""
    for row in rows:
        for i, piece in enumerate(row.pieces):
            if not re.match(rf"(?i){prefix}\s?/", piece.text + text_of(row.pieces[i + 1 : i + 2])[:1]):
                continue
            used = [piece]
            # the unit's name belongs to the number: "…/SPKT/POLRES TARAKAN/POLDA KALIMANTAN UTARA"
            for after in row.pieces[i + 1 : i + 8]:
                if not after.text.strip(",.;").isupper() and "/" not in after.text:
                    break
                used.append(after)
            draft = read(spec, [used], row.height)
            if draft is not None:
                return draft
    return None


def on_behalf(rows: Sequence[Row], spec: FieldSpec) -> Draft | None:
    """Whose letter it is, said in a sentence: "… orang terlantar a.n. Maria Siregar"; always to be asked."""
    for row in rows:
        match = _BEHALF.search(row.text)
        if match is None:
            continue
        at = 0
        used: list[Piece] = []
        for piece in row.pieces:
            if at >= match.start(1) and piece.text[:1].isupper() and len(used) < 5:
                used.append(piece)
            elif used:
                break
            at += len(piece.text) + 1
        draft = read(spec, [used], row.height) if used else None
        if draft is not None:
            draft.labelled = False
            return draft
    return None


def signatures(rows: Sequence[Row]) -> list[tuple[Draft, Draft | None]]:
    """Each official's number at the foot of a signature, with the name above it, in reading order."""
    found = []
    for number, row in enumerate(rows):
        for cell in cells(row.pieces, 2.5 * row.height):
            match = next((i for i, p in enumerate(cell) if _OFFICIAL.match(p.text)), None)
            if match is None or any(p.text == ":" for p in cell[:match]):
                continue
            field = "nrp" if "nrp" in key(cell[match].text) else "nip"
            spec, named = field_spec(field), field_spec("penandatangan")
            rest = [p for p in cell[match + 1 :] if p.text != ":"] or _glued(cell[match])
            draft = read(spec, [rest], row.height) if spec is not None and rest else None
            if draft is None:
                continue
            found.append((draft, _name_above(rows, number, cell, named) if named is not None else None))
    return found


def _glued(piece: Piece) -> list[Piece]:
    """``NIP.19831103``: the number read into one word with its label."""
    match = _OFFICIAL.match(piece.text)
    rest = piece.text[match.end() :] if match else ""
    return [replace(piece, text=rest)] if any(c.isdigit() for c in rest) else []


def _name_above(rows: Sequence[Row], number: int, cell: Sequence[Piece], spec: FieldSpec) -> Draft | None:
    left, right = cell[0].x0, max(cell[-1].x1, cell[0].x0 + 60)
    for row in reversed(rows[max(0, number - 4) : number]):
        if row.page != rows[number].page:
            break
        for part in cells(row.pieces, 2.5 * row.height):
            text = text_of(part)
            if part[0].x0 > right or part[-1].x1 < left or re.search(r"\d", text) or "/" in text:
                continue
            if len(key(text)) < 4 or _RANK.match(text):
                continue
            return read(spec, [part], row.height)
    return None
