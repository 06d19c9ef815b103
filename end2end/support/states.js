// The states of a player, each as what brings a page into it. visual.spec.js compares their pictures,
// accessibility.spec.js and aria-snapshots.spec.js what they are to people who don't see them. Most need no server
// of their own: the file route's answer is made up, by the contract.

import { expect } from "@playwright/test";
import { answerWith, CUT, HELD, preparing, problem } from "./answers.js";
import { runUntil, setClock, stopClock } from "./clock.js";
import { trackPending } from "./pending.js";
import { Player } from "./player.js";
import { Provider } from "./provider.js";
import { Tapedeck } from "./tapedeck.js";
import { conversation } from "./wav.js";

/** What the first ask is told; later ones, which offer to be held, are. */
const first = (answer) => (_, before) => (before === 0 ? answer : HELD);
const always = (answer) => () => answer;
const WAITING = "[data-state=preparing]";

/**
 * `answer`: of the file route; without one it is the server's. `until`: what the player looks like then,
 * after its clock was run on where it has to be. `then`: what the listener does next. `moves`: it looks
 * different each time.
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
  "preparing-again": { answer: first(preparing({ attempt: 2 })), until: "[data-attempt='2']" },
  ready: { callSid: "CA-ready", until: "[data-state=playing]", then: (player) => pauseAt(player, 0) },
  playing: { callSid: "CA-ready", until: "[data-state=playing]", moves: true },
  paused: { callSid: "CA-ready", until: "[data-state=playing]", then: (player) => pauseAt(player, 12) },
  refused: { callSid: "CA-ready", until: "[data-state=ready]", before: refuseToPlay },
  "no-recording-url": { answer: always(problem(404, "no_recording_url")), until: "[data-error=not_found]" },
  "unknown-call": { answer: always(problem(404, "call_not_found")), until: "[data-error=unknown_call]" },
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
  unplayable: { callSid: "CA-amr", until: "[data-error=unplayable]" },
};

/** The server of all states, with the calls that they are about. */
export class StateHarness {
  static async start() {
    const harness = new StateHarness();
    harness.provider = await Provider.start();
    harness.server = await Tapedeck.start({ provider: harness.provider });
    const recordings = {
      "CA-state": conversation(30),
      "CA-ready": conversation(30),
      // No browser plays AMR.
      "CA-amr": Buffer.concat([Buffer.from("#!AMR\n"), Buffer.alloc(3200, 0x3c)]),
    };
    for (const [callSid, bytes] of Object.entries(recordings)) {
      await harness.server.put(callSid, {
        recording_url: harness.provider.serve(`/${callSid}`, bytes, { type: "application/octet-stream" }),
        started_at: "2026-07-01T09:30:00Z",
        duration_seconds: 30,
      });
    }
    await harness.server.ready("CA-ready");
    await harness.server.ready("CA-amr");
    return harness;
  }

  async stop() {
    await this.server.stop();
    await this.provider.stop();
  }

  /** Brings a page that was not opened yet into a state, and gives its player. The clock stands still. */
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
    // A focus ring is a look of its own, and what is drawn by frames wants one.
    await page.evaluate(() => document.activeElement?.blur());
    await page.mouse.move(0, 0);
    await page.clock.runFor(500);
    return player;
  }
}

async function pauseAt(player, seconds) {
  const audio = player.root.locator("audio");
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
  // All of it is fetched in the end, which shows.
  const rest = () => audio.evaluate(({ buffered, duration }) => duration - buffered.end(buffered.length - 1));
  await expect.poll(rest).toBeLessThan(0.5);
}

/** As a browser does that wants a tap of its own for each sound. */
function refuseToPlay(page) {
  return page.addInitScript(() => {
    HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException("no gesture", "NotAllowedError"));
  });
}
