// What the framed player and the page around it tell each other by postMessage: docs/player.md, "Embedding". It watches
// the player from outside, as anybody could, and speaks only with the page around it, only if that may frame it.

const { call, problem, origins } = document.getElementById("embed").dataset;
const player = document.querySelector("[data-player]");
const audio = player?.querySelector("audio");
const around = location.ancestorOrigins?.[0] ?? (document.referrer && new URL(document.referrer).origin);

/** Whether an origin is this one or among those that the server named; `https://*.example.com` is all below. */
function isAllowed(origin) {
  const [scheme, host] = origin.split("://");
  return [location.origin, ...origins.split(" ").filter(Boolean)].some((allowed) => {
    const [itsScheme, itsHost] = allowed.split("://");
    return scheme === itsScheme && (host === itsHost || (itsHost.startsWith("*.") && host?.endsWith(itsHost.slice(1))));
  });
}

function tell(type, said) {
  parent.postMessage({ source: "tapedeck", version: 1, call_sid: call, type, ...said }, around);
}

const tellState = () => {
  const { state = "error", error = problem, attempt } = player?.dataset ?? {};
  tell("state", { state, error: error ?? null, attempt: attempt === undefined ? null : Number(attempt) });
};

const tellTime = () => {
  const { currentTime, duration, playbackRate, paused } = audio;
  tell("time", { at: currentTime, duration: Number.isFinite(duration) ? duration : null, speed: playbackRate, paused });
};

const tellHeight = () => tell("height", { height: Math.ceil(document.querySelector("main").getBoundingClientRect().height) });

const within = (value, from, to) => Number.isFinite(value) && Math.min(to, Math.max(from, value));

/** Each command: what it does with the message's own values. What is no number is ignored. */
const commands = {
  // The sound's own word: while it loads or runs out of bytes, the player says neither.
  play: () => audio.paused && press(),
  // Who waits no longer wants to be surprised by it: that is Cancel.
  pause: () => (audio.paused ? player.querySelector("[data-step=cancel]:not([hidden])")?.click() : press()),
  seek({ at }) {
    const to = within(at, 0, Infinity);
    if (to === false) return;
    if (audio.readyState > 0) audio.currentTime = to;
    else audio.addEventListener("loadedmetadata", () => (audio.currentTime = to), { once: true });
  },
  speed({ speed }) {
    const to = within(speed, 0.5, 3);
    if (to !== false) audio.defaultPlaybackRate = audio.playbackRate = to;
  },
  volume({ volume }) {
    const to = within(volume, 0, 1);
    if (to !== false) audio.volume = to;
  },
};

const press = () => player.querySelector(".player__toggle").click();

if (parent !== window && around && isAllowed(around)) {
  tellState();
  new ResizeObserver(tellHeight).observe(document.querySelector("main"));
  if (player) {
    new MutationObserver(tellState).observe(player, { attributeFilter: ["data-state", "data-error", "data-attempt"] });
    for (const event of ["timeupdate", "durationchange", "ratechange", "seeked"]) audio.addEventListener(event, tellTime);
    addEventListener("message", ({ source, origin, data }) => {
      if (source !== parent || origin !== around || data?.target !== "tapedeck") return;
      if (Object.hasOwn(commands, data.type)) commands[data.type](data);
    });
  }
}
