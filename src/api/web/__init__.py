"""The pages people use: server-rendered, in plain Bahasa Indonesia, with small scripts for what is live."""

from api.web.agenda_views import router as _agenda
from api.web.assets import mount_static
from api.web.batch_views import router as _batch
from api.web.case_views import router as _cases
from api.web.correction_views import router as _corrections
from api.web.desk_views import router as _desk
from api.web.disposal_views import router as _disposals
from api.web.disposition_views import router as _dispositions
from api.web.export_views import router as _exports
from api.web.filed_views import router as _filed
from api.web.filing_views import router as _filing
from api.web.linking_views import router as _linking
from api.web.nik_views import router as _niks
from api.web.paper_views import router as _paper
from api.web.person_views import router as _persons
from api.web.procedure_views import router as _procedures
from api.web.proof_views import router as _proofs
from api.web.registry_views import router as _registry
from api.web.report_views import router as _reports
from api.web.retention_views import router as _retention
from api.web.search_views import router as _search
from api.web.sheet_views import router as _sheets
from api.web.signin import router as _signin
from api.web.stack_views import router as _stacks
from api.web.store_views import router as _store
from api.web.twin_views import router as _twins
from api.web.views import router

router.include_router(_signin)
router.include_router(_desk)
router.include_router(_search)
router.include_router(_cases)
router.include_router(_linking)
router.include_router(_batch)
router.include_router(_paper)
router.include_router(_filing)
router.include_router(_filed)
router.include_router(_retention)
router.include_router(_reports)
router.include_router(_disposals)
router.include_router(_exports)
router.include_router(_persons)
router.include_router(_proofs)
router.include_router(_store)
router.include_router(_procedures)
router.include_router(_stacks)
router.include_router(_twins)
router.include_router(_agenda)
router.include_router(_registry)
router.include_router(_corrections)
router.include_router(_niks)
router.include_router(_dispositions)
router.include_router(_sheets)

__all__ = ["mount_static", "router"]
