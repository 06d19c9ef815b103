#!/usr/bin/env python3
"""Rebuilds the demo's recordings from their dialogues: conversation.mp3 and voicemail.mp3, next to this file.

Needs Debian's packages, and nothing from outside them:
    apt-get install --no-install-recommends python3 sox lame flite festival festvox-us-slt-hts
With the same versions of these the result is the same, byte for byte: no voice, noise or tag depends on chance or time.
"""

import array
import math
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import wave
from dataclasses import dataclass

HERE = pathlib.Path(__file__).resolve().parent

LINE_HZ = 8000  # what a telephone line samples at
MP3_HZ = 16000  # 8 kHz would be MPEG 2.5, an extension that not every decoder knows
SPEECH_DBFS = -17.5  # of each line while someone speaks; pauses don't count
NOISE_DBFS = -58.0  # of the line, all the time
CEILING_DBFS = -3.0  # no sample above it; the encoder adds a little
SILENCE_BELOW = 4.2  # powers of ten (of power) under a line's loudest moment: 42 dB
LONGEST_PAUSE_SECONDS = 0.36  # within a line
TAIL_SECONDS = 0.9  # of line noise after the last word

# Festival's lexicon would spell it: em, aitch, em.
LISTENING = '(lex.add.entry (quote ("mhm" n (((m) 0) ((hh ax m) 1)))))'


def festival_slt(text, out):
    """The agent: female, General American. Of Debian's female voices the one whose pitch moves most."""
    voice = f"(begin (voice_cmu_us_slt_arctic_hts) {LISTENING})"
    run("text2wave", "-eval", voice, "-o", out, stdin=text)


def flite_rms(text, out):
    """The customer: male, General American, deep."""
    run("flite", "-voice", "rms", "--setf", "duration_stretch=0.93", "-t", text, "-o", out)


def flite_awb(text, out):
    """Who leaves the voicemail: male, Scottish."""
    run("flite", "-voice", "awb", "--setf", "duration_stretch=1.04", "-t", text, "-o", out)


@dataclass(frozen=True)
class Part:
    channel: int
    speak: object


@dataclass(frozen=True)
class Recording:
    name: str
    title: str
    parts: dict
    kbps: int

    @property
    def channels(self):
        return 1 + max(part.channel for part in self.parts.values())


RECORDINGS = [
    Recording(
        "conversation",
        "A call to the bicycle workshop",
        {"agent": Part(0, festival_slt), "customer": Part(1, flite_rms)},
        kbps=40,
    ),
    Recording("voicemail", "A message for the bicycle workshop", {"caller": Part(0, flite_awb)}, kbps=24),
]


def run(*command, stdin=None):
    subprocess.run([str(word) for word in command], input=stdin, text=True, check=True)


def sox(*words):
    # -R: the same random numbers each time; -D: no dither.
    run("sox", "-V1", "-R", "-D", *words)


def read_dialogue(path, parts):
    """Yields (speaker, pause in seconds, text)."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(r"(\w+)\s+([+-]\d+\.\d+): (.+)", line)
        if not match or match[1] not in parts:
            sys.exit(f"{path.name}:{number}: expected '<speaker> <pause>: <text>', speaker one of {', '.join(parts)}")
        yield match[1], float(match[2]), match[3]


def through_the_line(spoken, out):
    """Narrows a voice to a telephone's band, and levels it as a handset and the network do."""
    sox(
        spoken, "-r", LINE_HZ, "-c", 1, "-b", 16, out,
        "gain", -6, "rate", "-v", LINE_HZ, "sinc", "300-3400",
        "compand", "0.005,0.12", "6:-60,-60,-30,-24,-12,-11,0,-7", 0, -20, 0.005,
    )  # fmt: skip


def samples(path):
    with wave.open(str(path)) as sound:
        return array.array("h", sound.readframes(sound.getnframes()))


def powers(sound, frame):
    """Mean square of each frame of so many samples; what is left over at the end is dropped."""
    return [sum(s * s for s in sound[i : i + frame]) / frame for i in range(0, len(sound) - frame + 1, frame)]


def tightened(sound):
    """Cuts the silence off both ends, and the excess out of pauses that no one would make on the telephone."""
    frame = LINE_HZ // 100
    loudness = powers(sound, frame)
    threshold = max(loudness) / 10**SILENCE_BELOW
    spoken = [i for i, power in enumerate(loudness) if power > threshold]
    kept, margin = array.array("h"), 2
    longest = round(LONGEST_PAUSE_SECONDS * 100)
    for i in range(max(0, spoken[0] - margin), min(len(loudness), spoken[-1] + 1 + margin)):
        before = max((j for j in spoken if j <= i), default=i)
        after = min((j for j in spoken if j >= i), default=i)
        # Of a pause its two ends stay, which hold what rings on and what swells up.
        if min(i - before, after - i) * 2 <= longest:
            kept.extend(sound[i * frame : (i + 1) * frame])
    return kept


