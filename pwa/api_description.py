"""The API's own description, OpenAPI 3.1, put together from what stands beside each view.

Here: `described`, which a view of the API carries, and the document made from it and from the
doors. What follows from a door (401, 404, 403 of another site) or from having a body (400, 411,
413, 415) is added here, so a view names only what is its own. A test compares the document with
`app.url_map`, and another sends what it promises and what it forbids.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask, Response
from pydantic import BaseModel
from werkzeug.routing import Rule

from pwa import doors, problems
from pwa.config import Settings
from pwa.doors import open_to_all
from pwa.problems import Problem

View = TypeVar("View", bound=Callable[..., Any])
Schema = dict[str, Any]
PREFIX = "/api/v1/"
ADDRESS = f"{PREFIX}openapi.json"
TEXT: Schema = {"type": "string"}
BOOLEAN: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
INSTANT: Schema = {"type": "string", "format": "date-time"}
ALWAYS: tuple[type[Problem], ...] = (problems.BadRequest, problems.Unexpected, problems.Busy)
OF_A_CHANGE = (
    problems.ForeignOrigin,
    problems.LengthRequired,
    problems.BatchTooLarge,
    problems.WrongMediaType,
    problems.StorageFull,
)
OF_A_CLOSED_DOOR = (problems.SignInRequired, problems.NotFound)


@dataclass(frozen=True)
class Description:
    """What a view says about itself."""

    summary: str
    body: type[BaseModel] | Schema | None
    query: Mapping[str, Schema]
    reply: type[BaseModel] | Schema | None
    status: int
    refusals: tuple[type[Problem], ...]


def described(
    summary: str,
    *,
    body: type[BaseModel] | Schema | None = None,
    query: Mapping[str, Schema] | None = None,
    reply: type[BaseModel] | Schema | None = None,
    status: int = 200,
    refusals: Iterable[type[Problem]] = (),
) -> Callable[[View], View]:
    """Describe a view of the API.

    Args:
        summary: one sentence.
        body: what it reads, as a model or a JSON Schema; None where it reads none.
        query: the parameters of its query, each with a schema; all may be left out.
        reply: what it answers; None with a status such as 204.
        refusals: the problems of its own, beside those of its door and its body.
    """

    def mark(view: View) -> View:
        view.api_description = Description(  # type: ignore[attr-defined]
            summary, body, query or {}, reply, status, tuple(refusals)
        )
        return view

    return mark


def shape(
    optional: Mapping[str, Schema] | None = None, *, is_closed: bool = True, **required: Schema
) -> Schema:
    """The schema of an object. Unless it is open, other keys are refused (or never sent)."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": not is_closed,
    }


def texts(*names: str) -> Schema:
    """A body of texts, as `accounts` reads most of them."""
    return {**shape(), "properties": dict.fromkeys(names, TEXT), "required": list(names)}


def listed(item: Schema) -> Schema:
    """A list of these."""
    return {"type": "array", "items": item}


