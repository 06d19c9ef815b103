// Answers of the file route as the contract has them, for states that a real server is slow to reach.

const FILE = "**/api/recordings/file/*";

/** A 202. `fields` replace those of a run that has just been queued; `headers` are added. */
export function preparing(fields = {}, headers = {}) {
  const attempt = fields.attempt ?? 0;
  const again = ` again (attempt ${attempt}/3)`;
  const body = {
    call_sid: "CA-state",
    status: "queued",
    message: `Recording is being prepared${attempt > 0 ? again : ""}`,
    attempt,
    max_attempts: 3,
    retry_after: attempt > 0 ? 5 : 2,
    waited_seconds: 4,
    bytes_done: 0,
    bytes_total: null,
    ahead: 0,
    workers_online: 1,
    ...fields,
  };
  return {
    status: 202,
    headers: { "retry-after": String(body.retry_after), "cache-control": "no-store", ...headers },
    contentType: "application/json",
    body: JSON.stringify(body),
  };
}

/** An error with a body of ours (RFC 9457). */
export function problem(status, error) {
  const body = { type: "about:blank", title: error, status, detail: error, error, call_sid: "CA-state" };
  return {
    status,
    headers: { "cache-control": "no-store" },
    contentType: "application/problem+json",
    body: JSON.stringify(body),
  };
}

/** What a proxy says when the server behind it is away. */
export const BAD_GATEWAY = { status: 502, contentType: "text/html", body: "<h1>502 Bad Gateway</h1>" };

/** Leaves a request without an answer, as a server does that holds it. */
export const HELD = Symbol("held");

/** Cuts the connection. */
export const CUT = Symbol("cut");

/** Answers the page's requests to the file route: `answer` is given the request, and how many came before it. */
export async function answerWith(page, answer) {
  let before = 0;
  await page.route(FILE, async (route) => {
    const what = await answer(route.request(), before++);
    if (what === CUT) return route.abort("connectionrefused");
    if (what !== HELD) return route.fulfill(what);
  });
}