def speech_dbfs(sound):
    """RMS level over the 20 ms frames that are within 25 dB of the loudest: the speech without its pauses."""
    frames = powers(sound, LINE_HZ // 50)
    loud = [power for power in frames if power > max(frames) / 10**2.5]
    return 10 * math.log10(sum(loud) / len(loud) / 32768**2)


def limited(value, ceiling):
    """Passes what is under three quarters of the ceiling; bends what is above, so that it never reaches the ceiling."""
    knee = 0.75 * ceiling
    if abs(value) <= knee:
        return value
    room = ceiling - knee
    return math.copysign(knee + room * math.tanh((abs(value) - knee) / room), value)


def line_noise(length, seed):
    """Faint hiss, darker than white noise, another one for each channel: the same on both would sound like one room."""
    chance = random.Random(seed)
    noise, low = [], 0.0
    for _ in range(length):
        low = 0.7 * low + chance.gauss(0, 1)
        noise.append(low)
    # A one-pole low-pass with coefficient a has the variance 1 / (1 - a²).
    scale = 32768 * 10 ** (NOISE_DBFS / 20) * math.sqrt(1 - 0.7**2)
    return [scale * value for value in noise]


def perform(recording, scratch):
    """Speaks every line and puts it in its place; returns one list of samples a channel."""
    placed, everyone_done = [], 0
    for number, (speaker, pause, text) in enumerate(read_dialogue(HERE / f"{recording.name}.txt", recording.parts)):
        spoken, heard = scratch / f"{number}.wav", scratch / f"{number}-line.wav"
        part = recording.parts[speaker]
        part.speak(text, spoken)
        through_the_line(spoken, heard)
        sound = tightened(samples(heard))
        start = max(0, everyone_done + round(pause * LINE_HZ))
        end = start + len(sound)
        everyone_done = max(everyone_done, end)
        placed.append((part.channel, start, sound))
        print(f"{start / LINE_HZ:6.2f} - {end / LINE_HZ:6.2f} s  {speaker:8}  {text}")

    length = everyone_done + round(TAIL_SECONDS * LINE_HZ)
    mix = [line_noise(length, f"{recording.name} {channel}") for channel in range(recording.channels)]
    ceiling = 32768 * 10 ** (CEILING_DBFS / 20)
    for channel, start, sound in placed:
        gain = 10 ** ((SPEECH_DBFS - speech_dbfs(sound)) / 20)
        for offset, sample in enumerate(sound):
            mix[channel][start + offset] += limited(gain * sample, ceiling)
    return mix


def write_wav(mix, path):
    interleaved = array.array("h", (round(max(-32768, min(32767, s))) for frame in zip(*mix) for s in frame))
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(len(mix))
        sound.setsampwidth(2)
        sound.setframerate(LINE_HZ)
        sound.writeframes(interleaved.tobytes())


def encode(recording, mix, scratch):
    linear, ulaw, wide = scratch / "linear.wav", scratch / "ulaw.wav", scratch / "wide.wav"
    write_wav(mix, linear)
    # G.711 there and back, for the grain that a telephone adds.
    sox(linear, "-e", "u-law", ulaw)
    sox(ulaw, "-e", "signed", "-b", 16, "-r", MP3_HZ, wide, "gain", -0.5, "rate", "-v", MP3_HZ)
    # -m s: left and right apart, where joint stereo would let one bleed into the other.
    # Constant rate: a player that knows the length finds every second without a table.
    run(
        "lame", "--quiet", "-m", "s" if recording.channels == 2 else "m", "--cbr", "-b", recording.kbps, "-q", 2,
        "--noreplaygain", "--id3v2-only", "--id3v2-latin1", "--tt", recording.title, "--ta", "Synthesised voices", "--tc", "CC0 1.0",
        wide, HERE / f"{recording.name}.mp3",
    )  # fmt: skip


def main():
    for recording in RECORDINGS:
        print(f"{recording.name}.mp3")
        with tempfile.TemporaryDirectory() as folder:
            scratch = pathlib.Path(folder)
            encode(recording, perform(recording, scratch), scratch)


if __name__ == "__main__":
    main()
