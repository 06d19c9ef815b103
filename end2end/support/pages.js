// The pages of the scene's server, each by what it shows. A new page is a line here.

export const PAGES = {
  calls: "/",
  "no call matches": "/?q=nobody",
  call: "/calls/CA-ready",
  "no such call": "/calls/CA-unknown",
  "not a call id": "/calls/-%20",
  "no such page": "/nowhere",
};
