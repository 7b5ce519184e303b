"""What may come in, and how it is accepted."""
