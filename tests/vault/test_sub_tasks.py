"""The parents of sub-tasks on a real Vault: below that of the task above, no wider, dead when it is."""

from __future__ import annotations

import pytest

from broker.errors import SourceFailed
from broker.issue import vault_accessors
from tests.servers.provision import Provisioned
from tests.vault.tasks import name, request, sources
from tests.vault.test_tokens import reads

pytestmark = pytest.mark.vault


def test_closing_a_parent_kills_what_its_sub_tasks_have(ready_vault: Provisioned) -> None:
    """Three generations: the middle one's end leaves the first one's lease, the first one's end leaves nothing."""
    made, grant = sources(ready_vault), ready_vault.token_grant
    tasks = [name("task") for _ in range(3)]
    top, top_accessor = made.parents.open_parent(tasks[0], (grant,), 300)
    middle, middle_accessor = made.parents.open_parent(tasks[1], (grant,), 200, top)
    low, low_accessor = made.parents.open_parent(tasks[2], (grant,), 100, middle)
    parents = (top, middle, low)
    minted = [made.tokens.mint(request(*one)) for one in zip(tasks, (grant,) * 3, parents, strict=True)]
    tokens = [one.fields["token"] for one in minted]
    assert [reads(ready_vault, token) for token in tokens] == [200, 200, 200]
    told = ready_vault.server.do("POST", "auth/token/lookup-accessor", {"accessor": middle_accessor})["data"]
    assert (told["orphan"], told["explicit_max_ttl"], told["meta"]["task"]) == (False, 200, tasks[1])
    made.parents.close_parent(middle_accessor)
    assert [reads(ready_vault, token) for token in tokens] == [200, 403, 403]
    for accessor in (low_accessor, middle_accessor):
        assert vault_accessors.look_up(ready_vault.vaults.revoker, accessor) is None
        made.parents.close_parent(accessor)  # again: already gone
    made.parents.close_parent(top_accessor)
    assert [reads(ready_vault, token) for token in tokens] == [403, 403, 403]


def test_a_sub_tasks_parent_cannot_be_wider(ready_vault: Provisioned) -> None:
    """Vault itself refuses a policy that the parent above has not."""
    made, task = sources(ready_vault), name("task")
    top, _ = made.parents.open_parent(task, (ready_vault.token_grant,), 300)
    with pytest.raises(SourceFailed):
        made.parents.open_parent(name("task"), (ready_vault.database_grant,), 100, top)


def test_a_sub_tasks_parent_whose_answer_was_lost_is_found(ready_vault: Provisioned) -> None:
    """By its metadata, as any other; the task above keeps its own."""
    made, task, child = sources(ready_vault), name("task"), name("task")
    top, top_accessor = made.parents.open_parent(task, (ready_vault.token_grant,), 300)
    _, accessor = made.parents.open_parent(child, (ready_vault.token_grant,), 100, top)
    assert made.parents.recover_parents([child]) == {child: 1}
    assert vault_accessors.look_up(ready_vault.vaults.revoker, accessor) is None
    assert vault_accessors.look_up(ready_vault.vaults.revoker, top_accessor) is not None
