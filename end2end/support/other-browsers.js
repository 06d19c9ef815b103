// Firefox and WebKit, the distribution's own, driven over WebDriver: Playwright drives only builds of
// theirs that it brings itself.

import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Builder, Capabilities } from "selenium-webdriver";
import { Child } from "./child.js";
import { freePort } from "./free-port.js";

/** Where Debian keeps WebKitGTK's small browser: it is on nobody's PATH. */
function miniBrowser() {
  const lib = "/usr/lib";
  const folders = readdirSync(lib).flatMap((triple) => ["4.1", "4.0"].map((api) => join(lib, triple, `webkit2gtk-${api}`)));
  return folders.map((folder) => join(folder, "MiniBrowser")).find(existsSync);
}

export const BROWSERS = {
  Firefox: {
    // Without one its audio loads, and stands still after a seek.
    needsSound: true,
    driver: (port) => ["geckodriver", ["--host", "127.0.0.1", "--port", `${port}`]],
    capabilities: () => ({
      browserName: "firefox",
      "moz:firefoxOptions": { args: ["-headless"], prefs: { "intl.accept_languages": "en-GB" } },
    }),
  },
  WebKit: {
    driver: (port) => ["WebKitWebDriver", ["--host=127.0.0.1", `--port=${port}`]],
    // It has no headless mode of its own.
    needsScreen: true,
    capabilities: () => ({
      browserName: "MiniBrowser",
      "webkitgtk:browserOptions": { binary: miniBrowser(), args: ["--automation"] },
    }),
  },
};

/** A browser with an empty profile, its driver, and what it wants of the machine. */
export class OtherBrowser {
  #children = [];
  #folder;

  static async start(name) {
    const browser = new OtherBrowser();
    try {
      await browser.#start(BROWSERS[name]);
    } catch (error) {
      await browser.stop();
      throw error;
    }
    return browser;
  }

  async #start({ driver, capabilities, needsScreen, needsSound }) {
    this.#folder = await mkdtemp(join(tmpdir(), "browser-"));
    const env = { ...process.env, HOME: this.#folder, XDG_RUNTIME_DIR: this.#folder };
    if (needsSound) env.PULSE_SERVER = await this.#sound(env);
    if (needsScreen) env.DISPLAY = await this.#screen();
    const port = await freePort();
    const [program, args] = driver(port);
    const child = this.#child(program, args, { env });
    const url = `http://127.0.0.1:${port}`;
    // Any answer will do: WebKit's driver has no /status.
    await child.until(() => fetch(`${url}/status`).then(() => true, () => false));
    this.page = await new Builder()
      .disableEnvironmentOverrides()
      .usingServer(url)
      .withCapabilities(new Capabilities(capabilities()))
      .build();
  }

  /** A screen that nobody sees; gives its name. */
  async #screen() {
    const args = ["-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"];
    const child = this.#child("Xvfb", args);
    await child.until(() => child.lines.some((line) => /^\d+$/.test(line)));
    return `:${child.lines.find((line) => /^\d+$/.test(line))}`;
  }

  /** A sound card that nobody hears, with time as in a real one; gives its address. */
  async #sound(env) {
    const socket = join(this.#folder, "sound");
    const modules = ["module-null-sink", `module-native-protocol-unix socket=${socket} auth-anonymous=1`];
    const args = ["-n", "--daemonize=no", "--exit-idle-time=-1", ...modules.flatMap((module) => ["-L", module])];
    const child = this.#child("pulseaudio", args, { env });
    await child.until(() => existsSync(socket));
    return `unix:${socket}`;
  }

  #child(program, args, options) {
    const child = new Child(program, args, options);
    this.#children.push(child);
    return child;
  }

  async stop() {
    await this.page?.quit().catch(() => {});
    for (const child of this.#children.reverse()) await child.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
