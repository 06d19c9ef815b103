// Recordings that anyone can make: a tone as 16-bit mono at telephone rate (RIFF WAVE, format 1).

const RATE = 8000;

export function wav(seconds, hertz = 440) {
  const bytes = Buffer.alloc(44 + seconds * RATE * 2);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20); // PCM
  bytes.writeUInt16LE(1, 22); // channels
  bytes.writeUInt32LE(RATE, 24);
  bytes.writeUInt32LE(RATE * 2, 28); // bytes a second
  bytes.writeUInt16LE(2, 32); // bytes a frame
  bytes.writeUInt16LE(16, 34); // bits a sample
  bytes.write("data", 36);
  bytes.writeUInt32LE(bytes.length - 44, 40);
  const second = Buffer.alloc(RATE * 2);
  for (let n = 0; n < RATE; n += 1) {
    second.writeInt16LE(Math.round(3000 * Math.sin((2 * Math.PI * hertz * n) / RATE)), n * 2);
  }
  bytes.fill(second, 44);
  return bytes;
}
