// A ready recording plays before the WebAssembly has arrived: the page's inline script plays, seeks and takes keys, and
// the island adopts the element that plays.

import { expect, test } from "../support/fixtures.js";
import { Player } from "../support/player.js";
import { turns } from "../support/turns.js";

/** Opens a ready call; the WebAssembly is sent once `release` is called. */
async function open({ page, provider, start }, callSid, path = (server) => server.callPage(callSid)) {
  let release;
  const released = new Promise((done) => (release = done));
  await page.route("**/*.wasm", async (route) => {
    await released;
    await route.continue();
  });
  const server = await start();
  await server.put(callSid, { recording_url: provider.serve(`/${callSid}.wav`, turns()) });
  await server.ready(callSid);
  const errors = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(path(server));
  return { player: new Player(page, callSid), release, errors };
}

for (const [where, path] of Object.entries({
  "the call's page": (server) => server.callPage("CA-first"),
  "a frame": (server) => `${server.url}/embed/CA-first`,
  "the list": (server) => `${server.url}/`,
})) {
  test(`in ${where} the first press plays without WebAssembly, and the island goes on without a gap`, async ({
    page,
    provider,
    start,
  }) => {
    const { player, release, errors } = await open({ page, provider, start }, "CA-first", path);
    await player.toggle.click();
    await player.expectToPlay();
    expect(await page.evaluate(() => document.documentElement.className)).not.toContain("is-alive");
    const gaps = player.audio.evaluate(
      (audio) =>
        new Promise((done) => {
          const seen = [];
          for (const name of ["pause", "emptied", "waiting", "seeking", "loadstart"]) {
            audio.addEventListener(name, () => seen.push(name));
          }
          setTimeout(() => done(seen), 3000);
        }),
    );
    release();
    await player.expectAlive();
    await expect(player.root).toHaveAttribute("data-state", "playing");
    await expect(player.root.getByRole("button", { name: "Pause" })).toBeVisible();
    await player.expectToAdvance();
    expect(await gaps, "nothing but playing").toEqual([]);
    await player.toggle.click();
    await expect(player.root).toHaveAttribute("data-state", "ready");
    expect(errors).toEqual([]);
  });
}

test("seeking and keys work without WebAssembly", async ({ page, provider, start }) => {
  const { player, release } = await open({ page, provider, start }, "CA-early");
  await player.seek(0.5);
  await player.toggle.click();
  await player.expectToPlay();
  expect(await player.position()).toBeGreaterThan(7);
  await page.keyboard.press("j");
  await expect.poll(() => player.position()).toBeLessThan(5);
  await page.keyboard.press("9");
  await expect.poll(() => player.position()).toBeGreaterThan(13);
  await page.keyboard.press("k");
  await expect(player.root).toHaveAttribute("data-state", "ready");
  const at = await player.position();
  release();
  await player.expectAlive();
  await expect(player.headline).toHaveText("Paused");
  expect(await player.position()).toBe(at);
});

test("a press on a recording that is not ready is kept for the WebAssembly", async ({ page, provider, start }) => {
  let release;
  const released = new Promise((done) => (release = done));
  await page.route("**/*.wasm", async (route) => {
    await released;
    await route.continue();
  });
  const server = await start();
  await server.put("CA-kept", { recording_url: provider.serve("/kept.wav", turns()) });
  await page.goto(server.callPage("CA-kept"));
  const player = new Player(page, "CA-kept");
  await player.toggle.click();
  await expect(player.root).toHaveAttribute("data-asked", "");
  release();
  await player.expectToPlay();
});

test("without WebAssembly at all a ready recording has the browser's controls", async ({ page, provider, start }) => {
  await page.route("**/*.wasm", (route) => route.abort());
  const server = await start();
  await server.put("CA-none", { recording_url: provider.serve("/none.wav", turns()) });
  await server.ready("CA-none");
  await page.goto(server.callPage("CA-none"));
  const player = new Player(page, "CA-none");
  await expect(player.audio).toHaveAttribute("controls", "");
  await expect(player.audio).toBeVisible();
});
