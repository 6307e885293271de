// Asks the guard about one event: the resident process over its socket; where that does not answer, the same hook as a
// process; where that does not answer either, it throws, and whoever asked refuses.
//
// An event is what a settings hook would get on its standard input, and the answer what the hook would say. Texts go to
// the user's own socket or process and nowhere else.
import { LAUNCHER } from "./place.js";

const SOCKET_MS = 3000;
const PROCESS_MS = 9000;
const START_MS = 12000;
const AGAIN_MS = 100; // between two starts
const AGAIN_FAILED_MS = 10000;

let socket = ""; // of the resident process; "" while there is none that answers
let notBefore = 0; // when it may be started again

function within($, ms, work) {
  return new Promise((resolve, reject) => {
    const timer = $.clock.after(ms, () => reject(new Error("no answer in time")));
    work.then(
      (value) => (timer.cancel(), resolve(value)),
      (error) => (timer.cancel(), reject(error)),
    );
  });
}

/** Start the resident process, or find the one that runs; nobody needs to wait for it. */
export async function start($) {
  if (!LAUNCHER || Date.now() < notBefore) return;
  notBefore = Date.now() + START_MS; // also where the client lets go of the start, and it never comes back
  try {
    const done = await $.process.run([LAUNCHER, "serve"], { timeoutMs: START_MS });
    socket = done.exitCode === 0 ? done.stdout.trim() : "";
  } catch {
    socket = "";
  }
  notBefore = Date.now() + (socket ? AGAIN_MS : AGAIN_FAILED_MS);
}

async function overSocket($, payload, root) {
  const sent = $.http.fetch("http://secretguard/event", {
    method: "POST",
    headers: { "content-type": "application/json", "x-project": encodeURIComponent(root) },
    body: payload,
    socketPath: socket,
  });
  const answer = await within($, SOCKET_MS, sent);
  if (answer.status !== 200) throw new Error("not served");
  return JSON.parse(answer.text);
}

async function asProcess($, payload, root) {
  if (!LAUNCHER) throw new Error("no program to ask: run `secretguard install claude-code --with-mod`");
  const init = { stdin: payload, env: { CLAUDE_PROJECT_DIR: root }, timeoutMs: PROCESS_MS };
  const done = await $.process.run([LAUNCHER, "claude-code"], init);
  if (done.isStdoutTruncated) throw new Error("too long an answer");
  return { status: done.exitCode, stdout: done.stdout, stderr: done.stderr };
}

let here; // a promise of where the session is, as it was last looked up

/** Look up which session this is, and where it is by now. */
export function look($) {
  here = Promise.all([$.session.id(), $.session.cwd(), $.session.root()]);
  return here;
}

/** What the guard says to one event: {} for nothing, `{ deny }` for a refusal. Throws where nobody can say. */
export async function ask($, name, fields) {
  const [session_id, cwd, root] = await (here ?? look($));
  const payload = JSON.stringify({ hook_event_name: name, session_id, cwd, ...fields });
  let said;
  try {
    if (!socket) throw new Error("not started");
    said = await overSocket($, payload, root);
  } catch {
    socket = "";
    void start($);
    said = await asProcess($, payload, root);
  }
  if (said.status === 2) return { deny: said.stderr.trim() || "secretguard refused" };
  if (said.status !== 0) throw new Error("the guard failed");
  return said.stdout.trim() ? JSON.parse(said.stdout) : {};
}
