"""What leaves the archive: a whole berkas as a BagIt bag, and tables for SRIKANDI."""
