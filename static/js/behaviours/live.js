/* One event stream per browser and merchant, shared by its tabs: a Web Lock elects the tab that holds it, a
   BroadcastChannel passes on what it hears. Every tab dispatches what happened as events on the body. */
const NAMES = [
  "draft:created", "draft:updated", "draft:ready", "draft:claimed", "draft:released", "draft:approved",
  "draft:undone", "draft:sent", "draft:reopened", "draft:rejected", "draft:superseded",
  "candidate:added", "message:posted", "shopper:typing", "worker:changed", "resync",
];
const ABOUT_THE_QUEUE = /^(draft:|message:posted|resync)/;
const QUEUE_PAUSE_MS = 250;
const REOPEN_MS = 5000;

export default function live(bar) {
  const { stream, channel: slug } = bar.dataset;
  const state = bar.querySelector("[data-live-state]");
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(`cs-portal:${slug}`) : null;
  let lastId = "";
  let queueTimer = 0;

  function tell(what) {
    if (what.kind === "state") {
      state.dataset.liveState = what.state;
      return;
    }
    lastId = what.id || lastId;
    dispatch(what.name, what.data);
    if (ABOUT_THE_QUEUE.test(what.name)) {
      clearTimeout(queueTimer);
      queueTimer = setTimeout(() => emit("queue:changed", {}), QUEUE_PAUSE_MS);
    }
  }

  function share(what) {
    channel?.postMessage(what);
    tell(what);
  }

  function listen() {
    const source = new EventSource(lastId ? `${stream}?last_event_id=${encodeURIComponent(lastId)}` : stream);
    source.addEventListener("open", () => share({ kind: "state", state: "live" }));
    source.addEventListener("error", () => {
      share({ kind: "state", state: "lost" });
      // A browser gives up for ever on any answer but 200: a server that restarts, say.
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, REOPEN_MS + Math.random() * REOPEN_MS);
    });
    for (const name of NAMES) {
      source.addEventListener(name, (event) => {
        share({ kind: "event", name, id: event.lastEventId, data: event.data ? JSON.parse(event.data) : {} });
      });
    }
    return source;
  }

  if (channel) {
    channel.onmessage = (event) => {
      if (event.data.kind === "who") {
        if (leading) channel.postMessage({ kind: "state", state: state.dataset.liveState });
      } else tell(event.data);
    };
  }
  let leading = false;
  if (channel && navigator.locks) {
    channel.postMessage({ kind: "who" });
    navigator.locks.request(`cs-portal:${slug}`, () => {
      leading = true;
      listen();
      return new Promise(() => {});
    });
  } else listen();
}

function dispatch(name, data) {
  emit(name, data);
  for (const id of [data.draft, data.conversation]) if (id) emit(`${name}:${id}`, data);
  if (name.startsWith("draft:") && data.draft) emit(`draft:moved:${data.draft}`, data);
}

function emit(name, detail) {
  document.body.dispatchEvent(new CustomEvent(name, { detail }));
}
