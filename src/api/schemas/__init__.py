"""What the API takes and answers with: a module for each subject, named as its routes are in api/routes/.

What routes/cases.py says of clients is in clients.py, the form of every refusal in problems.py.
"""

from types import ModuleType
from typing import Final

from api.schemas import (
    agenda,
    cases,
    checks,
    clients,
    cuts,
    disposals,
    dispositions,
    documents,
    filing,
    fixity,
    health,
    ledger,
    paper,
    persons,
    problems,
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

# Where api/app.py looks up a model by its name
SUBJECTS: Final[tuple[ModuleType, ...]] = (
    documents,
    cuts,
    checks,
    twins,
    agenda,
    dispositions,
    sops,
    cases,
    clients,
    proposals,
    paper,
    persons,
    disposals,
    filing,
    retention,
    reports,
    search,
    rereading,
    users,
    ledger,
    proofs,
    fixity,
    store,
    health,
    problems,
)
