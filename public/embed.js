// The messages between the framed player and the page around it (postMessage): docs/player.md, "Embedding". It observes
// the player from outside, and exchanges messages only with a parent page that may frame it.

const { call, problem, origins } = document.getElementById("embed").dataset;
const player = document.querySelector("[data-player]");
const audio = document.querySelector(".recording audio");
const parentOrigin = location.ancestorOrigins?.[0] ?? (document.referrer && new URL(document.referrer).origin);

/** Whether an origin is this one or one of the server's list; `https://*.example.com` covers all hosts below. */
function isAllowed(origin) {
  const [scheme, host] = origin.split("://");
  return [location.origin, ...origins.split(" ").filter(Boolean)].some((allowed) => {
    const [itsScheme, itsHost] = allowed.split("://");
    return scheme === itsScheme && (host === itsHost || (itsHost.startsWith("*.") && host?.endsWith(itsHost.slice(1))));
  });
}

function post(type, fields) {
  parent.postMessage({ source: "tapedeck", version: 1, call_sid: call, type, ...fields }, parentOrigin);
}

const postState = () => {
  const { state = "error", error = problem, attempt } = player?.dataset ?? {};
  post("state", { state, error: error ?? null, attempt: attempt === undefined ? null : Number(attempt) });
  // The page around it answers with a new token, as an attribute or a message.
  if (error === "link_expired") post("tokenexpired");
};

const postTime = () => {
  const { currentTime, duration, playbackRate, paused } = audio;
  post("time", { at: currentTime, duration: Number.isFinite(duration) ? duration : null, speed: playbackRate, paused });
};

const postHeight = () => post("height", { height: Math.ceil(document.querySelector("main").getBoundingClientRect().height) });

const within = (value, from, to) => Number.isFinite(value) && Math.min(to, Math.max(from, value));

/** The commands. Values that are not numbers are ignored. */
const commands = {
  // By the audio element: while it loads, the player is neither playing nor paused.
  play: () => audio.paused && press(),
  // During a wait, pause means cancel.
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

/** Opens the frame anew with this token, at the same position. A sound that plays goes on, and keeps its old token. */
function renew({ token }) {
  if (typeof token !== "string" || (audio && !audio.paused)) return;
  const url = new URL(location.href);
  url.searchParams.set("token", token);
  if (audio?.currentTime > 0) url.searchParams.set("t", Math.floor(audio.currentTime));
  location.replace(url);
}

const press = () => player.querySelector(".player__toggle").click();

if (parent !== window && parentOrigin && isAllowed(parentOrigin)) {
  postState();
  new ResizeObserver(postHeight).observe(document.querySelector("main"));
  if (player) {
    new MutationObserver(postState).observe(player, { attributeFilter: ["data-state", "data-error", "data-attempt"] });
    for (const event of ["timeupdate", "durationchange", "ratechange", "seeked"]) audio.addEventListener(event, postTime);
  }
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== parent || origin !== parentOrigin || data?.target !== "tapedeck") return;
    if (data.type === "token") renew(data);
    else if (player && Object.hasOwn(commands, data.type)) commands[data.type](data);
  });
}
