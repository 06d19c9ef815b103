// Fake answers of the file route that follow the contract, for states that a real server reaches slowly.

const FILE = "**/api/recordings/file/**";

/** A 202 of a run that was just queued; `fields` replace its own, `headers` are added. */
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

/** A problem body of the server (RFC 9457). */
export function problem(status, error) {
  const body = { type: "about:blank", title: error, status, detail: error, error, call_sid: "CA-state" };
  return {
    status,
    headers: { "cache-control": "no-store" },
    contentType: "application/problem+json",
    body: JSON.stringify(body),
  };
}

/** A recording that no browser plays. The server converts what it can, so no real recording brings this about. */
export const UNPLAYABLE = { status: 200, contentType: "audio/amr", body: "#!AMR\n" + "<".repeat(3200) };

/** A proxy's answer while the server is down. */
export const BAD_GATEWAY = { status: 502, contentType: "text/html", body: "<h1>502 Bad Gateway</h1>" };

/** Holds a request: no answer. */
export const HELD = Symbol("held");

/** Closes the connection. */
export const CUT = Symbol("cut");

/** Answers the page's requests to the file route. `answer` gets the request and its index. */
export async function answerWith(page, answer) {
  let before = 0;
  await page.route(FILE, async (route) => {
    const what = await answer(route.request(), before++);
    if (what === CUT) return route.abort("connectionrefused");
    if (what !== HELD) return route.fulfill(what);
  });
}
