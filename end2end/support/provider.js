// The provider that tests fetch from: files at paths, as slow as a test wants, and a list of who asked.

import { createServer } from "node:http";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

export class Provider {
  /** The path of each request so far. */
  requests = [];
  #files = new Map();
  #server = createServer((request, response) => this.#answer(request, response));

  static async start() {
    const provider = new Provider();
    provider.#server.listen(0, "127.0.0.1");
    await once(provider.#server, "listening");
    provider.host = `127.0.0.1:${provider.#server.address().port}`;
    return provider;
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Puts bytes at a path and gives their address. They take `seconds` to be sent. */
  serve(path, bytes, { type = "audio/wav", seconds = 0 } = {}) {
    this.#files.set(path, { bytes, type, seconds });
    return `http://${this.host}${path}`;
  }

  /** The address of something that is not there, or answers with another status. */
  fail(path, status = 404) {
    this.#files.set(path, { status });
    return `http://${this.host}${path}`;
  }

  /** How often a path was asked for. */
  downloads(path) {
    return this.requests.filter((request) => request === path).length;
  }

  async #answer(request, response) {
    this.requests.push(request.url);
    const file = this.#files.get(request.url) ?? { status: 404 };
    if (file.status) return response.writeHead(file.status).end();
    const { bytes, type, seconds } = file;
    response.writeHead(200, { "content-type": type, "content-length": bytes.length });
    const parts = Math.max(1, Math.ceil(seconds * 10));
    const size = Math.ceil(bytes.length / parts);
    for (let at = 0; at < bytes.length && !response.destroyed; at += size) {
      if (seconds > 0) await delay(100);
      response.write(bytes.subarray(at, at + size));
    }
    response.end();
  }
}
