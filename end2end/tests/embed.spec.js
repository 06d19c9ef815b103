// The player in another site's page: who may frame it, and what the two tell each other.

import { createServer } from "node:http";
import { once } from "node:events";
import { expect, test as base } from "../support/fixtures.js";
import { Player } from "../support/player.js";
import { wav } from "../support/wav.js";

const test = base.extend({
  /** Another site, at another origin than tapedeck's, with one page. */
  site: async ({}, use) => {
    const site = { html: "" };
    const server = createServer((_, response) => response.setHeader("content-type", "text/html").end(`<!doctype html>${site.html}`));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    site.origin = `http://localhost:${server.address().port}`;
    await use(site);
    server.closeAllConnections();
    server.close();
  },
});

const LISTENING = `<script>
  heard = [];
  addEventListener("message", ({ data }) => heard.push(data));
  tell = (message) => document.querySelector("iframe").contentWindow.postMessage(message, "*");
</script>`;

const heard = (page, type) => page.evaluate((type) => heard.filter((message) => message.type === type), type);

async function framed(page, server, site, callSid, query = "") {
  site.html = `${LISTENING}<iframe title="Recording" src="${server.url}/embed/${callSid}${query}" width="100%" height="300" allow="autoplay"></iframe>`;
  await page.goto(site.origin);
  return page.frameLocator("iframe[title=Recording]");
}

test("an allowed site receives state, time and height, and can play, pause and seek", async ({ page, provider, site, start }) => {
  const server = await start({ settings: { TAPEDECK_EMBED_ORIGINS: site.origin } });
  await server.put("CA-1", { recording_url: provider.serve("/1.wav", wav(30)) });
  const frame = await framed(page, server, site, "CA-1");
  const player = frame.locator("[data-player]");
  await expect(player).toBeVisible();
  await expect(frame.locator("header")).toHaveCount(0);
  await expect.poll(() => heard(page, "state")).toContainEqual({
    source: "tapedeck", version: 1, call_sid: "CA-1", type: "state", state: "idle", error: null, attempt: null,
  });
  await expect.poll(async () => (await heard(page, "height")).length).toBeGreaterThan(0);

  // A listener's own press, so that the browser lets it sound.
  await frame.getByRole("button", { name: "Play", exact: true }).click();
  await expect.poll(async () => (await heard(page, "state")).at(-1)).toMatchObject({ state: "playing", error: null });
  await expect.poll(async () => (await heard(page, "time")).at(-1)?.duration).toBe(30);

  await page.evaluate(() => tell({ target: "tapedeck", type: "pause" }));
  await expect(player).toHaveAttribute("data-state", "ready");
  await page.evaluate(() => tell({ target: "tapedeck", type: "seek", at: 20 }));
  await expect.poll(async () => (await heard(page, "time")).at(-1)).toMatchObject({ at: 20, paused: true });
  await page.evaluate(() => tell({ target: "tapedeck", type: "speed", speed: 2 }));
  await expect.poll(async () => (await heard(page, "time")).at(-1).speed).toBe(2);
  await page.evaluate(() => tell({ target: "tapedeck", type: "volume", volume: 0.25 }));
  await expect.poll(() => frame.locator("audio").evaluate((audio) => audio.volume)).toBe(0.25);
  await page.evaluate(() => tell({ target: "tapedeck", type: "play" }));
  await expect(player).toHaveAttribute("data-state", "playing");

  // Told what it does already, it goes on.
  await page.evaluate(() => tell({ target: "tapedeck", type: "play" }));
  await page.evaluate(() => tell({ target: "tapedeck", type: "volume", volume: 0.75 }));
  await expect.poll(() => frame.locator("audio").evaluate((audio) => audio.volume)).toBe(0.75);
  expect(await frame.locator("audio").evaluate((audio) => audio.paused)).toBe(false);
});

