/* One event stream per browser and merchant, shared by its tabs: a Web Lock elects the tab that holds it, a
   BroadcastChannel passes on what it hears. Every tab dispatches what happened as events on the body. */
const NAMES = [
  "draft:created", "draft:updated", "draft:ready", "draft:claimed", "draft:released", "draft:approved",
  "draft:undone", "draft:sent", "draft:reopened", "draft:rejected", "draft:superseded",
  "candidate:added", "candidate:extended", "ruleset:published", "knowledge:changed", "message:posted", "message:translated", "shopper:typing", "worker:changed", "resync",
  "conversation:updated", "conversation:needs_person", "conversation:assigned", "conversation:snoozed",
  "conversation:woken", "conversation:resolved", "conversation:reopened", "conversation:taken_over",
  "conversation:given_back", "conversation:tagged", "conversation:noted", "conversation:rated",
  "conversation:claimed", "conversation:released", "reply:written", "reply:undone", "reply:failed", "operator:typing",
  "autopilot:changed",
];
const ABOUT_THE_QUEUE = /^(draft:|autopilot:|message:posted|ruleset:published|knowledge:changed|resync)/;
const ABOUT_THE_INBOX = /^(conversation:|reply:|draft:(ready|sent|superseded|reopened)|message:posted|resync)/;
const QUEUE_PAUSE_MS = 250;
const REOPEN_MS = 5000;

export default function live(bar) {
  const { stream, channel: slug } = bar.dataset;
  const state = bar.querySelector("[data-live-state]");
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(`cs-portal:${slug}`) : null;
  let lastId = "";
  let caughtUp = false;
  let source = null;
  let leading = false;
  const timers = {};

  function tell(what) {
    if (what.kind === "state") {
      state.dataset.liveState = navigator.onLine ? what.state : "offline";
      if (state.dataset.liveState === "live") catchUp();
      else caughtUp = false;
      return;
    }
    lastId = what.id || lastId;
    dispatch(what.name, what.data);
    if (ABOUT_THE_QUEUE.test(what.name)) soon("queue:changed");
    if (ABOUT_THE_INBOX.test(what.name)) soon("inbox:changed");
  }

  // What happened while the stream was not open was told to nobody here: after the making of the page, or an outage.
  function catchUp() {
    if (caughtUp) return;
    caughtUp = true;
    if (document.getElementById("queue")) tell({ kind: "event", name: "resync", data: {} });
  }

  function soon(name) {
    clearTimeout(timers[name]);
    timers[name] = setTimeout(() => emit(name, {}), QUEUE_PAUSE_MS);
  }

  function share(what) {
    channel?.postMessage(what);
    tell(what);
  }

  function listen() {
    clearTimeout(timers.reopen);
    source?.close();
    if (!navigator.onLine) return;
    source = new EventSource(lastId ? `${stream}?last_event_id=${encodeURIComponent(lastId)}` : stream);
    source.addEventListener("open", () => share({ kind: "state", state: "live" }));
    source.addEventListener("error", () => {
      share({ kind: "state", state: "lost" });
      // A browser gives up for ever on any answer but 200: a server that restarts, say.
      if (source.readyState !== EventSource.CLOSED) return;
      timers.reopen = setTimeout(listen, REOPEN_MS + Math.random() * REOPEN_MS);
    });
    for (const name of NAMES) {
      source.addEventListener(name, (event) => {
        share({ kind: "event", name, id: event.lastEventId, data: event.data ? JSON.parse(event.data) : {} });
      });
    }
  }

  // An open stream does not notice by itself that the network is gone.
  window.addEventListener("offline", () => {
    source?.close();
    tell({ kind: "state", state: "lost" });
  });
  window.addEventListener("online", () => {
    tell({ kind: "state", state: "lost" });
    if (leading) listen();
  });

  if (channel) {
    channel.onmessage = (event) => {
      if (event.data.kind === "who") {
        if (leading) channel.postMessage({ kind: "state", state: state.dataset.liveState });
      } else tell(event.data);
    };
  }
  if (channel && navigator.locks) {
    channel.postMessage({ kind: "who" });
    navigator.locks.request(`cs-portal:${slug}`, () => {
      leading = true;
      listen();
      return new Promise(() => {});
    });
  } else {
    leading = true;
    listen();
  }
}

function dispatch(name, data) {
  emit(name, data);
  for (const id of [data.draft, data.conversation]) if (id) emit(`${name}:${id}`, data);
  if (name.startsWith("draft:") && data.draft) emit(`draft:moved:${data.draft}`, data);
  if (data.conversation && !name.endsWith(":typing")) emit(`conversation:moved:${data.conversation}`, data);
}

function emit(name, detail) {
  document.body.dispatchEvent(new CustomEvent(name, { detail }));
}
