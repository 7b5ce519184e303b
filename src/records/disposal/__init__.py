"""Transfer and destruction of records: lists that go through their steps with papers, never a button."""
