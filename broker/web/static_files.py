"""The pages' own files, read once: the style, the icon, htmx and what little script there is beside it."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Response

from broker.errors import NotFound
from broker.web.activity import Activity
from broker.web.guarded import guarded

FILES = {
    "htmx.min.js": "text/javascript",
    "activity.js": "text/javascript",
    "style.css": "text/css",
    "icon.svg": "image/svg+xml",
}
"""Every file that is served, with its media type; nothing else under `static/` is."""


def router(activity: Activity) -> APIRouter:
    """The files, for anybody: the login page needs them, and they tell nothing."""
    api = APIRouter(prefix="/activity/static", include_in_schema=False, route_class=guarded(activity, signed_in=False))
    folder = Path(__file__).parent / "static"
    contents = {name: (folder / name).read_bytes() for name in FILES}

    @api.get("/{name}")
    def file(name: str) -> Response:
        if name not in contents:
            raise NotFound("no such file")
        return Response(contents[name], media_type=FILES[name])

    return api
