"""Berkas and what they are filed under: letters that belong together, and the tree of kode klasifikasi."""
