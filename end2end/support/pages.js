// The pages of the harness's server, each by what it shows. A new page is a line here.

export const PAGES = {
  calls: "/",
  "no call matches": "/?q=nobody",
  call: "/calls/CA-ready",
  status: "/status",
  "in a frame": "/embed/CA-ready",
  "in a frame, no such call": "/embed/CA-unknown",
  "no such call": "/calls/CA-unknown",
  "not a call id": "/calls/-%20",
  "no such page": "/nowhere",
};
