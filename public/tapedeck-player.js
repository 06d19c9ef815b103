// <tapedeck-player sid="CA…"> for any page: the framed player, as high as it needs to be. See docs/player.md, "Embedding".
// A classic script: <script src="https://tapedeck.example.com/tapedeck-player.js" async></script>
(() => {
  const home = new URL(document.currentScript.src).origin;

  class TapedeckPlayer extends HTMLElement {
    static observedAttributes = ["sid", "server", "part", "t", "token", "lang", "theme"];
    #frame = document.createElement("iframe");
    #state; // undefined until the frame's first message; commands wait for it
    #waiting = [];
    #listener = (event) => this.#receive(event);

    connectedCallback() {
      this.style.display ||= "block";
      this.#frame.title = this.title || "Call recording";
      this.#frame.allow = "autoplay; clipboard-write";
      this.#frame.style.cssText = "display:block;width:100%;height:12rem;border:0";
      this.#load();
      this.append(this.#frame);
      addEventListener("message", this.#listener);
    }

    disconnectedCallback() {
      removeEventListener("message", this.#listener);
      this.#frame.remove();
    }

    attributeChangedCallback(name) {
      if (!this.isConnected || !this.#frame.isConnected) return;
      // A new token must not stop the sound: the frame takes it by message.
      if (name === "token" && this.#state) this.#post({ type: "token", token: this.getAttribute(name) });
      else this.#load();
    }

    play() {
      this.#post({ type: "play" });
    }

    pause() {
      this.#post({ type: "pause" });
    }

    seek(seconds) {
      this.#post({ type: "seek", at: seconds });
    }

    get #origin() {
      const server = this.getAttribute("server");
      if (server === null) return home;
      // Anything but an address counts as none: the frame then shows the answer of this script's server.
      return URL.canParse(server, document.baseURI) ? new URL(server, document.baseURI).origin : home;
    }

    #load() {
      const sid = this.getAttribute("sid");
      if (!sid) return;
      const url = new URL(`/embed/${encodeURIComponent(sid)}`, this.#origin);
      for (const name of ["part", "t", "token", "lang", "theme"]) {
        if (this.hasAttribute(name)) url.searchParams.set(name, this.getAttribute(name));
      }
      if (this.#frame.src === url.href) return;
      this.#state = undefined;
      this.#frame.src = url.href;
    }

    #post(message) {
      if (!this.#state) return this.#waiting.push(message);
      this.#frame.contentWindow?.postMessage({ target: "tapedeck", ...message }, this.#origin);
    }

    #setState(state) {
      this.#state = state;
      for (const message of this.#waiting.splice(0)) this.#post(message);
      if (state !== "playing") return;
      // One player at a time, as on tapedeck's pages.
      for (const other of document.querySelectorAll("tapedeck-player")) {
        if (other !== this && other.#state === "playing") other.pause();
      }
    }

    #receive({ source, origin, data }) {
      if (source !== this.#frame.contentWindow || origin !== this.#origin || data?.source !== "tapedeck") return;
      if (data.type === "state") this.#setState(data.state);
      if (data.type === "height") this.#frame.style.height = `${data.height}px`;
      else this.dispatchEvent(new CustomEvent(data.type, { detail: data }));
    }
  }

  if (!customElements.get("tapedeck-player")) customElements.define("tapedeck-player", TapedeckPlayer);
})();
