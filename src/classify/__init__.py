"""Words to meaning: kind of letter, fields, identity checks. Pure: no I/O."""
