// A real redis-server on a free port, and redis-cli to look into it.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Child } from "./child.js";
import { freePort } from "./free-port.js";

const run = promisify(execFile);

export class Redis {
  #child;
  #port;

  static async start() {
    const redis = new Redis();
    redis.#port = await freePort();
    const args = ["--port", redis.#port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    redis.#child = new Child("redis-server", args.map(String));
    redis.url = `redis://127.0.0.1:${redis.#port}`;
    await redis.#child.until(async () => (await redis.cli("PING").catch(() => "")) === "PONG");
    return redis;
  }

  /** What redis-cli prints. */
  async cli(...words) {
    const { stdout } = await run("redis-cli", ["-h", "127.0.0.1", "-p", String(this.#port), ...words]);
    return stdout.trim();
  }

  async stop() {
    await this.#child.stop();
  }
}
