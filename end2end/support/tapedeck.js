// The real program, on a free port, in an empty folder, with short times where a test says so.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Child } from "./child.js";
import { freePort } from "./free-port.js";

const checkout = resolve(import.meta.dirname, "../..");
const target = resolve(checkout, process.env.CARGO_TARGET_DIR ?? "target");
const program = process.env.TAPEDECK_PROGRAM ?? join(target, "debug/tapedeck");
const siteRoot = process.env.TAPEDECK_SITE_ROOT ?? join(checkout, "target/site");

export class Tapedeck {
  #child;
  #folder;

  /** `provider` may be private: it is the test's own. */
  static async start({ args = [], settings = {}, provider } = {}) {
    const server = new Tapedeck();
    server.#folder = await mkdtemp(join(tmpdir(), "tapedeck-"));
    const port = await freePort();
    server.url = `http://127.0.0.1:${port}`;
    const env = {
      PATH: process.env.PATH,
      HOME: server.#folder,
      LEPTOS_SITE_ADDR: `127.0.0.1:${port}`,
      LEPTOS_SITE_ROOT: siteRoot,
      TAPEDECK_DATABASE_URL: `sqlite://${server.#folder}/tapedeck.db`,
      TAPEDECK_STORAGE_URL: `file://${server.#folder}/recordings`,
      TAPEDECK_SHUTDOWN_GRACE: "1s",
      TAPEDECK_DRAIN: "1ms",
      ...(provider && { TAPEDECK_PROVIDER_ALLOW: provider.host }),
      ...settings,
    };
    server.#child = new Child(program, ["serve", ...args], { cwd: server.#folder, env });
    try {
      await server.#child.until(async () => (await fetch(`${server.url}/readyz`).catch(() => ({}))).ok);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** What it logged. */
  get log() {
    return this.#child.lines;
  }

  /** The lines that tell of a run that got stuck, without time and fields. */
  get failFast() {
    return this.log.flatMap((line) => /\[FAIL_FAST\] (Retry attempt \d+\/\d+|.*? after \d+ attempts)/.exec(line)?.[0] ?? []);
  }

  async stop() {
    await this.#child.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  callPage(callSid) {
    return `${this.url}/calls/${callSid}`;
  }

  /** Registers a call. */
  async put(callSid, call) {
    const response = await fetch(`${this.url}/api/calls/${callSid}`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ from: "+15550100", to: "+15550199", direction: "inbound", ...call }),
    });
    if (!response.ok) throw new Error(`PUT ${callSid}: ${response.status} ${await response.text()}`);
  }

  /** Asks for the recording as a program would. */
  ask(callSid) {
    return fetch(`${this.url}/api/recordings/file/${callSid}`);
  }

  /** Has the recording fetched, and waits until it is ready. */
  async ready(callSid) {
    const response = await fetch(`${this.url}/api/recordings/file/${callSid}`, {
      headers: { prefer: "wait=30", range: "bytes=0-0" },
    });
    if (response.status !== 206) throw new Error(`${callSid} is not ready: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  }

  /** One call, with its recording and runs. */
  async call(callSid) {
    return this.#json(`/api/calls/${callSid}`);
  }

  /** The first page of the list. */
  async calls() {
    return (await this.#json("/api/calls?limit=100")).calls;
  }

  async #json(path) {
    const response = await fetch(this.url + path);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }
}
