// No worker takes the job: the listener sees it being made again, and then is told, once and for all.

import { expect, test } from "../support/fixtures.js";
import { FileRequests, Player } from "../support/player.js";
import { wav } from "../support/wav.js";

const NO_WORKER = {
  args: ["--no-worker"],
  settings: { TAPEDECK_JOB_TIMEOUT: "2s", TAPEDECK_RETRY_WINDOW: "1m" },
};

test("worker offline: prepared again three times, then the worker message and silence", async ({ page, provider, start }) => {
  // Time goes on as always, until the test turns it forward at the end.
  await page.clock.install();
  const server = await start(NO_WORKER);
  await server.put("CA-offline", { recording_url: provider.serve("/offline.wav", wav(1)) });
  const requests = new FileRequests(page);
  await page.goto(server.callPage("CA-offline"));
  const player = new Player(page, "CA-offline");
  const headlines = await player.watch();

  await player.play();

  await expect(player.root).toHaveAttribute("data-error", "worker_offline", { timeout: 60_000 });
  expect(await headlines()).toEqual([
    "Looking for the recording…",
    "Recording is being prepared",
    "Recording is being prepared again (attempt 1/3)",
    "Recording is being prepared again (attempt 2/3)",
    "Recording is being prepared again (attempt 3/3)",
    "Recording worker not responding. Please try again later or contact support.",
  ]);

  const answers = await requests.answers();
  expect(answers.map(({ status }) => status)).toEqual([...answers.slice(1).map(() => 202), 500]);
  // Whatever timer was still running would ring now.
  await page.clock.fastForward("30:00");
  await page.waitForTimeout(1000);
  expect(requests.count, "requests after the last answer").toBe(answers.length);

  expect(server.failFast).toEqual([
    "[FAIL_FAST] Retry attempt 1/3",
    "[FAIL_FAST] Retry attempt 2/3",
    "[FAIL_FAST] Retry attempt 3/3",
    "[FAIL_FAST] Worker not processing queue after 3 attempts",
  ]);
  expect(provider.downloads("/offline.wav")).toBe(0);
});

test("worker offline: no worker is online, and Cancel ends the requests", async ({ page, provider, start }) => {
  await page.clock.install();
  const server = await start({ args: ["--no-worker"] });
  await server.put("CA-cancel", { recording_url: provider.serve("/cancel.wav", wav(1)) });
  const requests = new FileRequests(page);
  await page.goto(server.callPage("CA-cancel"));
  const player = new Player(page, "CA-cancel");

  await player.play();
  await expect(player.root).toContainText("No worker is online right now.");
  await player.root.getByRole("button", { name: "Cancel" }).click();

  await expect(player.root).toHaveAttribute("data-state", "idle");
  const { count } = requests;
  await page.clock.fastForward("30:00");
  await page.waitForTimeout(1000);
  expect(requests.count).toBe(count);
});
