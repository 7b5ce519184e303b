"""How well search finds: invented letters, queries with judgements that follow from the invention, and the figures."""
