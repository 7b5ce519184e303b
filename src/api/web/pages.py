"""Who is at the pages, and how a page is made from its template."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Depends, Form, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from access.accounts import Account
from access.roles import Right
from access.sessions import csrf_token
from api.auth import COOKIE, require_csrf, require_same_site, session_account
from api.casework import identity_key
from api.web import words
from api.web.assets import BASE
from archive import keycopy, officekey
from core.db import transaction
from core.faults import DatabaseUnavailable, Unauthenticated
from records import inbox
from records.dates import written
from records.retention import worklists
from search import saved

_NAVIGATION: Final = (
    ("/unggah", "Unggah", Right.UPLOAD),
    ("/periksa", "Periksa", Right.CHECK),
    ("/agenda", "Agenda", Right.READ_AGENDA),
    ("/disposisi", "Disposisi", Right.READ),
    ("/arsip", "Arsip", Right.READ),
    ("/cari", "Cari", Right.READ),
    ("/kasus", "Kasus", Right.READ),
    ("/berkas", "Berkas", Right.READ),
    ("/retensi", "Retensi", Right.READ_RETENTION),
    ("/prosedur", "Prosedur", Right.READ),
    ("/penyusutan", "Penyusutan", Right.APPRAISE),
    ("/catatan", "Catatan", Right.READ_LEDGER),
    ("/ekspor", "Ekspor", Right.EXPORT),
    ("/bukti", "Bukti", Right.READ_LEDGER),
    ("/penyimpanan", "Penyimpanan", Right.READ_LEDGER),
)
# Who sees cases finds it there; who sees only how long their steps took has to be led to it
_REPORT: Final = ("/kasus/laporan", "Laporan")

_templates = Environment(
    loader=PackageLoader("api.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_templates.globals.update(
    assets=BASE,
    stages=words.STAGES,
    roles=words.ROLES,
    clearances=words.CLEARANCES,
    media=words.MEDIA,
    kind=words.kind,
    disposition_states=words.DISPOSITIONS,
)
_templates.filters.update(
    moment=words.moment,
    day=written,
    size=words.size,
    number=words.number,
    percent=words.percent,
    capitalize_first=words.capitalize_first,
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in at the pages, and the secret of their session."""

    account: Account
    secret: str

    @property
    def csrf(self) -> str:
        return csrf_token(self.secret)

    @property
    def waiting(self) -> int:
        """How many dispositions wait for them; asked once on each page."""
        return inbox.waiting_count(self.account.id) if self.account.may(Right.READ) else 0

    @property
    def newly_due(self) -> int:
        """How many berkas fell due lately, for whoever sees to it; asked once on each page, also while the database
        is away."""
        if not self.account.may(Right.RETAIN):
            return 0
        try:
            with transaction(self.account.context) as session:
                return worklists.news(session)
        except DatabaseUnavailable:
            return 0

    @property
    def fresh(self) -> int:
        """How many hits are new to their saved searches; none while the database is away, as every page asks."""
        if not self.account.may(Right.READ):
            return 0
        try:
            with transaction(self.account.context) as session:
                return saved.fresh_count(session, self.account, identity_key())
        except DatabaseUnavailable:
            return 0

    @property
    def must_copy_key(self) -> bool:
        """Whether to warn them that the office key has no copy: an admin, until it has."""
        return self.account.may(Right.MANAGE_USERS) and not _key_is_copied(self.account)

    @property
    def navigation(self) -> list[tuple[str, str]]:
        """Address and name of each page that the role may use."""
        pages = [(path, name) for path, name, right in _NAVIGATION if self.account.may(right)]
        by_itself = self.account.may(Right.READ_REPORTS) and not self.account.may(Right.READ)
        return [*pages, _REPORT] if by_itself else pages


_copied: set[str] = set()


def _key_is_copied(account: Account) -> bool:
    """Once it is, it stays so: nobody asks again."""
    fingerprint = officekey.fingerprint()
    if fingerprint not in _copied:
        with transaction(account.context) as session:
            if keycopy.is_made(session):
                _copied.add(fingerprint)
    return fingerprint in _copied


def visitor(request: Request) -> Visitor:
    """Who is at the page, by cookie only. Raises Unauthenticated, which leads to the sign-in page."""
    secret = request.cookies.get(COOKIE)
    if not secret:
        raise Unauthenticated
    found = Visitor(session_account(secret), secret)
    request.state.visitor = found  # so that a page about a fault has their navigation too
    return found


def changing_visitor(
    request: Request, found: Annotated[Visitor, Depends(visitor)], csrf: Annotated[str, Form(max_length=100)] = ""
) -> Visitor:
    """Who sends a form, known to come from our own page. Raises Unauthenticated, CrossSiteRequest."""
    require_same_site(request)
    require_csrf(found.secret, csrf)
    return found


async def form(request: Request) -> dict[str, str]:
    """The posted form as it is, where its fields depend on what it is for."""
    return {name: str(value) for name, value in (await request.form()).items()}


def _with(right: Right) -> Any:
    def check(found: Annotated[Visitor, Depends(visitor)]) -> Visitor:
        found.account.require(right)
        return found

    return Depends(check)


AnyVisitor = Annotated[Visitor, Depends(visitor)]
ChangingVisitor = Annotated[Visitor, Depends(changing_visitor)]
UploadingVisitor = Annotated[Visitor, _with(Right.UPLOAD)]
CheckingVisitor = Annotated[Visitor, _with(Right.CHECK)]
RegisteringVisitor = Annotated[Visitor, _with(Right.REGISTER)]
AgendaVisitor = Annotated[Visitor, _with(Right.READ_AGENDA)]
DisposingVisitor = Annotated[Visitor, _with(Right.DISPOSE)]
ReadingVisitor = Annotated[Visitor, _with(Right.READ)]
ReportVisitor = Annotated[Visitor, _with(Right.READ_REPORTS)]
AppraisingVisitor = Annotated[Visitor, _with(Right.APPRAISE)]
RetiringVisitor = Annotated[Visitor, _with(Right.RETIRE)]
CaseVisitor = Annotated[Visitor, _with(Right.WORK_CASES)]
RetentionVisitor = Annotated[Visitor, _with(Right.READ_RETENTION)]
ExportingVisitor = Annotated[Visitor, _with(Right.EXPORT)]
LedgerVisitor = Annotated[Visitor, _with(Right.READ_LEDGER)]


def render(
    request: Request, template: str, *, status: int = 200, headers: dict[str, str] | None = None, **facts: Any
) -> HTMLResponse:
    """The page of that template; whoever is signed in gets their navigation."""
    found: Visitor | None = getattr(request.state, "visitor", None)
    page = _templates.get_template(template).render(visitor=found, here=request.url.path, **facts)
    return HTMLResponse(page, status, headers)
