"""A strict reader of JSON bodies: what it lets through means the same in every language.

Refused, each with the field's name where there is one: other encodings, duplicate keys,
bodies that end early, NaN and infinities, lone surrogates, NUL, deep nesting, and oversize.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask import Request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from pwa.problems import BadRequest, BatchTooLarge, LengthRequired, WrongMediaType

MAX_DEPTH = 12
MAX_DIGITS = 16


def read_json(request: Request, *, max_bytes: int) -> dict[str, Any]:
    """Read the body of `request` as one JSON object of at most `max_bytes`.

    Raises:
        WrongMediaType: not application/json in UTF-8.
        LengthRequired: its length is not told.
        BatchTooLarge: longer than allowed, whatever Content-Length says.
        BadRequest: not strict JSON; `field` names the place.
    """
    if request.mimetype != "application/json":
        raise WrongMediaType
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise WrongMediaType
    if request.content_length is None:
        raise LengthRequired
    request.max_content_length = max_bytes
    try:
        body = request.get_data()  # kept: a request may be done again (`database.SteadyFlask`)
    except RequestEntityTooLarge:
        raise BatchTooLarge(f"at most {max_bytes} bytes") from None
    except ClientDisconnected:
        raise BadRequest("the body ended early") from None
    if len(body) < request.content_length:
        raise BadRequest("the body ended early")
    if len(body) > max_bytes:
        raise BatchTooLarge(f"at most {max_bytes} bytes")
    return parse_object(body)


def read_texts(request: Request, *names: str, max_bytes: int) -> dict[str, str]:
    """Read a body of exactly these texts, as `read_json` does. BadRequest names the field."""
    body = read_json(request, max_bytes=max_bytes)
    for name in body:
        if name not in names:
            raise BadRequest("this field is not known here", field=name[:80])
    for name in names:
        if not isinstance(body.get(name), str):
            raise BadRequest("this field must be a text", field=name)
    return body


def parse_object(body: bytes) -> dict[str, Any]:
    """Parse strict JSON text that must be an object. Raises BadRequest."""
    try:
        text = body.decode("utf-8", errors="strict")
    except UnicodeDecodeError:
        raise BadRequest("the body is not UTF-8") from None
    if text.startswith("\ufeff"):
        raise BadRequest("the body starts with a byte order mark")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_no_duplicates,
            parse_constant=_no_constant,
            parse_int=_bounded_integer,
            parse_float=_finite,
        )
    except RecursionError:
        raise BadRequest("the body is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise BadRequest(f"the body is not JSON: {error.msg} at {error.pos}") from None
    if not isinstance(value, dict):
        raise BadRequest("the body must be a JSON object")
    _walk(value, path="", depth=0)
    return value


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise BadRequest("a key stands twice", field=_printable(key))
        result[key] = value
    return result


def _no_constant(name: str) -> NoReturn:
    raise BadRequest(f"{name} is not JSON")


def _bounded_integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise BadRequest("a number has too many digits")
    return int(digits)


def _finite(text: str) -> float:
    value = float(text) if len(text) <= 32 else float("inf")
    if value in (float("inf"), float("-inf")):
        raise BadRequest("a number is out of range")
    return value


def _walk(value: Any, *, path: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise BadRequest("the body is nested too deeply", field=path)
    if isinstance(value, str):
        _check_text(value, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key, path or "key")
            _walk(item, path=f"{path}.{key}".lstrip("."), depth=depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _walk(item, path=f"{path}[{index}]", depth=depth + 1)


def _check_text(text: str, path: str) -> None:
    if "\x00" in text:
        raise BadRequest("a text holds a NUL character", field=_printable(path))
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise BadRequest("a text holds half a character", field=_printable(path))


def _printable(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()[:80]
