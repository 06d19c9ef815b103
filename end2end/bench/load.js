// One load of a page in a fresh Chromium: the times of the first paint and of `canplay`, the script it fetched, and its
// memory.

import { readFile } from "node:fs/promises";
import { chromium } from "@playwright/test";
import { launchOptions } from "../support/chromium.js";

/** Each player's page for a call. */
export const PLAYERS = {
  tapedeck: (server, callSid) => server.callPage(callSid),
  wavesurfer: (server, callSid) => `${server.url}/pkg/wavesurfer.html?sid=${callSid}`,
  wavesurfer_peaks: (server, callSid) => `${server.url}/pkg/wavesurfer.html?sid=${callSid}&peaks`,
};

/** The time for late fetches and drawing to settle. */
const SETTLE_MS = 3000;

/** A phone: 150 ms of latency, 1.6 Mbit/s, a processor 4 times slower. */
const PHONE = { latency: 150, downloadThroughput: 200_000, uploadThroughput: 93_750, offline: false };
const PHONE_PROCESSOR = 4;

/** Milliseconds from navigation, bytes, and bytes of memory. `isPhone` slows network and processor down. */
export async function load(player, server, callSid, isPhone = false) {
  // Without spare renderers the largest one is the page's.
  const args = [...launchOptions.args, "--disable-features=SpareRendererForSitePerProcess"];
  const browser = await chromium.launch({ ...launchOptions, args });
  try {
    const page = await browser.newPage();
    await page.addInitScript(watch);
    if (isPhone) {
      const devtools = await page.context().newCDPSession(page);
      await devtools.send("Network.enable");
      await devtools.send("Network.emulateNetworkConditions", PHONE);
      await devtools.send("Emulation.setCPUThrottlingRate", { rate: PHONE_PROCESSOR });
    }
    await page.goto(PLAYERS[player](server, callSid));
    await page.waitForFunction(() => window.playable !== undefined, null, { timeout: 120_000 });
    await page.waitForTimeout(SETTLE_MS);
    return { ...(await page.evaluate(timesAndBytes)), ...(await memory(browser, page)) };
  } finally {
    await browser.close();
  }
}

/** Records when it could play. Our page fetches no sound before Play is pressed, so it is pressed at once. */
function watch() {
  const note = () => (window.playable ??= performance.now());
  document.addEventListener("canplay", note, { capture: true });
  document.addEventListener("playable", note);
  document.addEventListener("DOMContentLoaded", () => document.querySelector(".player__toggle")?.click());
}

function timesAndBytes() {
  const scripts = performance.getEntriesByType("resource").filter(({ name }) => /\.(js|wasm)$/.test(new URL(name).pathname));
  const sum = (what) => scripts.reduce((sum, entry) => sum + entry[what], 0);
  return {
    paint_ms: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    playable_ms: window.playable,
    script_sent: sum("encodedBodySize"),
    script_raw: sum("decodedBodySize"),
  };
}

/** The proportional memory of the page's process, by the kernel, and its JavaScript heap. */
async function memory(browser, page) {
  const own = await page.context().newCDPSession(page);
  await own.send("HeapProfiler.collectGarbage");
  const { usedSize } = await own.send("Runtime.getHeapUsage");
  const all = await browser.newBrowserCDPSession();
  const { processInfo } = await all.send("SystemInfo.getProcessInfo");
  const renderers = processInfo.filter(({ type }) => type === "renderer");
  const sizes = await Promise.all(renderers.map(({ id }) => proportionalSize(id)));
  return { heap_bytes: usedSize, memory_bytes: Math.max(...sizes) };
}

/** A memory page that processes share counts in proportion. */
async function proportionalSize(pid) {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)[1]) * 1024;
}
