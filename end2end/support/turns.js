// A call of which it is known who speaks when: the agent on the first channel, the customer on the second, and for
// five seconds nobody does.

import { empty, HEADER, RATE } from "./wav.js";

/** Who speaks from when to when, in seconds: 0 the agent, 1 the customer. */
const TURNS = [
  [0, 0, 3],
  [1, 3, 5],
  [0, 10, 12],
  [1, 12, 15],
];
export const SECONDS = 15;
export const SILENCE = { from: 5, to: 10 };

export function turns() {
  const bytes = empty(SECONDS, 2);
  for (const [channel, from, to] of TURNS) {
    for (let n = from * RATE; n < to * RATE; n += 1) {
      const sample = 9000 * Math.sin((2 * Math.PI * (channel ? 300 : 500) * n) / RATE);
      bytes.writeInt16LE(Math.round(sample), HEADER + n * 4 + channel * 2);
    }
  }
  return bytes;
}
