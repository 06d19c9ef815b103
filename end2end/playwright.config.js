// The tests in a real Chromium. Each starts its own tapedeck, on a free port and an empty folder.

import { defineConfig } from "@playwright/test";
import { launchOptions } from "./support/chromium.js";

export default defineConfig({
  testDir: "tests",
  // Two cores are shared by Chromium, tapedeck and whatever else runs: one test at a time is steadiest.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [["list"], ["./support/count-reporter.js"]],
  use: { locale: "en-GB", launchOptions, trace: "retain-on-failure" },
});
