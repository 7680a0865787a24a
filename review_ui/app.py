"""The review site as one ASGI application. Everything it stands on is handed in; importing this does nothing."""

from __future__ import annotations

from fastapi import Depends, FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from classifiers.classifier import Classifier
from rasoat import __version__
from rasoat.clock import Clock, SystemClock
from rasoat.messages import LOCALES, Messages
from rasoat.metrics import Meters, StoreCollector, Watch
from rasoat.policy import Policy
from rasoat.settings import Settings
from rasoat.store import Store
from review_ui import failures
from review_ui.headers import BodyLimit, SecurityHeaders
from review_ui.render import STATIC, environment
from review_ui.routes import acts, case, login, queue, rest, watch
from review_ui.scope import ScopeCheck
from review_ui.site import NoSources, SealFunction, Site, SourceDesk
from review_ui.sources import titles
from review_ui.visit import admit


class _Static(StaticFiles):
    """Static files never change under one address: the address holds their hash."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """As the base does, with leave to cache for ever."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def create_app(
    settings: Settings,
    store: Store,
    policy: Policy,
    classifier: Classifier,
    *,
    seal: SealFunction | None = None,
    clock: Clock | None = None,
    desk: SourceDesk | None = None,
) -> FastAPI:
    """Build the site.

    `seal(case_id, actor)` builds the pack, seals the case and notes the dossier; without it no dossier can be built here.
    `desk` knows the sources; without it the status page lists none.
    """
    desk = desk or NoSources()
    watching = Watch(store.measures.read)
    app = FastAPI(
        title="Rà Soát",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(admit)],
        responses=failures.RESPONSES,
    )
    app.state.site = Site(
        settings=settings,
        store=store,
        policy=policy,
        classifier=classifier,
        rules=classifier.rules,
        seal=seal,
        clock=clock or SystemClock(),
        catalogues={locale: Messages.load(settings.data, locale) for locale in LOCALES},
        templates=environment(),
        form_key=settings.secret("form-tokens"),
        scope=ScopeCheck(classifier.rules),
        source_titles=titles(settings.data / "sources"),
        desk=desk,
        watch=watching,
        meters=Meters(StoreCollector(watching, lambda read: desk.healths(read.crawls, read.at))),
        metrics_token=settings.metrics_secret,
    )
    for module in (login, queue, case, acts, rest, watch):
        app.include_router(module.router)
    app.mount("/static", _Static(directory=STATIC), name="static")
    app.add_middleware(failures.LastResort)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders, tls=settings.secure_cookies)
    failures.install(app)
    return app
