"""The pages people use: server-rendered, in plain Bahasa Indonesia, with small scripts for what is live."""

from api.web.assets import mount_static
from api.web.signin import router as _signin
from api.web.views import router

router.include_router(_signin)

__all__ = ["mount_static", "router"]
