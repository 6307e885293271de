"""A route without FastAPI's machinery between request and handler: for the one call that is made all day.

FastAPI resolves dependencies, and validates each answer a second time, in threads of its own: half of what a call
costs here besides its work. Declared as any other (`route_class_override=Direct`), so it is in /openapi.json; its body
is validated by the same model and a wrong one gets the same problem document.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any, get_type_hints

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool


class Direct(APIRoute):
    """For handlers `(body, request, **parameters of the path) -> Response`. `body` is a pydantic model; the rest of the
    path's parameters are texts. The handler runs in a thread, as FastAPI's do."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See FastAPI's `APIRoute`."""
        handler = self.endpoint
        model: type[BaseModel] = get_type_hints(handler)["body"]

        async def handle(request: Request) -> Response:
            text = await request.body()
            return await run_in_threadpool(_answer, request, text)

        def _answer(request: Request, text: bytes) -> Response:
            body = _validated(model, text, request.headers.get("content-type", ""))
            answer: Response = handler(body=body, request=request, **request.path_params)
            return answer

        return handle


def answer(value: BaseModel, status: int) -> Response:
    """`value` as the JSON of an answer."""
    return Response(value.model_dump_json(), status, media_type="application/json")


def _validated(model: type[BaseModel], text: bytes, content_type: str) -> BaseModel:
    """The body as `model`. Raises RequestValidationError, whose places begin with `body` as FastAPI's do."""
    kind = content_type.partition(";")[0].strip().lower()
    if not kind.startswith("application/") or not kind.endswith(("/json", "+json")):
        raise RequestValidationError([_wrong("model_attributes_type", "Input should be JSON, and be declared as such")])
    try:
        return model.model_validate(json.loads(text))
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in found]) from None
    except (ValueError, RecursionError):
        raise RequestValidationError([_wrong("json_invalid", "JSON decode error")]) from None


def _wrong(kind: str, message: str) -> dict[str, object]:
    return {"type": kind, "loc": ("body",), "msg": message}
