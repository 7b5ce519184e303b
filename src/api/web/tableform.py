"""A table that a form of our own pages sends."""

from functools import partial
from typing import Annotated

from fastapi import Depends, Request

from access.roles import Right
from api.auth import require_csrf, require_same_site
from api.tablefile import Brought, received
from api.web.pages import AnyVisitor, Visitor


async def from_page(request: Request, visitor: AnyVisitor) -> tuple[Visitor, Brought]:
    """The table and who brings it, before a byte of it is read known to be allowed to.

    Raises Unauthenticated, Forbidden, CrossSiteRequest, TooLarge, EmptyFile, InvalidRequest.
    """
    visitor.account.require(Right.RETAIN)
    require_same_site(request)
    return visitor, await received(request, partial(require_csrf, visitor.secret))


PagesTable = Annotated[tuple[Visitor, Brought], Depends(from_page)]
