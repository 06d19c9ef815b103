// The states of a player, each with the steps that bring a page into it. visual.spec.js compares their screenshots,
// aria-snapshots.spec.js their accessibility trees, accessibility.spec.js runs axe on them. Most come from a fake answer
// of the file route that follows the contract.

import { expect } from "@playwright/test";
import { answerWith, CUT, HELD, preparing, problem, UNPLAYABLE } from "./answers.js";
import { runUntil, setClock, stopClock } from "./clock.js";
import { trackPending } from "./pending.js";
import { Player } from "./player.js";
import { Provider } from "./provider.js";
import { Tapedeck } from "./tapedeck.js";
import { conversation } from "./wav.js";

/** Answers the first request; holds later ones. */
const first = (answer) => (_, before) => (before === 0 ? answer : HELD);
const always = (answer) => () => answer;
const WAITING = "[data-state=preparing]";

/**
 * `answer`: the file route's; without one the server answers. `runs`: the clock runs until `until` matches the player.
 * `then`: the listener's next action. `moves`: the state has no stable screenshot.
 */
export const STATES = {
  idle: { play: false, until: "[data-state=idle]" },
  checking: { answer: always(HELD), until: "[data-state=checking]" },
  "preparing-queued": { answer: first(preparing({ ahead: 3 })), until: WAITING },
  "preparing-bytes": {
    answer: first(preparing({ status: "running", bytes_done: 1_200_000, bytes_total: 4_800_000 })),
    until: WAITING,
  },
  "preparing-no-worker": { answer: first(preparing({ workers_online: 0 })), until: WAITING },
  "waiting-for-provider": { answer: first(preparing({ waiting_for: "provider" })), until: WAITING },
  "preparing-again": { answer: first(preparing({ attempt: 2 })), until: "[data-attempt='2']" },
  ready: { callSid: "CA-ready", until: "[data-state=playing]", then: (player) => pauseAt(player, 0) },
  playing: { callSid: "CA-ready", until: "[data-state=playing]", moves: true },
  paused: { callSid: "CA-ready", until: "[data-state=playing]", then: (player) => pauseAt(player, 12) },
  refused: { callSid: "CA-ready", until: "[data-state=ready]", before: refuseToPlay },
  "no-recording-url": { answer: always(problem(404, "no_recording_url")), until: "[data-error=not_found]" },
  "unknown-call": { answer: always(problem(404, "call_not_found")), until: "[data-error=unknown_call]" },
  "empty-recording": { answer: always(problem(404, "empty_recording")), until: "[data-error=empty_recording]" },
  "not-playable": { answer: always(problem(404, "not_playable")), until: "[data-error=not_playable]" },
  "no-such-part": { answer: always(problem(404, "no_such_part")), until: "[data-error=no_such_part]" },
  "link-invalid": { answer: always(problem(403, "link_invalid")), until: "[data-error=link_invalid]" },
  "link-expired": { answer: always(problem(410, "link_expired")), until: "[data-error=link_expired]" },
  deleted: { answer: always(problem(404, "recording_deleted")), until: "[data-error=deleted]" },
  "worker-offline": {
    answer: always(problem(500, "worker_not_processing_queue")),
    until: "[data-error=worker_offline]",
  },
  "keeps-failing": { answer: always(problem(500, "recording_failed")), until: "[data-error=recording_failed]" },
  "server-error": { answer: always(problem(500, "storage_unavailable")), until: "[data-error=server_error]" },
  "timed-out": { answer: always(preparing()), until: "[data-error=timed_out]", runs: true },
  unreachable: { answer: always(CUT), until: "[data-error=unreachable]", runs: true },
  "signed-out": { answer: always(problem(401, "unauthorized")), until: "[data-error=unauthorized]" },
  unplayable: { answer: always(UNPLAYABLE), until: "[data-error=unplayable]" },
};

/** The server of all states, with its calls. */
export class StateHarness {
  static async start() {
    const harness = new StateHarness();
    harness.provider = await Provider.start();
    harness.server = await Tapedeck.start({ provider: harness.provider });
    const recordings = {
      "CA-state": conversation(30),
      "CA-ready": conversation(30),
    };
    for (const [callSid, bytes] of Object.entries(recordings)) {
      await harness.server.put(callSid, {
        recording_url: harness.provider.serve(`/${callSid}`, bytes, { type: "application/octet-stream" }),
        started_at: "2026-07-01T09:30:00Z",
        duration_seconds: 30,
      });
    }
    await harness.server.ready("CA-ready");
    return harness;
  }

  async stop() {
    await this.server.stop();
    await this.provider.stop();
  }

  /** Opens a page in a state, and returns its player. The clock stands still. */
  async arrange(page, name, lang) {
    const { callSid = "CA-state", answer, before, play = true, until, runs, then } = STATES[name];
    await setClock(page);
    await trackPending(page);
    await before?.(page);
    if (answer) await answerWith(page, answer);
    await page.goto(`${this.server.callPage(callSid)}?lang=${lang}`);
    const player = new Player(page, callSid);
    await player.expectAlive();
    await stopClock(page);
    if (play) await player.toggle.click();
    const there = player.root.and(page.locator(until));
    if (runs) await runUntil(page, async () => (await there.count()) > 0);
    await expect(there).toBeVisible();
    await then?.(player);
    // Removes the focus ring, and lets animation frames run.
    await page.evaluate(() => document.activeElement?.blur());
    await page.mouse.move(0, 0);
    await page.clock.runFor(500);
    return player;
  }
}

async function pauseAt(player, seconds) {
  const audio = player.audio;
  await audio.evaluate((element) => element.pause());
  await expect(player.root).toHaveAttribute("data-state", "ready");
  await audio.evaluate(
    (element, to) =>
      new Promise((resolve) => {
        element.addEventListener("seeked", resolve, { once: true });
        element.currentTime = to;
      }),
    seconds,
  );
  // The buffered range is part of the picture: wait until all is fetched.
  const rest = () => audio.evaluate(({ buffered, duration }) => duration - buffered.end(buffered.length - 1));
  await expect.poll(rest).toBeLessThan(0.5);
}

/** A browser that requires a gesture for each sound. */
function refuseToPlay(page) {
  return page.addInitScript(() => {
    HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException("no gesture", "NotAllowedError"));
  });
}
