// One load of a page in a fresh Chromium: when it painted and could play, what script it fetched, and what
// memory it holds then.

import { readFile } from "node:fs/promises";
import { chromium } from "@playwright/test";
import { launchOptions } from "../support/chromium.js";

/** Each player's page for a call. */
export const PLAYERS = {
  tapedeck: (server, callSid) => server.callPage(callSid),
  wavesurfer: (server, callSid) => `${server.url}/pkg/wavesurfer.html?sid=${callSid}`,
  wavesurfer_peaks: (server, callSid) => `${server.url}/pkg/wavesurfer.html?sid=${callSid}&peaks`,
};

/** Long after a page could play, what it still fetches and draws has settled. */
const SETTLE_MS = 3000;

/** Milliseconds from navigation, bytes, and bytes of memory. */
export async function load(player, server, callSid) {
  // One renderer is the page's; a spare one would be taken for it.
  const args = [...launchOptions.args, "--disable-features=SpareRendererForSitePerProcess"];
  const browser = await chromium.launch({ ...launchOptions, args });
  try {
    const page = await browser.newPage();
    await page.addInitScript(watch);
    await page.goto(PLAYERS[player](server, callSid));
    await page.waitForFunction(() => window.playable !== undefined, null, { timeout: 120_000 });
    await page.waitForTimeout(SETTLE_MS);
    return { ...(await page.evaluate(timesAndBytes)), ...(await memory(browser, page)) };
  } finally {
    await browser.close();
  }
}

/** Notes when it could play. Ours asks for nothing before Play is pressed, so that is pressed at once. */
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

/** What the page's process has for itself, by the kernel, and the heap of its scripts. */
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

/** A page of memory that processes share counts as a share of it. */
async function proportionalSize(pid) {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss:\s+(\d+) kB$/m.exec(text)[1]) * 1024;
}
