// The page of the queue: what an operator sees first, live, on a phone too.

import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "../support/fixtures.js";
import { wav } from "../support/wav.js";

const NO_WORKER = { args: ["--no-worker"] };
const scrolls = (page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

test("no worker: the state, the remedy and the waiting listeners, live", async ({ page, provider, start }) => {
  const server = await start(NO_WORKER);
  await server.put("CA-1", { recording_url: provider.serve("/1.wav", wav(1)) });
  await page.goto(server.url);
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Status" }).click();

  await expect(page.getByRole("link", { name: "Status" })).toHaveAttribute("aria-current", "page");
  await expect(page.getByRole("status")).toHaveText("No worker");
  const waiting = page.locator(".numbers div", { hasText: "Listeners wait for" }).locator("dd");
  await expect(waiting).toHaveText("0");
  await server.ask("CA-1");
  await expect(waiting).toHaveText("1");
  await expect(page.locator(".verdict")).toHaveAttribute("data-queue", "no_worker");
});

test("running work, its workers, and failures with reasons and an example call", async ({ page, provider, start }) => {
  const server = await start();
  await server.put("CA-slow", { recording_url: provider.serve("/slow.wav", wav(60), { seconds: 40 }) });
  await server.put("CA-refused", { recording_url: provider.fail("/refused.wav", 403) });
  await page.goto(`${server.url}/status`);
  await server.ask("CA-slow");
  await server.ask("CA-refused");

  const runs = page.locator("[data-live=runs]");
  await expect(runs.getByRole("link", { name: "CA-slow" })).toHaveAttribute("href", "/calls/CA-slow");
  await expect(runs).toContainText("of 960 kB");
  const failures = page.locator("[data-live=failures]");
  await expect(failures.getByRole("link", { name: "CA-refused" })).toBeVisible();
  await expect(failures).toContainText("What the provider delivers can't be used.");
  await expect(failures).toContainText("once");
  const worker = page.locator("[data-worker=live]");
  await expect(worker).toHaveCount(1);
  await expect(worker).toContainText("holds 1 run");
  await expect(page.getByRole("status")).toHaveText("Moving");
});

test("only a changed state is announced, however often the rest updates", async ({ page, start }) => {
  const server = await start(NO_WORKER);
  await page.goto(`${server.url}/status`);
  const asOf = page.locator(".verdict time");
  await page.getByRole("status").evaluate((status) => {
    window.announced = 0;
    new MutationObserver(() => (window.announced += 1)).observe(status, { childList: true, characterData: true, subtree: true });
  });
  const first = await asOf.getAttribute("datetime");
  await expect(asOf).not.toHaveAttribute("datetime", first);
  expect(await page.evaluate(() => window.announced)).toBe(0);
});

test("the page shows a lost stream, and is live again after it", async ({ page, start }) => {
  const server = await start(NO_WORKER);
  await page.route("**/api/queue/events", (route) => route.fulfill({ status: 502, body: "" }));
  await page.goto(`${server.url}/status`);
  const line = page.locator("[data-stream-lost]");
  await expect(line).toHaveText("Not live: the connection is lost. Trying again…");
  await expect(line).toBeVisible();
  await page.unroute("**/api/queue/events");
  await expect(line).toBeHidden();
});

for (const colorScheme of ["light", "dark"]) {
  test(`it has no accessibility violations, ${colorScheme}`, async ({ page, provider, start }) => {
    const server = await start();
    await server.put("CA-refused", { recording_url: provider.fail("/refused.wav", 403) });
    await server.put("CA-slow", { recording_url: provider.serve("/slow.wav", wav(60), { seconds: 40 }) });
    await server.ask("CA-refused");
    await server.ask("CA-slow");
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const lang of ["en", "he"]) {
      for (const path of ["/status", "/calls/CA-refused", "/nowhere"]) {
        await page.goto(`${server.url}${path}?lang=${lang}`);
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => `${path} ${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
      }
    }
  });
}

for (const lang of ["en", "he"]) {
  test(`it fits a phone and is complete without scripts, in ${lang}`, async ({ browser, provider, start }) => {
    const server = await start();
    await server.put("CA-a-rather-long-id-of-a-call-from-somewhere-else", {
      recording_url: provider.serve("/slow.wav", wav(60), { seconds: 40 }),
    });
    await server.ask("CA-a-rather-long-id-of-a-call-from-somewhere-else");
    await expect.poll(async () => (await server.calls())[0].recording.state).toBe("running");
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } });
    const page = await context.newPage();
    await page.goto(`${server.url}/status?lang=${lang}`);
    await expect(page.locator(".verdict")).toHaveAttribute("data-queue", "moving");
    await expect(page.locator(".notice").last()).toBeVisible();
    await context.close();

    const phone = await browser.newPage({ viewport: { width: 320, height: 640 } });
    await phone.goto(`${server.url}/status?lang=${lang}`);
    expect(await scrolls(phone), "sideways").toBe(false);
    await phone.close();
  });
}
