"""How right the reader is: a set of scans with truth, figures of a run over it, the targets, the report."""
