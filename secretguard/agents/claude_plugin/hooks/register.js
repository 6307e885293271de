// The mod: what each event of the client asks the guard, and what becomes of it. No rule of what is a secret is here.
//
// Every handler has a `.catch` that refuses: a handler that fails is skipped by the client otherwise.
import { ask, look, start } from "./guard.js";

const FAILED = "secretguard could not look at this, so it did not go ahead. In a terminal: secretguard doctor";

let walled = ""; // the session that the hooks know to be walled

/** Let the hooks know, once a session, that what they cannot change is changed here. */
async function known($) {
  const [session] = await look($);
  if (session === walled) return;
  walled = session;
  await $.env.set("SECRETGUARD_WALL", session);
}

function tell($, said) {
  if (said.systemMessage) $.ui.toast(said.systemMessage);
}

/** The guard's replacement for `response`, what `tool` gave; undefined where there is nothing to replace. */
async function replaced($, tool, input, response, id) {
  const fields = { tool_name: tool, tool_input: input, tool_response: response };
  const said = await ask($, "PostToolUse", id ? { ...fields, tool_use_id: id } : fields);
  tell($, said);
  if (said.deny !== undefined) throw new Error(said.deny);
  return said.hookSpecificOutput?.updatedToolOutput;
}

/** An Edit that names a placeholder, as the guard has it made without; the client looks for its text before it asks a
 * settings hook. Any other call as it is. */
async function trimmed($, e) {
  const { tool, tool_use_id, agentId, requestMeta, ...input } = e;
  if (tool !== "Edit" || !String(input.old_string).includes("[[secret:")) return { call: e };
  const said = await ask($, "PreToolUse", { tool_name: tool, tool_input: input, tool_use_id });
  const answer = said.hookSpecificOutput ?? {};
  if (said.deny !== undefined) return { deny: said.deny };
  if (answer.permissionDecision === "deny") return { deny: answer.permissionDecisionReason };
  return { call: { ...e, ...answer.updatedInput } };
}

export const register = (on) => {
  on("session.start", async ($, e, next) => {
    const started = await next(e);
    void start($);
    return started;
  });

  // A tool's result; a settings hook cannot change the text of a failure.
  on("tool.call", async ($, e, next) => {
    const { call, deny } = await trimmed($, e);
    if (deny !== undefined) return { deny };
    const answer = await next(call);
    void look($); // the tool may have moved the session to another folder
    if (answer.deny !== undefined) return answer;
    const { tool, tool_use_id, agentId, requestMeta, ...input } = call;
    const given = answer.isError ? (answer.text ?? "") : answer.result;
    if (given === undefined || given === "") return answer;
    const shown = await replaced($, tool, input, given, tool_use_id);
    if (shown === undefined) return answer;
    if (answer.isError) return { deny: typeof shown === "string" ? shown : FAILED };
    return answer.context ? { result: shown, context: answer.context } : { result: shown };
  }).catch(() => ({ deny: FAILED }));

  // A file that a prompt names after an `@`, which the client reads past every tool hook.
  on("prompt.mention", async ($, e, next) => {
    await look($);
    const part = { ...(e.offset && { offset: e.offset }), ...(e.limit && { limit: e.limit }) };
    const said = await ask($, "PreToolUse", { tool_name: "Read", tool_input: { file_path: e.path, ...part } });
    const decision = said.hookSpecificOutput?.permissionDecision;
    if (said.deny !== undefined) return { deny: said.deny };
    if (decision === "deny" || decision === "ask") return { deny: said.hookSpecificOutput.permissionDecisionReason };
    return next(e);
  }).catch(($, e, next) => (next.called ? next(e) : { deny: FAILED }));

  on("prompt.attachment", { type: "file" }, async ($, e, next) => {
    const answer = await next(e);
    if (!answer.text) return answer;
    const text = await replaced($, "prompt.attachment", {}, answer.text);
    if (text !== undefined && typeof text !== "string") throw new Error(FAILED);
    return text === undefined ? answer : { text };
  }).catch(() => ({ text: null }));

  // Instructions (CLAUDE.md and what it includes) and the other blocks of the first message.
  on("prompt.context", async ($, e, next) => {
    const answer = await next(e);
    const texts = answer.blocks.map((block) => block.text);
    const shown = await replaced($, "prompt.context", {}, texts);
    if (shown === undefined) return answer;
    if (!Array.isArray(shown) || shown.length !== texts.length) throw new Error(FAILED);
    return { ...answer, blocks: answer.blocks.map((block, at) => ({ ...block, text: shown[at] })) };
  }).catch(() => ({ blocks: [] }));

  // The last wall: every request to the model, token counting and side requests included.
  on("http.fetch", async ($, e, next) => {
    const body = e.init?.body;
    if (next.origin.plugin !== "engine" || body === undefined || body === "") return next(e);
    if (typeof body !== "string") return { deny: FAILED };
    const [said] = await Promise.all([ask($, "ModelRequest", { body }), known($)]);
    tell($, said);
    if (said.deny !== undefined) return { deny: said.deny };
    const sent = said.body === undefined ? e : { ...e, init: { ...e.init, body: said.body } };
    try {
      return await next(sent);
    } catch {
      // Not reached, or cut off: what the client tries again, and not the refusal that `.catch` would make of it.
      return { value: { status: 503, ok: false, headers: {}, text: "" } };
    }
  }).catch(() => ({ deny: FAILED }));
};