test("malformed messages and other origins are ignored", async ({ page, provider, site, start }) => {
  const server = await start({ settings: { TAPEDECK_EMBED_ORIGINS: site.origin } });
  await server.put("CA-1", { recording_url: provider.serve("/1.wav", wav(30)) });
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  const frame = await framed(page, server, site, "CA-1");
  await expect.poll(async () => (await heard(page, "state")).length).toBeGreaterThan(0);
  await page.evaluate(() => {
    for (const message of [null, 7, "play", {}, { type: "play" }, { target: "tapedeck" }, { target: "tapedeck", type: "toString" },
      { target: "tapedeck", type: "seek", at: "soon" }, { target: "tapedeck", type: "speed" }, { target: "tapedeck", type: "volume", volume: NaN }]) tell(message);
    // Another frame of the same site is not the page around the player.
    const stranger = document.createElement("iframe");
    stranger.srcdoc = `<script>parent.frames[0].postMessage({ target: "tapedeck", type: "play" }, "*")<\/script>`;
    document.body.append(stranger);
    return new Promise((resolve) => (stranger.onload = resolve));
  });
  // Once the last message was heard, so were those before it.
  await page.evaluate(() => tell({ target: "tapedeck", type: "volume", volume: 0.5 }));
  await expect.poll(() => frame.locator("audio").evaluate(({ volume }) => volume)).toBe(0.5);
  await expect(frame.locator("[data-player]")).toHaveAttribute("data-state", "idle");
  expect(errors).toEqual([]);
});

test("any other site gets neither the frame nor messages", async ({ page, provider, site, start }) => {
  const server = await start({ settings: { TAPEDECK_EMBED_ORIGINS: "https://crm.example.com" } });
  await server.put("CA-1", { recording_url: provider.serve("/1.wav", wav(30)) });
  const refused = page.waitForEvent("console", (message) => message.text().includes("frame-ancestors"));
  await framed(page, server, site, "CA-1");
  await refused;
  expect(await page.evaluate(() => heard)).toEqual([]);
});

test("an unknown call is reported in the frame and to the page around it", async ({ page, site, start }) => {
  const server = await start({ settings: { TAPEDECK_EMBED_ORIGINS: site.origin } });
  const frame = await framed(page, server, site, "CA-none", "?lang=he");
  await expect(frame.getByRole("heading")).toHaveText("אין שיחה עם המזהה הזה");
  await expect.poll(() => heard(page, "state")).toMatchObject([{ state: "error", error: "call_not_found", call_sid: "CA-none" }]);
});

test("<tapedeck-player> frames the player, sets the height and dispatches its events", async ({ page, provider, site, start }) => {
  const server = await start({ settings: { TAPEDECK_EMBED_ORIGINS: site.origin } });
  await server.put("CA-1", { recording_url: provider.serve("/1.wav", wav(30)) });
  site.html = `<script src="${server.url}/tapedeck-player.js"></script>
    <tapedeck-player sid="CA-1" theme="dark" lang="he"></tapedeck-player>
    <script>
      states = [];
      player = document.querySelector("tapedeck-player");
      player.addEventListener("state", ({ detail }) => states.push(detail.state));
    </script>`;
  await page.goto(site.origin);
  const element = page.locator("tapedeck-player iframe");
  await expect(element).toHaveAttribute("src", `${server.url}/embed/CA-1?lang=he&theme=dark`);
  const frame = page.frameLocator("tapedeck-player iframe");
  await expect(frame.locator("html")).toHaveAttribute("data-theme", "dark");
  const height = () => frame.locator("main").evaluate((main) => Math.ceil(main.getBoundingClientRect().height));
  await expect.poll(async () => (await element.boundingBox()).height).toBe(await height());

  await frame.getByRole("button", { name: "נגינה", exact: true }).click();
  await expect.poll(() => page.evaluate(() => states.at(-1))).toBe("playing");
  await page.evaluate(() => player.pause());
  await expect.poll(() => page.evaluate(() => states.at(-1))).toBe("ready");
  await page.evaluate(() => player.seek(12));
  await expect.poll(() => frame.locator("audio").evaluate((audio) => audio.currentTime)).toBe(12);
  await page.evaluate(() => player.play());
  await expect.poll(() => page.evaluate(() => states.at(-1))).toBe("playing");
});

test("a listener without a token plays in a frame, and the page requests nothing else", async ({ page, provider, start }) => {
  const token = "0123456789abcdef";
  const server = await start({ settings: { TAPEDECK_ADMIN_TOKEN: token, TAPEDECK_PUBLIC_PLAYBACK: "true" } });
  const put = await fetch(`${server.url}/api/calls/CA-1`, {
    method: "PUT",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ recording_url: provider.serve("/1.wav", wav(30)) }),
  });
  expect(put.status).toBe(201);
  const refused = [];
  page.on("response", (response) => response.status() >= 400 && refused.push(response.url()));
  await page.setViewportSize({ width: 320, height: 300 });
  await page.goto(`${server.url}/embed/CA-1`);
  const player = new Player(page, "CA-1");
  await player.play();
  await player.expectToPlay();
  expect(refused).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
});
