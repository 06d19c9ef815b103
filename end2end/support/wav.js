// Recordings that anyone can make, as 16-bit PCM at telephone rate (RIFF WAVE, format 1).

export const RATE = 8000;
export const HEADER = 44;

/** So many seconds of silence. */
export function empty(seconds, channels) {
  const frame = 2 * channels;
  const bytes = Buffer.alloc(HEADER + seconds * RATE * frame);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20); // PCM
  bytes.writeUInt16LE(channels, 22);
  bytes.writeUInt32LE(RATE, 24);
  bytes.writeUInt32LE(RATE * frame, 28); // bytes a second
  bytes.writeUInt16LE(frame, 32);
  bytes.writeUInt16LE(16, 34); // bits a sample
  bytes.write("data", 36);
  bytes.writeUInt32LE(bytes.length - HEADER, 40);
  return bytes;
}

/** A tone on one channel. */
export function wav(seconds, hertz = 440) {
  const bytes = empty(seconds, 1);
  const second = Buffer.alloc(RATE * 2);
  for (let n = 0; n < RATE; n += 1) {
    second.writeInt16LE(Math.round(3000 * Math.sin((2 * Math.PI * hertz * n) / RATE)), n * 2);
  }
  bytes.fill(second, HEADER);
  return bytes;
}

/**
 * Two people who take turns, one on each channel: bursts of voice-like sound a few syllables long, and
 * pauses. The same bytes each time; every half minute begins anew.
 */
export function conversation(seconds) {
  const bytes = empty(seconds, 2);
  const part = Buffer.alloc(Math.min(seconds, 30) * RATE * 4);
  for (let n = 0; n < part.length / 4; n += 1) {
    const at = n / RATE;
    const turn = at % 10;
    // The agent speaks first, then the customer; at the end of a turn nobody does.
    const channel = turn < 5 ? 0 : 1;
    const syllable = Math.sin(Math.PI * 3.1 * at) ** 2 * (0.4 + 0.6 * Math.sin(1.7 * at) ** 2);
    const loudness = turn % 5 < 4 ? 9000 * syllable : 0;
    const pitch = channel === 0 ? 120 : 210;
    const voice = [1, 2, 3, 5].reduce((sum, k) => sum + Math.sin(2 * Math.PI * pitch * k * at) / k, 0);
    part.writeInt16LE(Math.round((loudness * voice) / 2), n * 4 + channel * 2);
  }
  bytes.fill(part, HEADER);
  return bytes;
}
