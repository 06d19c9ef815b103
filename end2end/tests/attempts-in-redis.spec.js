// The attempts, where operators look for them.

import { expect, test } from "../support/fixtures.js";
import { Player } from "../support/player.js";
import { wav } from "../support/wav.js";

test("after the second attempt redis-cli shows 2, for at most ten minutes", async ({ page, provider, redis, start }) => {
  const server = await start({
    args: ["--no-worker"],
    settings: { TAPEDECK_JOB_TIMEOUT: "2s", TAPEDECK_REDIS_URL: redis.url },
  });
  await server.put("CA-redis", { recording_url: provider.serve("/redis.wav", wav(1)) });
  await page.goto(server.callPage("CA-redis"));
  const player = new Player(page, "CA-redis");

  await player.play();
  await expect(player.root).toHaveAttribute("data-attempt", "2", { timeout: 60_000 });

  const key = "recording_retry_attempts:CA-redis";
  expect(await redis.cli("GET", key)).toBe("2");
  const ttl = Number(await redis.cli("TTL", key));
  expect(ttl).toBeLessThanOrEqual(600);
  expect(ttl).toBeGreaterThan(590);
});
