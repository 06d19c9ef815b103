// The peer's page: wavesurfer.js as its documentation has it. `?sid=` names the call; `&peaks` gives it the
// server's peaks, as is advised for long recordings. Fires "playable" at the document when it can play.

import WaveSurfer from "./wavesurfer.esm.js";

const query = new URLSearchParams(location.search);
const sid = query.get("sid");
const waveform = query.has("peaks") ? await peaksOf(sid) : {};

const player = WaveSurfer.create({
  container: "#waveform",
  url: `/api/recordings/file/${sid}`,
  splitChannels: [{}, {}],
  ...waveform,
});
document.querySelector("button").addEventListener("click", () => player.playPause());
player.once("ready", () => document.dispatchEvent(new Event("playable")));

/** audiowaveform's .dat, version 2: a header of six 32-bit words, then a least and a most of each pixel and channel. */
async function peaksOf(sid) {
  const bytes = await (await fetch(`/api/recordings/peaks/${sid}`)).arrayBuffer();
  const [, flags, rate, samplesPerPixel, pixels, channels] = new Int32Array(bytes, 0, 6);
  const values = flags & 1 ? new Int8Array(bytes, 24) : new Int16Array(bytes, 24);
  const most = flags & 1 ? 128 : 32768;
  const peaks = Array.from({ length: channels }, (_, channel) =>
    Float32Array.from({ length: pixels }, (_, pixel) => values[(pixel * channels + channel) * 2 + 1] / most),
  );
  return { peaks, duration: (pixels * samplesPerPixel) / rate };
}
