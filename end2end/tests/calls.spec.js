// The list of calls when it is empty, long, narrow, wrongly asked for, or without scripts.

import { expect, test } from "../support/fixtures.js";

const sideways = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test("search, filter and paging work without scripts", async ({ browser, start }) => {
  const server = await start();
  for (let number = 100; number < 155; number += 1) {
    await server.put(`CA-${number}`, { recording_url: null, from: `+15550${number}`, started_at: `2026-03-01T00:00:00.${number}Z` });
  }
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(server.url);
  await page.getByRole("combobox").selectOption("no_recording_url");
  await page.getByRole("searchbox").fill("+155501");
  await page.getByRole("button", { name: "Find" }).click();
  await expect(page.locator("li.call")).toHaveCount(50);
  await page.getByRole("link", { name: "Older calls" }).click();
  await expect(page.locator("li.call")).toHaveCount(5);
  await expect(page.getByRole("combobox")).toHaveValue("no_recording_url");
  await expect(page.getByRole("searchbox")).toHaveValue("+155501");
  await page.getByRole("link", { name: "Back to the newest" }).click();
  await expect(page.locator("li.call")).toHaveCount(50);
  await context.close();
});

test("an empty list, a search without a match and a bad link each name the next step", async ({ page, start }) => {
  const server = await start();
  await page.goto(server.url);
  await expect(page.getByRole("heading", { name: "No calls yet" })).toBeVisible();
  await expect(page.getByText("curl -X PUT")).toBeVisible();
  await page.goto(`${server.url}/?q=nobody`);
  await expect(page.getByRole("heading", { name: "No call matches" })).toBeVisible();
  await page.getByRole("link", { name: "Show all calls" }).click();
  await expect(page).toHaveURL(`${server.url}/`);
  await page.goto(`${server.url}/?before=rubbish`);
  await expect(page.getByText("before is not the `next` of an earlier page")).toBeVisible();
  await page.getByRole("link", { name: "Back to the calls" }).click();
  await expect(page).toHaveURL(`${server.url}/`);
});

for (const lang of ["en", "he"]) {
  test(`a row and the pages around it fit 320 px, in ${lang}`, async ({ page, start }) => {
    const server = await start({ args: ["--demo"] });
    await server.put("CA-a-long-id-0123456789-0123456789-0123456789", { from: "A name that takes some room, as names do", to: "+1 555 0100 200 300" });
    await page.setViewportSize({ width: 320, height: 700 });
    for (const path of ["/", "/?q=nothing", "/?before=x", "/calls/demo-failing", "/calls/CA-a-long-id-0123456789-0123456789-0123456789", "/nowhere"]) {
      const separator = path.includes("?") ? "&" : "?";
      await page.goto(`${server.url}${path}${separator}lang=${lang}`);
      expect(await sideways(page), path).toBe(0);
    }
  });
}

test("the layout does not shift during hydration", async ({ page, start }) => {
  const server = await start({ args: ["--demo"] });
  await page.addInitScript(() => {
    window.shift = 0;
    const add = (list) => list.getEntries().forEach(({ value }) => (window.shift += value));
    new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
  });
  // A state that changes meanwhile makes its chip wider: that is news, and no jump.
  const states = async () => (await server.calls()).map(({ recording }) => recording.state);
  await expect.poll(states).not.toContain("queued");
  await expect.poll(states).not.toContain("running");
  for (const path of ["/", "/calls/demo-failing", "/calls/demo-ready", "/status"]) {
    const alive = page.waitForResponse((response) => response.url().endsWith("/api/queue/events"));
    await page.goto(server.url + path);
    await alive;
    // A fetch of the page itself is what the first event leads to.
    await page.waitForResponse((response) => response.url() === server.url + path && response.request().resourceType() === "fetch");
    expect(await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => resolve(window.shift)))), path).toBe(0);
  }
  // Where an outline comes, too, and in a frame.
  for (const path of ["/calls/demo-ready", "/embed/demo-ready"]) {
    await page.goto(server.url + path);
    await expect(page.locator(".track")).toHaveAttribute("data-waveform", "");
    expect(await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => resolve(window.shift)))), path).toBe(0);
  }
});
