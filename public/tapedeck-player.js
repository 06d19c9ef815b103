// <tapedeck-player sid="CA…"> for any page: the framed player, as high as it needs to be. See docs/player.md, "Embedding".
// A classic script: <script src="https://tapedeck.example.com/tapedeck-player.js" async></script>
(() => {
  const home = new URL(document.currentScript.src).origin;

  class TapedeckPlayer extends HTMLElement {
    static observedAttributes = ["sid", "server", "t", "lang", "theme"];
    #frame = document.createElement("iframe");
    #state; // none until the frame has spoken: what it is told before waits
    #waiting = [];
    #hear = (event) => this.#take(event);

    connectedCallback() {
      this.style.display ||= "block";
      this.#frame.title = this.title || "Call recording";
      this.#frame.allow = "autoplay; clipboard-write";
      this.#frame.style.cssText = "display:block;width:100%;height:12rem;border:0";
      this.#load();
      this.append(this.#frame);
      addEventListener("message", this.#hear);
    }

    disconnectedCallback() {
      removeEventListener("message", this.#hear);
      this.#frame.remove();
    }

    attributeChangedCallback() {
      if (this.isConnected && this.#frame.isConnected) this.#load();
    }

    play() {
      this.#tell({ type: "play" });
    }

    pause() {
      this.#tell({ type: "pause" });
    }

    seek(seconds) {
      this.#tell({ type: "seek", at: seconds });
    }

    get #origin() {
      const server = this.getAttribute("server");
      if (server === null) return home;
      // What is no address is as good as none: the frame then shows what this script's own server says.
      return URL.canParse(server, document.baseURI) ? new URL(server, document.baseURI).origin : home;
    }

    #load() {
      const sid = this.getAttribute("sid");
      if (!sid) return;
      const url = new URL(`/embed/${encodeURIComponent(sid)}`, this.#origin);
      for (const name of ["t", "lang", "theme"]) {
        if (this.hasAttribute(name)) url.searchParams.set(name, this.getAttribute(name));
      }
      if (this.#frame.src === url.href) return;
      this.#state = undefined;
      this.#frame.src = url.href;
    }

    #tell(message) {
      if (!this.#state) return this.#waiting.push(message);
      this.#frame.contentWindow?.postMessage({ target: "tapedeck", ...message }, this.#origin);
    }

    #hearState(state) {
      this.#state = state;
      for (const message of this.#waiting.splice(0)) this.#tell(message);
      if (state !== "playing") return;
      // One at a time on a page, as on ours.
      for (const other of document.querySelectorAll("tapedeck-player")) {
        if (other !== this && other.#state === "playing") other.pause();
      }
    }

    #take({ source, origin, data }) {
      if (source !== this.#frame.contentWindow || origin !== this.#origin || data?.source !== "tapedeck") return;
      if (data.type === "state") this.#hearState(data.state);
      if (data.type === "height") this.#frame.style.height = `${data.height}px`;
      else this.dispatchEvent(new CustomEvent(data.type, { detail: data }));
    }
  }

  if (!customElements.get("tapedeck-player")) customElements.define("tapedeck-player", TapedeckPlayer);
})();
