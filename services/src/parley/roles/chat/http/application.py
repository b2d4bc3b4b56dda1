"""The HTTP application: API, web client, health, documents, and in development a mint for tokens."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from parley.contract import LIVENESS_PATH, METRICS_PATH, READINESS_PATH
from parley.domain.errors import ErrorCode, ParleyError
from parley.ports.chat import Chat
from parley.ports.clock import Clock
from parley.ports.tokens import TokenVerifier
from parley.roles.chat.http.development import TokenMint
from parley.roles.chat.http.endpoint import Endpoint
from parley.roles.chat.http.openapi import openapi_document
from parley.roles.chat.http.operations import OPERATIONS
from parley.roles.chat.http.pages import load_pages, page_of
from parley.roles.chat.http.problems import method_problem, not_found, problem_response
from parley.roles.chat.http.rate import Rates
from parley.runtime.health import Health
from parley.runtime.settings import Settings

_log = structlog.get_logger("parley.http")


def application(
    chat: Chat, tokens: TokenVerifier, clock: Clock, health: Health, settings: Settings, mint: TokenMint | None
) -> Starlette:
    """Put the application together; without a `mint` nobody gets a token here."""
    routes = _operations(chat, tokens, Rates(settings.limits(), clock), settings.frame_bytes)
    routes += [Route(path, _health(health), methods=["GET"]) for path in (LIVENESS_PATH, READINESS_PATH, METRICS_PATH)]
    if mint is not None:
        routes.append(Route("/dev/token", mint.serve, methods=["GET", "POST"]))
    routes += _documents()
    handlers = {HTTPException: _http_problem, Exception: _unexpected}
    app = Starlette(routes=routes, middleware=_sharing(list(settings.allowed_origins)), exception_handlers=handlers)  # type: ignore[arg-type]  # a handler of one kind of exception is narrower than Starlette's type
    app.router.default = _Pages().serve
    return app


def _sharing(origins: list[str]) -> list[Middleware]:
    """Let pages of other origins read answers: of those that the settings name, and of none by default."""
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key"],
            expose_headers=["Retry-After"],
        )
    ]


def _operations(chat: Chat, tokens: TokenVerifier, rates: Rates, body_bytes: int) -> list[Route]:
    """One route per path, which knows all of its methods; names of users and emoji may hold slashes."""
    by_path: dict[str, dict[str, Endpoint]] = defaultdict(dict)
    for operation in OPERATIONS:
        path = operation.path.replace("{user}", "{user:path}").replace("{emoji}", "{emoji:path}")
        by_path[path][operation.method] = Endpoint(operation, chat, tokens, rates, body_bytes)
    return [Route(path, _by_method(endpoints), methods=list(endpoints)) for path, endpoints in by_path.items()]


def _by_method(endpoints: Mapping[str, Endpoint]) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        return await endpoints["GET" if request.method == "HEAD" else request.method].serve(request)

    return serve


def _health(health: Health) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        found = await health.answer(request.url.path)
        if found is None:
            return problem_response(not_found(request.url.path))
        return Response(found.body, found.status, media_type=found.content_type)

    return answer


def _documents() -> list[Route]:
    openapi = page_of("openapi.json", msgspec.json.encode(openapi_document()))

    async def serve_openapi(request: Request) -> Response:
        return openapi.response(request)

    return [Route("/openapi.json", serve_openapi, methods=["GET"])]


class _Pages:
    """Serves the web client where no route does; its files are read once."""

    def __init__(self) -> None:
        self._pages = load_pages()

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(Request(scope))(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        path = request.url.path
        page = self._pages.get(path)
        if page is None:
            return problem_response(not_found(path))
        if request.method not in {"GET", "HEAD"}:
            return method_problem(path, request.method, "GET, HEAD")
        return page.response(request)


async def _http_problem(request: Request, error: HTTPException) -> Response:
    """Starlette's own refusals in our form."""
    if error.status_code == 405:  # noqa: PLR2004 - method not allowed
        return method_problem(request.url.path, request.method, (error.headers or {}).get("Allow", ""))
    return problem_response(not_found(request.url.path))


async def _unexpected(request: Request, error: Exception) -> Response:
    _log.error("unexpected fault", path=request.url.path, exc_info=error)
    return problem_response(ParleyError(ErrorCode.INTERNAL, "an unexpected fault was logged; try again"))
