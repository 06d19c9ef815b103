// The tests in a real Chromium. Each starts its own tapedeck, on a free port and an empty folder; those
// about the states of a player share one.

import { defineConfig } from "@playwright/test";
import { launchOptions } from "./support/chromium.js";

export default defineConfig({
  testDir: "tests",
  // Two cores are shared by Chromium, tapedeck and whatever else runs: one test at a time is steadiest.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 90_000,
  expect: {
    timeout: 15_000,
    // Letters are drawn a little differently by each version of Chromium; a changed word is more than that.
    toHaveScreenshot: { maxDiffPixels: 500, pathTemplate: "{testDir}/../screenshots/{arg}{ext}" },
    toMatchAriaSnapshot: { pathTemplate: "{testDir}/../aria-snapshots/{arg}{ext}" },
  },
  // The same on every system: what differs is for the tolerance.
  snapshotPathTemplate: "{testDir}/../aria-snapshots/{arg}{ext}",
  // A picture or a text that is missing is a failure, not a new one.
  updateSnapshots: "none",
  forbidOnly: Boolean(process.env.CI),
  reporter: [["list"], ["./support/count-reporter.js"]],
  use: { locale: "en-GB", timezoneId: "UTC", launchOptions, trace: "retain-on-failure" },
});
