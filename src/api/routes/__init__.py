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

# What is asked most comes first, since each request is held against one route after the other
ROUTERS: Final[tuple[APIRouter, ...]] = (
    documents.router,
    search.router,
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
    rereading.router,
    events.router,
    users.router,
    ledger.router,
    proofs.router,
    fixity.router,
    store.router,
    health.router,
)
