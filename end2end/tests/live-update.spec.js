// Pages that keep themselves up to date: without a request a row, without taking anything from who reads them, and
// without leaving anything behind.

import { expect, test } from "../support/fixtures.js";
import { Player } from "../support/player.js";
import { wav } from "../support/wav.js";

const EVENTS = "/api/queue/events";

/** What a page has open, and what it fetched, from now on. */
class Requests {
  open = new Set();
  #fetched = [];

  constructor(page) {
    page.on("request", (request) => {
      this.open.add(request);
      this.#fetched.push({ url: request.url(), at: Date.now(), type: request.resourceType() });
    });
    for (const end of ["requestfinished", "requestfailed"]) page.on(end, (request) => this.open.delete(request));
  }

  /** Times of the fetches of an address by the page's scripts. */
  times(url) {
    return this.#fetched.filter((request) => request.url === url && request.type === "fetch").map(({ at }) => at);
  }

  count(part) {
    return this.#fetched.filter(({ url }) => url.includes(part)).length;
  }

  get openEvents() {
    return [...this.open].filter((request) => request.url().includes(EVENTS)).length;
  }
}

/** Makes a page believe that it is hidden or seen. */
const setHidden = (page, hidden) =>
  page.evaluate((is) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => is });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);

test("the list updates every call's state without a request a row, and keeps focus and players", async ({ page, provider, start }) => {
  const server = await start();
  for (const name of ["a", "b", "c"]) {
    await server.put(`CA-${name}`, { recording_url: provider.serve(`/${name}.wav`, wav(30)) });
  }
  const requests = new Requests(page);
  await page.goto(`${server.url}/`);
  const player = new Player(page, "CA-a");
  await player.play();
  await player.expectToPlay();
  const search = page.getByRole("searchbox");
  await search.fill("not sent yet");
  await search.evaluate((input) => input.setSelectionRange(4, 8));

  await server.ask("CA-b");
  await server.ask("CA-c");
  for (const name of ["a", "b", "c"]) {
    await expect(page.locator(`[data-live="CA-${name}.state"]`)).toHaveText("Ready");
    await expect(page.locator(`[data-live="CA-${name}.length"]`)).toContainText("0:30");
  }

  await player.expectToAdvance();
  await expect(search).toBeFocused();
  await expect(search).toHaveValue("not sent yet");
  expect(await search.evaluate((input) => [input.selectionStart, input.selectionEnd])).toEqual([4, 8]);
  expect(requests.count("/api/calls")).toBe(0);
  expect(requests.count(EVENTS)).toBe(1);
  const times = requests.times(`${server.url}/`);
  expect(times.length).toBeGreaterThan(0);
  for (const [at, time] of times.slice(1).entries()) expect(time - times[at], "from one fetch to the next").toBeGreaterThan(1900);
});

test("a call's history grows live; open details and focus stay", async ({ page, provider, start }) => {
  const server = await start({ settings: { TAPEDECK_JOB_TIMEOUT: "1s", TAPEDECK_RETRY_WINDOW: "10m" }, args: ["--no-worker"] });
  await server.put("CA-1", { recording_url: provider.serve("/1.wav", wav(1)) });
  const ask = () => server.ask("CA-1").then((response) => response.status);
  await expect.poll(ask, { timeout: 30_000 }).toBe(500);
  await page.goto(server.callPage("CA-1"));
  await expect(page).toHaveTitle("Call CA-1 · Failed · tapedeck");
  await expect(page.locator(".run:visible")).toHaveCount(3);
  const older = page.locator(".runs__older");
  await older.locator("summary").click();
  await expect(page.locator(".run:visible")).toHaveCount(4);

  await fetch(`${server.url}/api/calls/CA-1/retry`, { method: "POST" });

  await expect(page).toHaveTitle("Call CA-1 · Queued · tapedeck");
  await expect(page.locator(".run:visible")).toHaveCount(5);
  await expect(page.locator(".now")).toContainText("Waits for a worker, since");
  await expect(older).toHaveAttribute("open", "");
  await expect(older.locator("summary")).toBeFocused();
  await expect(page.getByRole("button", { name: "Fetch it again" })).toHaveCount(0);
});

test("an operator's retry returns to the call and shows its progress", async ({ page, provider, start }) => {
  const server = await start();
  await server.put("CA-1", { recording_url: provider.fail("/1.wav", 403) });
  await expect.poll(() => server.ask("CA-1").then((response) => response.status)).toBe(500);
  await page.goto(server.callPage("CA-1"));
  provider.serve("/1.wav", wav(3));
  await page.getByRole("button", { name: "Fetch it again" }).click();
  await expect(page).toHaveURL(server.callPage("CA-1"));
  await expect(page.locator('[data-live="CA-1.state"]')).toHaveText("Ready");
  await expect(page.locator("[data-live=details]")).toContainText("audio/wav");
});

test("a hidden page closes its stream and sends nothing; visible again it updates at once", async ({ page, provider, start }) => {
  const server = await start();
  await server.put("CA-1", { recording_url: provider.serve("/1.wav", wav(3)) });
  const requests = new Requests(page);
  await page.goto(`${server.url}/`);
  await expect.poll(() => requests.openEvents).toBe(1);
  await setHidden(page, true);
  await expect.poll(() => requests.openEvents).toBe(0);
  const before = requests.times(`${server.url}/`).length;

  await server.ask("CA-1");
  await expect.poll(async () => (await server.calls())[0].recording.state).toBe("ready");
  await expect(page.locator('[data-live="CA-1.state"]')).toHaveText("On request");
  expect(requests.times(`${server.url}/`).length).toBe(before);

  await setHidden(page, false);
  await expect(page.locator('[data-live="CA-1.state"]')).toHaveText("Ready");
  expect(requests.openEvents).toBe(1);
});

for (const path of ["/", "/calls/CA-1", "/status"]) {
  test(`leaving ${path} ends its stream and its requests`, async ({ page, provider, start }) => {
    const server = await start();
    await server.put("CA-1", { recording_url: provider.serve("/1.wav", wav(3)) });
    const requests = new Requests(page);
    await page.goto(server.url + path);
    await expect.poll(() => requests.openEvents).toBe(1);
    // Only what the page itself ends counts: the browser would end it at a navigation anyway.
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true })));
    await expect.poll(() => requests.open.size).toBe(0);
    const streams = requests.count(EVENTS);
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
    await expect.poll(() => requests.openEvents).toBe(1);
    expect(requests.count(EVENTS)).toBe(streams + 1);
    await page.goto("about:blank");
    await expect.poll(() => requests.open.size).toBe(0);
  });
}