def nullable(schema: Schema) -> Schema:
    """This, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def install(app: Flask, settings: Settings) -> None:
    """Serve the description. Call it when every room has registered its routes."""

    @app.get(ADDRESS, endpoint="api_description")
    @open_to_all
    @described("This description", reply={"type": "object"})
    def show_description() -> Response:
        """What this API is, for programs."""
        return Response(json.dumps(document(app, settings)), mimetype="application/json")


def description_of(app: Flask, endpoint: str) -> Description | None:
    """What this endpoint says about itself, if anything."""
    return getattr(app.view_functions[endpoint], "api_description", None)


def api_rules(app: Flask) -> list[Rule]:
    """Every address of the API."""
    rules = (rule for rule in app.url_map.iter_rules() if rule.rule.startswith(PREFIX))
    return sorted(rules, key=lambda rule: (rule.rule, sorted(rule.methods or ())))


def document(app: Flask, settings: Settings) -> dict[str, Any]:
    """The OpenAPI document of this installation. Raises LookupError for an undescribed view."""
    book = _Book()
    paths: dict[str, dict[str, Any]] = {}
    for rule in api_rules(app):
        told = description_of(app, rule.endpoint)
        if told is None:
            raise LookupError(f"{rule.rule} ({rule.endpoint}) does not describe itself")
        path = re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            roles = doors.decision_for(app, rule.endpoint)
            paths.setdefault(path, {})[method.lower()] = _operation(
                book, rule, method, told, roles=roles
            )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Prolo Aftercare",
            "version": "1",
            "description": "What a phone of this clinic asks: protocol check-in-sync/1.",
        },
        "paths": paths,
        "components": {
            "schemas": {**book.schemas, "Problem": _problem_schema()},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": settings.cookie_name}
            },
        },
    }


@dataclass
class _Book:
    """The named schemas that the paths refer to."""

    schemas: dict[str, Schema] = field(default_factory=dict)

    def schema(self, of: type[BaseModel] | Schema) -> Schema:
        if isinstance(of, dict):
            return of
        made = of.model_json_schema(ref_template="#/components/schemas/{model}")
        self.schemas.update(made.pop("$defs", {}))
        self.schemas[of.__name__.lstrip("_")] = made
        return {"$ref": f"#/components/schemas/{of.__name__.lstrip('_')}"}


def _operation(
    book: _Book, rule: Rule, method: str, told: Description, *, roles: frozenset[str] | str | None
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{rule.endpoint}.{method.lower()}",
        "summary": told.summary,
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "schema": {**TEXT, "minLength": 1}}
                for name in sorted(rule.arguments)
            ),
            *(
                {"name": name, "in": "query", "required": False, "schema": schema}
                for name, schema in told.query.items()
            ),
        ],
        "responses": _responses(book, rule, method, told, roles=roles),
    }
    if roles is not None:
        operation["security"] = [{"session": []}]
        operation["description"] = "For " + ", ".join(sorted(roles)) + "."
    if told.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": book.schema(told.body)}},
        }
    return operation


def _responses(
    book: _Book, rule: Rule, method: str, told: Description, *, roles: frozenset[str] | str | None
) -> dict[str, Any]:
    answers: dict[str, Any] = {
        str(told.status): {"description": HTTPStatus(told.status).phrase, "headers": _headers()}
    }
    if told.reply is not None:
        answers[str(told.status)]["content"] = {
            "application/json": {"schema": book.schema(told.reply)}
        }
    refusals = {
        *ALWAYS,
        *told.refusals,
        *(OF_A_CLOSED_DOOR if roles is not None else ()),
        *(OF_A_CHANGE if method not in doors.SAFE_METHODS else ()),
        *((problems.NotFound,) if rule.arguments else ()),
    }
    for status in sorted({refusal.status for refusal in refusals}):
        kinds = sorted(refusal.kind for refusal in refusals if refusal.status == status)
        answers[str(status)] = _refused(status, kinds)
    return answers


def _refused(status: int, kinds: list[str]) -> dict[str, Any]:
    schema = {
        "allOf": [
            {"$ref": "#/components/schemas/Problem"},
            {"properties": {"kind": {"enum": kinds}, "status": {"const": status}}},
        ]
    }
    return {
        "description": ", ".join(kinds),
        "headers": _headers(),
        "content": {"application/problem+json": {"schema": schema}},
    }


def _headers() -> dict[str, Any]:
    return {
        "X-Sync-Protocol": {"required": True, "schema": {"type": "string", "enum": ["1"]}},
        "Cache-Control": {"required": True, "schema": {"type": "string"}},
    }


def _problem_schema() -> Schema:
    """RFC 9457, with the members that `problems.py` adds."""
    return shape(
        {"field": TEXT, "retry_after_s": COUNT},
        type={"const": "about:blank"},
        title=TEXT,
        status={"type": "integer", "minimum": 400, "maximum": 599},
        kind=TEXT,
        detail=TEXT,
    )
