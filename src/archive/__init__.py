"""The record: objects, documents, pages, ledger, seal, verify."""
