"""The closed vocabulary of the audit record: every event of guard and broker, its durability class, what it says.

An event is `area:thing:action`. An event that is not in this table cannot be recorded. Hot path: imports nothing.

Durability classes, and what happens when the record cannot be written:
`observe` (page cache; the gap is counted), `decision` (fdatasync; the answer becomes ask or deny),
`release` (fdatasync before anything is released; the answer becomes deny).
"""

OBSERVE, DECISION, RELEASE = "observe", "decision", "release"

EVENTS = {
    # the journal itself
    "journal:file:started": (DECISION, "A new journal: format version, host, uid."),
    "journal:tail:torn": (DECISION, "A torn last line was found; its length and digest; it stays in place."),
    "journal:head:mismatch": (DECISION, "Journal and head file disagree: records were cut off or replaced, or lost."),
    "journal:record:missing": (DECISION, "Records that could not be written before now, counted."),
    "journal:segment:started": (DECISION, "The journal goes on in a new file; the file before it, its last record."),
    "journal:segment:pruned": (RELEASE, "Old files of the journal are being removed; which records, their hashes."),
    "journal:record:erased": (RELEASE, "The fields of some records are being erased; which records, why."),
    "journal:key:rotated": (RELEASE, "Digests in records are made with a new key from here on; its id."),
    "journal:head:received": (DECISION, "The broker was told how far a journal elsewhere has come: its last record."),
    "journal:head:conflict": (
        DECISION,
        "What the broker was told of a journal elsewhere contradicts what it was told.",
    ),
    # guard
    "guard:read:allowed": (OBSERVE, "A read went ahead, or its text reached the model unchanged; `phase` tells which."),
    "guard:read:redacted": (DECISION, "Secrets in a text were replaced by placeholders before the model saw it."),
    "guard:read:asked": (DECISION, "A read was put before the person at the client."),
    "guard:read:denied": (DECISION, "A read was refused before it happened."),
    "guard:read:withheld": (DECISION, "A result was withheld whole because it could not be scanned."),
    "guard:read:exposed": (RELEASE, "A secret reached, or may have reached, the model; outcome says which."),
    "guard:write:allowed": (OBSERVE, "A write went ahead."),
    "guard:write:asked": (DECISION, "A write was put before the person at the client."),
    "guard:write:denied": (DECISION, "A write of a literal secret or placeholder was refused."),
    "guard:write:restored": (
        RELEASE,
        "Values were put back in the place of placeholders that a write left in the file that they came from.",
    ),
    "guard:write:unrestored": (
        DECISION,
        "A write left placeholders in a file and their values are not back yet; why, and that they are kept.",
    ),
    "guard:command:allowed": (OBSERVE, "A command went ahead."),
    "guard:command:asked": (DECISION, "A command was put before the person at the client."),
    "guard:command:denied": (DECISION, "A command was refused."),
    "guard:prompt:allowed": (OBSERVE, "A prompt went ahead."),
    "guard:prompt:denied": (DECISION, "A prompt that held a secret was refused."),
    "guard:request:allowed": (OBSERVE, "A request to the model's API held no secret and went out as it was."),
    "guard:request:redacted": (DECISION, "Secrets in a request to the model's API were replaced before it went out."),
    "guard:request:denied": (DECISION, "A request to the model's API was refused: it held what could not be replaced."),
    "guard:turn:ended": (OBSERVE, "The agent ended its turn; the look at the files that has the same `look` follows."),
    "guard:file:changed": (OBSERVE, "A file was created, modified, deleted or renamed between two looks at a project."),
    "guard:files:compared": (DECISION, "A look at a project's files: how many there are and changed, since when."),
    "guard:files:unlisted": (DECISION, "Changes of files that are not listed or were not seen: how many, and why."),
    "guard:head:moved": (OBSERVE, "HEAD of a project's repository moved: the old and new commit, the files between."),
    "guard:settings:denied": (DECISION, "A change to the client's settings that would disable the guard was refused."),
    "guard:event:unreadable": (DECISION, "An event of the client could not be read; the answer failed closed."),
    "guard:client:installed": (DECISION, "Hooks were written to a client's settings."),
    "guard:client:removed": (DECISION, "Hooks were removed from a client's settings."),
    "guard:value:accepted": (
        RELEASE,
        "A person accepted values as no secrets: who, why, until when, and where it counts.",
    ),
    "guard:value:withdrawn": (DECISION, "A person took such an acceptance back; who."),
    "guard:pause:started": (RELEASE, "A person paused the guard: who, why, and until when."),
    "guard:pause:ended": (DECISION, "A pause of the guard is over: its time has come, or a person ended it."),
    "guard:known:indexed": (
        OBSERVE,
        "The values that must never leave were indexed: files, values, what was left out.",
    ),
    "guard:known:damaged": (DECISION, "The index of known values was missing or damaged; it was built again."),
    "guard:known:changed": (DECISION, "A person had values of a store made known, or forgot them: which, how many."),
    # policy and production gate
    "policy:set:compiled": (DECISION, "A policy set was compiled; its digest."),
    "policy:set:changed": (
        DECISION,
        "Another policy is in force for a project: its layers, the digests before and after, which way it went.",
    ),
    "policy:set:broken": (
        DECISION,
        "A layer of the policy cannot be used: where and why. What it last said stands; nothing is released.",
    ),
    "gate:push:accepted": (RELEASE, "A push was accepted; the reviews that carried it."),
    "gate:push:refused": (DECISION, "A push was refused; the production paths without a review."),
    "gate:review:recorded": (RELEASE, "A person recorded a review of exactly one tree."),
    # broker
    "broker:server:started": (DECISION, "The broker began to serve; mode, store, policy digest."),
    "broker:task:created": (RELEASE, "A launcher created a task from a task policy."),
    "broker:task:refused": (DECISION, "A task was refused."),
    "broker:task:activated": (RELEASE, "The one-time bootstrap was used; the session is bound to a key."),
    "broker:task:ended": (RELEASE, "A task ended; its receipt follows lease by lease."),
    "broker:task:killed": (RELEASE, "A task was killed; by whom and why."),
    "broker:bootstrap:refused": (DECISION, "A wrong, late or used bootstrap value was presented."),
    "broker:bootstrap:stolen": (RELEASE, "The right bootstrap came with another key: the task is killed."),
    "broker:lease:intended": (RELEASE, "A credential is about to be minted; written before it is."),
    "broker:lease:minted": (RELEASE, "The source answered; the accessor is known."),
    "broker:lease:issued": (RELEASE, "A credential is being released to the task."),
    "broker:lease:refused": (DECISION, "A credential was refused; the deciding rule."),
    "broker:lease:failed": (DECISION, "The source refused to mint; nothing was issued."),
    "broker:lease:uncertain": (RELEASE, "The source's reply was lost: maybe issued, to be recovered."),
    "broker:lease:revoked": (RELEASE, "A credential was taken back: confirmed, queued, or expires at a time."),
    "broker:lease:queued": (DECISION, "A credential could not be taken back yet; it is tried again."),
    "broker:exposure:reported": (RELEASE, "A released credential was seen where it must not be; by whom, and where."),
    "broker:exposure:unknown": (DECISION, "A value was reported as exposed that is no credential of the reporter's."),
    "broker:stray:revoked": (
        RELEASE,
        "A credential of this broker's that its store does not know was found at its source and is being revoked.",
    ),
    "broker:store:restored": (
        RELEASE,
        "The store was put back from a backup: tasks killed, approvals closed, strays found.",
    ),
    "broker:parent:intended": (RELEASE, "A task's parent credential is about to be made; written before it is."),
    "broker:parent:opened": (RELEASE, "A task's parent credential exists; its accessor is known."),
    "broker:parent:failed": (DECISION, "No parent credential was made, or one whose answer was lost was revoked."),
    "broker:parent:closed": (RELEASE, "A task's parent credential and all below it were revoked."),
    "broker:activity:opened": (DECISION, "Somebody opened the reviewer's pages; who."),
    "broker:kill:ordered": (RELEASE, "Somebody ordered the end of every task in a scope; the scope and the reason."),
    "broker:kill:merged": (
        RELEASE,
        "What was killed by Vault alone while the store was away; by whom, when, and what was left.",
    ),
    "broker:approval:requested": (DECISION, "A grant waits for a person."),
    "broker:approval:granted": (RELEASE, "A person approved exactly one request."),
    "broker:approval:denied": (DECISION, "A person refused a request."),
    "broker:approval:consumed": (RELEASE, "An approval was used, once."),
    "broker:approval:expired": (DECISION, "Nobody decided in time."),
    "broker:policy:proposed": (DECISION, "Somebody proposed another policy: digests, which way it goes, and why."),
    "broker:policy:approved": (RELEASE, "An owner agreed to exactly one proposed policy."),
    "broker:policy:denied": (DECISION, "A proposed policy was refused or taken back."),
    "broker:policy:activated": (RELEASE, "Another policy is in force from here on: from, to, by whom and which way."),
    "broker:policy:expired": (DECISION, "A proposed policy can no longer be agreed to: too late, or overtaken."),
    "broker:policy:refused": (DECISION, "A proposal, or a word on one, was refused; the deciding rule."),
    "broker:policy:ignored": (DECISION, "The policy directory differs from the policy in force, and was not taken."),
    "broker:policy:recovered": (RELEASE, "Whoever holds the store put a policy in force, past its owners."),
    "broker:static:set": (RELEASE, "A long-lived value was put into the store, sealed; its name, never the value."),
    "broker:static:rotated": (RELEASE, "Another value took a kept one's place; which version it is."),
    "broker:static:removed": (RELEASE, "A kept value was deleted; its name, and by whom."),
    "broker:refusals:counted": (DECISION, "Refusals of one caller beyond those recorded one by one, counted."),
    "broker:log:pruned": (RELEASE, "Records below a number are no longer kept; their hashes are. By whom."),
    "broker:log:erased": (
        RELEASE,
        "Personal texts were erased from the records named; their hashes stay. By whom, why.",
    ),
    "broker:log:contradicted": (DECISION, "A witness knows another history of this log, or more of it, than is here."),
    # sandbox
    "sandbox:command:started": (DECISION, "A command was started in a sandbox; the tier and what it may see."),
    "sandbox:command:ended": (DECISION, "A sandboxed command ended; exit status or signal, and why."),
    "sandbox:event:reported": (
        DECISION,
        "What a guard inside a sandbox recorded, as that sandbox claims it; unproven.",
    ),
    "sandbox:event:capped": (DECISION, "A sandbox reported more than is kept of one task; the rest is not recorded."),
}


def durability(event: str) -> str:
    """The durability class of `event`. Raises KeyError for an event that the vocabulary does not have."""
    return EVENTS[event][0]
