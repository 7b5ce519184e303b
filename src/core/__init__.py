"""Domain-free ground: settings, database, queue, faults, log, memory, months."""
