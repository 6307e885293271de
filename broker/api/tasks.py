"""`/v1/tasks`: start, activate, credentials, state, end, kill, events of one task."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from broker import pipeline, reported
from broker.api import direct, models
from broker.api.caller import Callers
from broker.approve.tickets import Waiting
from broker.authenticate.dpop import jwk_thumbprint, same_key
from broker.errors import Unauthenticated
from broker.revoke import end_task
from broker.service import Broker
from broker.store.family import below
from broker.store.rows import task_leases
from broker.task import Task, TaskState
from broker.workplace import stated
from secretguard.secret import Secret


def router(broker: Broker, callers: Callers) -> APIRouter:
    """The routes, over one broker."""
    api = APIRouter(prefix="/v1/tasks")
    _begin(api, broker, callers)
    _credentials(api, broker, callers)
    _finish(api, broker, callers)
    return api


def _begin(api: APIRouter, broker: Broker, callers: Callers) -> None:

    @api.post("", status_code=201)
    def start(body: models.StartTask, request: Request) -> models.StartedTask:
        caller = callers.identity(request)
        said = stated(body.repository, body.branch)
        return _started(pipeline.start_task(broker, caller, body.policy, body.purpose, body.narrow, said))

    @api.post("/{task_id}/children", status_code=201)
    def child(task_id: str, body: models.StartChild, request: Request) -> models.StartedTask:
        """By the session of the task above, or by its launcher."""
        above, _ = callers.starter(request, task_id)
        return _started(pipeline.start_child(broker, above, body.purpose, body.narrow))

    @api.post("/{task_id}/activate")
    def activate(task_id: str, body: models.Activate, request: Request) -> models.Session:
        thumbprint = jwk_thumbprint(dict(body.jwk))
        if not same_key(callers.proof(request, None), thumbprint):
            raise Unauthenticated("the proof is not by the key in the body", rule="proof")
        task, session = pipeline.activate(broker, task_id, Secret(body.bootstrap), thumbprint, body.heartbeat)
        grants = [grant.name for grant in task.grants]
        return models.Session(task_id=task.id, session=session.reveal(), expires_at=task.expires_at, grants=grants)


def _started(started: pipeline.Started) -> models.StartedTask:
    return models.StartedTask(
        task_id=started.task.id,
        bootstrap=started.bootstrap.reveal(),
        bootstrap_expires_at=started.bootstrap_expires_at,
        expires_at=started.task.expires_at,
        grants=[grant.name for grant in started.task.grants],
    )


def _credentials(api: APIRouter, broker: Broker, callers: Callers) -> None:
    def credentials(task_id: str, body: models.AskCredential, request: Request) -> Response:
        asked = body.grant, body.narrow, body.idempotency_key, body.delivery
        with callers.session_to_record(request, task_id) as (task, proved):
            answer = pipeline.credentials(broker, task, *asked, proved)
        if isinstance(answer, Waiting):
            return direct.answer(models.waiting(answer), 202)
        issued = models.Credential(
            grant=answer.lease.grant,
            lease_id=answer.lease.id,
            expires_at=answer.minted.expires_at,
            credential={name: value.reveal() for name, value in answer.minted.fields.items()},
            delivery=body.delivery,
            again=answer.again,
        )
        return direct.answer(issued, 201)

    api.add_api_route(
        "/{task_id}/credentials",
        credentials,
        methods=["POST"],
        status_code=201,
        response_model=models.Credential,
        responses={202: {"model": models.WaitingAnswer}},
        route_class_override=direct.Direct,
    )


def _finish(api: APIRouter, broker: Broker, callers: Callers) -> None:
    @api.get("/{task_id}")
    def show(task_id: str, request: Request) -> dict[str, object]:
        return describe(broker, callers.owner(request, task_id)[0])

    @api.post("/{task_id}/end")
    def end(task_id: str, request: Request) -> models.ReceiptAnswer:
        task, by = callers.owner(request, task_id)
        return models.receipt(end_task(broker, task.id, TaskState.ENDED, by, "asked for"))

    @api.post("/{task_id}/kill")
    def kill(task_id: str, body: models.Kill, request: Request) -> models.ReceiptAnswer:
        task, by = callers.owner(request, task_id, with_session=False)
        return models.receipt(end_task(broker, task.id, TaskState.KILLED, by, body.reason))

    @api.post("/{task_id}/events", status_code=201)
    def event(task_id: str, body: models.ReportEvent, request: Request) -> dict[str, str]:
        task, by = callers.owner(request, task_id)
        reported.step(broker.database, broker.clock, task.id, by, body.event, body.fields)
        return {"recorded": body.event}

    @api.post("/{task_id}/events/inside", status_code=201)
    def inside(task_id: str, body: models.ReportRecords, request: Request) -> dict[str, int]:
        """Records of the guard in the sandbox, for the task's own session alone; claimed, never trusted."""
        task = callers.session(request, task_id)
        return {"recorded": reported.take(broker.database, broker.clock, task.id, body.records)}


def _family(task: Task, children: tuple[str, ...]) -> dict[str, object]:
    """Where a task works, and its place among sub-tasks, as far as there is anything to say."""
    told: dict[str, object] = {"repository": task.repository, "branch": task.branch}
    told |= {"repository_known": task.repository_known, "parent_task": task.parent_task, "children": list(children)}
    return {name: value for name, value in told.items() if value}


def describe(broker: Broker, task: Task) -> dict[str, object]:
    """State of a task, its grants and leases, without any secret."""
    with broker.database.read() as tx:
        rows = task_leases(tx, task.id)
        children = below(tx, [task.id])[task.id]
    leases = [
        {
            "lease_id": row._mapping["id"],
            "grant": row._mapping["grant_name"],
            "source": row._mapping["source"],
            "state": row._mapping["state"],
            "created_at": row._mapping["created_at"],
            "expires_at": row._mapping["expires_at"],
            "revocation": row._mapping["revocation"],
        }
        for row in rows
    ]
    grants = [
        {
            "name": one.name,
            "source": one.source,
            "scope": dict(one.scope),
            "ttl": one.ttl,
            "data": one.data,
            "delivery": one.delivery,
        }
        for one in task.grants
    ]
    return {
        "task_id": task.id,
        "policy": task.policy,
        "policy_digest": task.policy_digest,
        "environment": task.environment,
        "launcher": task.launcher,
        "on_behalf_of": task.on_behalf_of,
        "purpose": task.purpose,
        "state": task.state.value,
        "created_at": task.created_at,
        "expires_at": task.expires_at,
        "heartbeat": task.heartbeat,
        **({"heard_at": task.heard_at} if task.heartbeat else {}),
        **_family(task, children),
        "grants": grants,
        "leases": leases,
    }
