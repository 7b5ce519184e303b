"""Who may: users, sessions, tokens, roles, clearance."""
