"""The routes under /api/v1, and those that ask for the product's health."""

from typing import Final

from fastapi import APIRouter

from api.routes import (
    agenda,
    cases,
    checks,
    cuts,
    disposals,
    dispositions,
    documents,
    events,
    exporting,
    filing,
    fixity,
    health,
    ledger,
    paper,
    persons,
    proofs,
    proposals,
    reports,
    rereading,
    retention,
    search,
    sops,
    store,
    twins,
    users,
)

# In the order of their description
ROUTERS: Final[tuple[APIRouter, ...]] = (
    documents.router,
    cuts.router,
    checks.router,
    twins.router,
    agenda.router,
    dispositions.router,
    sops.router,
    cases.router,
    proposals.router,
    paper.router,
    exporting.router,
    persons.router,
    disposals.router,
    filing.router,
    retention.router,
    reports.router,
    search.router,
    rereading.router,
    events.router,
    users.router,
    ledger.router,
    proofs.router,
    fixity.router,
    store.router,
    health.router,
)
