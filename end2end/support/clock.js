// A page's clock that only a test moves, so that what a page says about time is the same in every run.

import { expect } from "@playwright/test";
import { pending } from "./pending.js";

const NOON = Date.UTC(2026, 6, 1, 12);

/** Sets the clock, and fixes what is random. Before the page is opened. */
export async function setClock(page) {
  await page.clock.install({ time: NOON });
  await page.addInitScript(() => (Math.random = () => 0.5));
}

/** Stops the clock. It stands at the same moment in every run, as long as the page took less than a minute. */
export function stopClock(page) {
  return page.clock.pauseAt(NOON + 60_000);
}

/**
 * Runs the stopped clock on until `isThere`, a step of some seconds after the other. Each begins when what was
 * asked in the last one is answered, but for `held` requests. The page keeps a ledger.
 */
export async function runUntil(page, isThere, { step = 5, held = () => 0, afterStep = () => {} } = {}) {
  const unanswered = async () => (await pending(page)).requests - held();
  for (let seconds = 0; !(await isThere()); seconds += step) {
    if (seconds > 600) throw new Error("ten minutes of the page's clock, and it is not there");
    await page.clock.runFor(step * 1000);
    afterStep();
    await expect.poll(unanswered, { intervals: [5, 10, 20, 50] }).toBe(0);
  }
}
