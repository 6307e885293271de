"""Cypress: record keys."""

from __future__ import annotations

from secretguard.detect import made_up
from secretguard.detect.rule import UUID, Rule, named, near, one_off

_KEY = made_up.uuid("cypress-record-key")

RULES = (
    Rule(
        id="cypress-record-key",
        description="Cypress record key",
        patterns=(near("cypress", UUID),),
        url="https://docs.cypress.io/app/references/environment-variables",
        revoke="Delete the record key in Cypress's settings, and make a new one.",
        examples=named("cypress", _KEY),
        near_misses=one_off("cypress", _KEY),
        judge="beside",
    ),
)
