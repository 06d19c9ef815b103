// What tests start from. All of it is stopped when a test ends, and a failed one keeps the log.

import { test as base } from "@playwright/test";
import { Provider } from "./provider.js";
import { Redis } from "./redis.js";
import { StateHarness } from "./states.js";
import { Tapedeck } from "./tapedeck.js";

export { expect } from "@playwright/test";

export const test = base.extend({
  /** A provider of recordings. */
  provider: async ({}, use) => {
    const provider = await Provider.start();
    await use(provider);
    await provider.stop();
  },

  /** The states of a player, all on one server. */
  harness: [
    async ({}, use) => {
      const harness = await StateHarness.start();
      await use(harness);
      await harness.stop();
    },
    { scope: "worker" },
  ],

  /** An empty Redis. */
  redis: async ({}, use) => {
    const redis = await Redis.start();
    await use(redis);
    await redis.stop();
  },

  /** Starts a tapedeck that may fetch from the provider. */
  start: async ({ provider }, use, testInfo) => {
    const servers = [];
    await use(async (options) => {
      const server = await Tapedeck.start({ provider, ...options });
      servers.push(server);
      return server;
    });
    for (const server of servers) {
      if (testInfo.status !== testInfo.expectedStatus) {
        await testInfo.attach("tapedeck's log", { body: server.log.join("\n") });
        console.log(server.log.join("\n"));
      }
      await server.stop();
    }
  },
});
