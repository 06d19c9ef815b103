// Which Chromium, and how it is started: Playwright's own if it is there, else the system's.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "@playwright/test";

// xtask/src/set_up/browser.rs knows the same names.
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

function executablePath() {
  if (existsSync(chromium.executablePath())) return undefined;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
}

export const launchOptions = {
  executablePath: executablePath(),
  env: { ...process.env, FONTCONFIG_FILE: join(import.meta.dirname, "fonts.conf") },
  // No sandbox: the tests also run as root and in containers. The rest keeps Chromium from asking
  // the internet for anything.
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // As in everybody's browser: sound only after a gesture. A click on Play is one.
    "--autoplay-policy=document-user-activation-required",
  ],
};
