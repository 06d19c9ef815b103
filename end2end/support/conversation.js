// A call with two sides, as 16-bit PCM at telephone rate: the agent speaks on the first channel, the customer on the
// second, and for five seconds nobody does.

const RATE = 8000;

/** Who speaks from when to when, in seconds: 0 the agent, 1 the customer. */
const TURNS = [
  [0, 0, 3],
  [1, 3, 5],
  [0, 10, 12],
  [1, 12, 15],
];
export const SECONDS = 15;
export const SILENCE = { from: 5, to: 10 };

export function conversation() {
  const data = Buffer.alloc(SECONDS * RATE * 4);
  for (const [channel, from, to] of TURNS) {
    for (let n = from * RATE; n < to * RATE; n += 1) {
      const sample = 9000 * Math.sin((2 * Math.PI * (channel ? 300 : 500) * n) / RATE);
      data.writeInt16LE(Math.round(sample), n * 4 + channel * 2);
    }
  }
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20); // PCM
  head.writeUInt16LE(2, 22); // channels
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE * 4, 28); // bytes a second
  head.writeUInt16LE(4, 32); // bytes a frame
  head.writeUInt16LE(16, 34); // bits a sample
  head.write("data", 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}
