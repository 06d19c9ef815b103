// Compares a call's page with wavesurfer.js, and runs Lighthouse. Prints lines `name value`, of which
// `cargo xtask bench` makes tables. TAPEDECK_PROGRAM and TAPEDECK_SITE_ROOT name the release build,
// TAPEDECK_PAGE_PEERS the folder with node_modules that has wavesurfer.js and Lighthouse.

import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Provider } from "../support/provider.js";
import { Tapedeck } from "../support/tapedeck.js";
import { conversation } from "../support/wav.js";
import { lighthouse } from "./lighthouse.js";
import { PLAYERS, load } from "./load.js";

const TIMES = 5;
const LENGTHS = { minute: 60, hour: 3600 };

const { TAPEDECK_PAGE_PEERS: peers, TAPEDECK_SITE_ROOT: built } = process.env;
const site = await mkdtemp(join(tmpdir(), "tapedeck-site-"));
await cp(built, site, { recursive: true });
// The server sends the peer's files as it sends ours: compressed and cacheable.
for (const file of [
  join(peers, "node_modules/wavesurfer.js/dist/wavesurfer.esm.js"),
  join(import.meta.dirname, "wavesurfer.html"),
  join(import.meta.dirname, "wavesurfer-page.js"),
]) {
  await cp(file, join(site, "pkg", basename(file)));
}

const provider = await Provider.start();
const server = await Tapedeck.start({ provider, settings: { LEPTOS_SITE_ROOT: site } });
try {
  for (const [name, seconds] of Object.entries(LENGTHS)) {
    const recording_url = provider.serve(`/${name}.wav`, conversation(seconds));
    await server.put(`CA-${name}`, { recording_url, duration_seconds: seconds });
    await server.ready(`CA-${name}`);
    // In turns, so that other load on the machine affects all of them.
    const figures = {};
    for (let time = 0; time < TIMES; time += 1) {
      for (const player of Object.keys(PLAYERS)) {
        for (const [what, value] of Object.entries(await load(player, server, `CA-${name}`))) {
          (figures[`${what}_${name}_${player}`] ??= []).push(value);
        }
        if (name !== "minute") continue;
        const { paint_ms, playable_ms } = await load(player, server, `CA-${name}`, true);
        for (const [what, value] of Object.entries({ paint_ms, playable_ms })) {
          (figures[`${what}_phone_${player}`] ??= []).push(value);
        }
      }
    }
    for (const [what, values] of Object.entries(figures)) console.log(what, median(values));
  }
  for (const form of ["mobile", "desktop"]) {
    const scores = await lighthouse(server.callPage("CA-minute"), form, peers);
    for (const [what, value] of Object.entries(scores)) console.log(`${what}_${form}`, value);
  }
} finally {
  await server.stop();
  await provider.stop();
  await rm(site, { recursive: true, force: true });
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}
