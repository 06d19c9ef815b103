// A program that a test starts, with what it prints, and that is gone when the test ends.

import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

// Colours, which programs leave out when nobody looks, but not all.
const COLOURS = /\u001b\[[0-9;]*m/g;

export class Child {
  /** All lines so far, of both outputs. */
  lines = [];
  #process;
  #ended;

  constructor(program, args, options = {}) {
    this.name = program;
    this.#process = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    this.#ended = new Promise((resolve) => {
      this.#process.once("error", (error) => resolve(error.message));
      this.#process.once("exit", (code, signal) => resolve(code ?? signal));
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) this.#read(stream);
  }

  #read(stream) {
    let rest = "";
    stream.setEncoding("utf8").on("data", (text) => {
      const lines = (rest + text).replace(COLOURS, "").split("\n");
      rest = lines.pop();
      this.lines.push(...lines);
    });
  }

  /** Waits until `is_up` gives true; fails if the program ends before, or takes longer than 30 s. */
  async until(isUp) {
    const deadline = Date.now() + 30_000;
    let end;
    this.#ended.then((code) => (end = code));
    while (!(await isUp())) {
      if (end !== undefined || Date.now() > deadline) {
        const how = end === undefined ? "is not up after 30 s" : `ended: ${end}`;
        throw new Error(`${this.name} ${how}\n${this.lines.join("\n")}`);
      }
      await delay(20);
    }
  }

  /** Asks it to end, insists after 10 s, and gives its exit code or the signal. */
  async stop() {
    this.#process.kill("SIGTERM");
    const insist = setTimeout(() => this.#process.kill("SIGKILL"), 10_000);
    const end = await this.#ended;
    clearTimeout(insist);
    return end;
  }
}
