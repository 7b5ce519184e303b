"""What searchable PDFs of tests say of themselves."""

from ocr.about import About

ABOUT = About("Surat keterangan 12/XI/2026", "0192f0c1-1111-7222-8333-444455556666", "ab" * 32)
