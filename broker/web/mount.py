"""Puts the reviewer's pages into the API's application, where a browser can reach it."""

from __future__ import annotations

from fastapi import FastAPI

from broker.api.caller import Callers
from broker.service import Broker
from broker.web import entries, journals, login, pages, static_files
from broker.web.activity import Activity


def mount(app: FastAPI, broker: Broker, callers: Callers, activity: Activity | None) -> None:
    """Add `/activity` and the call that gives links to it. Without `activity` there is only that call, which says what
    to do."""
    app.include_router(login.links(callers, activity))
    if activity is None:
        return
    app.include_router(static_files.router(activity))
    app.include_router(login.router(broker, activity))
    for room in (entries, journals, pages):
        app.include_router(room.router(activity))
    app.include_router(pages.nowhere(activity))
