/* CS Portal: draws the launcher in the shop's page and opens the chat, an iframe of the portal's origin.
   Public API: CSPortal(command, ...); see docs/embed.md. */
(function () {
  "use strict";

  var script = document.currentScript;
  var early = window.CSPortal;
  if (!script || (early && early.loaded)) return;

  /* The portal replaces the empty object with the labels in every language it speaks. */
  var LABELS = {/* labels */};
  var MEMORY = "csportal";
  var FULL_SCREEN = matchMedia("(max-width: 480px), (max-height: 420px)");

  var settings = Object.assign({}, script.dataset);
  var portal = new URL(script.src).origin;
  if (!settings.storefront) {
    console.error("CS Portal: the script tag needs data-storefront.");
    return;
  }

  var queue = (early && early.q) || []; /* calls until the launcher stands */
  var listeners = {};
  var look = {}; /* the storefront's own look: what neither the script tag nor update() says */
  var opened = false;
  var quiet = false;
  var gone = false;
  var unread = 0;
  var frame = null;
  var frameReady = false;

  var host = document.createElement("div");
  host.id = "csportal";
  var root = host.attachShadow({ mode: "open" });
  var panel = element("div", "panel");
  var button = element("button", "launcher");
  var icon = element("span", "icon");
  var text = element("span", "text");
  var badge = element("span", "badge");

  function element(tag, name) {
    var made = document.createElement(tag);
    made.className = name;
    return made;
  }

  /* The entry of the shopper's language, in a table by language. */
  function spoken(table) {
    var wanted = String(locale() || look.locale || navigator.language || "").toLowerCase();
    var known = Object.keys(table).find(function (code) {
      return wanted.slice(0, 2) === code.slice(0, 2);
    });
    return table[known] || table[look.locale] || table.en || "";
  }

  function label(key) {
    return spoken(LABELS)[key];
  }

  function locale() {
    return settings.locale || document.documentElement.lang;
  }

  function launcher() {
    return settings.launcher == null ? spoken(look.launcher || {}) : settings.launcher;
  }

  function remember(value) {
    /* The shop's own session storage holds one word, so that the chat is still there on its next page. */
    try {
      if (value) sessionStorage.setItem(MEMORY, value);
      else sessionStorage.removeItem(MEMORY);
    } catch (error) { /* storage is off: the chat starts closed */ }
  }

  function remembered() {
    try {
      return sessionStorage.getItem(MEMORY);
    } catch (error) {
      return null;
    }
  }

  /* ---- look ---- */

  var CSS =
    /* Inside a shadow tree !important wins over the page's own !important. */
    ":host{all:initial!important;position:fixed!important;inset-block-end:0!important;inset-inline-end:0!important;" +
    "z-index:2147483000!important;color-scheme:light dark!important}" +
    "*{box-sizing:border-box;margin:0}" +
    ".launcher{position:fixed;inset-block-end:20px;inset-inline-end:20px;display:flex;align-items:center;gap:8px;" +
    "block-size:52px;min-inline-size:52px;padding:0 14px;border:0;border-radius:26px;cursor:pointer;" +
    "background:var(--accent);color:var(--on-accent);" +
    "font:600 15px/1 -apple-system,'Segoe UI',Roboto,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;" +
    "box-shadow:0 1px 2px #0003,0 6px 20px #00000038;transition:transform .15s}" +
    ".launcher:hover{transform:translateY(-1px)}" +
    ".launcher:focus-visible{outline:3px solid var(--accent);outline-offset:3px}" +
    ".icon,.icon svg{display:block;inline-size:24px;block-size:24px}" +
    ".text:empty{display:none}.text{padding-inline-end:4px;white-space:nowrap}" +
    ".badge{position:absolute;inset-block-start:-4px;inset-inline-end:-4px;min-inline-size:20px;block-size:20px;" +
    "padding:0 5px;border-radius:10px;background:#c62828;color:#fff;font-size:12px;line-height:20px;text-align:center}" +
    ".badge:empty{display:none}" +
    ".panel{position:fixed;inset-block-end:84px;inset-inline-end:20px;inline-size:392px;" +
    "block-size:min(660px,calc(100vh - 104px));border-radius:16px;overflow:hidden;background:Canvas;" +
    "box-shadow:0 0 0 1px #00000014,0 12px 48px #00000038;visibility:hidden;opacity:0;transform:translateY(8px);" +
    "transition:opacity .15s,transform .15s,visibility 0s .15s}" +
    ".open .panel{visibility:visible;opacity:1;transform:none;transition:opacity .15s,transform .15s}" +
    "iframe{display:block;inline-size:100%;block-size:100%;border:0;color-scheme:light dark}" +
    ".left .launcher,.left .panel{left:20px;right:auto}.right .launcher,.right .panel{right:20px;left:auto}" +
    "@media (max-width:480px),(max-height:420px){.widget .panel{inset:0;inline-size:100%;block-size:100vh;" +
    "block-size:100dvh;border-radius:0}.open .launcher{display:none}}" +
    "@media (prefers-reduced-motion:reduce){.panel,.open .panel,.launcher{transition:none;transform:none}}" +
    "@media print{:host{display:none!important}}";

  var CHAT_ICON = "M4 4h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2Z";
  var DOWN_ICON = "m5 9 7 7 7-7";

  function style() {
    try {
      /* A constructed sheet passes a shop's strict style-src; a <style> element would not. */
      var sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
      root.adoptedStyleSheets = [sheet];
    } catch (error) {
      root.appendChild(document.createElement("style")).textContent = CSS;
    }
  }

  function drawIcon(path) {
    var space = "http://www.w3.org/2000/svg";
    var svg = document.createElementNS(space, "svg");
    var shape = document.createElementNS(space, "path");
    var look = { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": "2" };
    Object.keys(look).forEach(function (name) { svg.setAttribute(name, look[name]); });
    svg.setAttribute("stroke-linejoin", "round");
    svg.setAttribute("stroke-linecap", "round");
    svg.setAttribute("aria-hidden", "true");
    shape.setAttribute("d", path);
    svg.appendChild(shape);
    icon.replaceChildren(svg);
  }

  function onAccent(accent) {
    /* White or black, whichever contrasts more (WCAG 2.2 relative luminance). */
    var light = [1, 3, 5].map(function (at) {
      var part = parseInt(accent.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : Math.pow((part + 0.055) / 1.055, 2.4);
    });
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] > 0.179 ? "#000" : "#fff";
  }

  function draw() {
    var accent = [settings.accent, look.accent, "#2b3440"].find(function (colour) {
      return /^#[0-9a-f]{6}$/i.test(colour);
    });
    host.style.setProperty("--accent", accent);
    host.style.setProperty("--on-accent", onAccent(accent));
    var position = settings.position || look.position;
    widget.className = "widget" + (opened ? " open" : "") + (/^(left|right)$/.test(position) ? " " + position : "");
    drawIcon(opened ? DOWN_ICON : CHAT_ICON);
    text.textContent = opened ? "" : launcher();
    badge.textContent = opened || !unread ? "" : unread > 9 ? "9+" : String(unread);
    var name = opened ? label("close") : launcher() || label("open");
    if (badge.textContent) name += ", " + label("unread").replace("{n}", unread);
    button.setAttribute("aria-label", name);
    button.title = name;
    button.setAttribute("aria-expanded", String(opened));
    panel.setAttribute("aria-label", label("title"));
    if (FULL_SCREEN.matches) panel.setAttribute("aria-modal", "true");
    else panel.removeAttribute("aria-modal");
  }

  /* ---- the iframe ---- */

  function address() {
    var url = new URL("/chat/" + encodeURIComponent(settings.storefront) + "/", portal);
    var query = { origin: location.origin, locale: locale(), accent: settings.accent, look: settings.look };
    Object.keys(query).forEach(function (name) {
      if (query[name]) url.searchParams.set(name, query[name]);
    });
    return url.href;
  }

  function load() {
    if (frame) return;
    var made = (frame = document.createElement("iframe"));
    frameReady = false;
    frame.title = label("title");
    frame.setAttribute("referrerpolicy", "strict-origin");
    frame.src = address();
    panel.replaceChildren(frame);
    setTimeout(function () {
      if (frame === made && !frameReady) console.error("CS Portal: no answer from the chat. Is " + location.origin + " an allowed origin of the storefront?");
    }, 15000);
  }

  function post(type, data) {
    if (frame && frameReady) frame.contentWindow.postMessage(Object.assign({ csportal: type }, data), portal);
  }

  function state() {
    return { opened: opened, quietly: quiet, fullScreen: FULL_SCREEN.matches, cart: carts().length > 0 };
  }

  function receive(event) {
    if (event.origin !== portal || !frame || event.source !== frame.contentWindow || !event.data) return;
    var type = event.data.csportal;
    var detail = event.data.detail;
    if (type === "hello") {
      frameReady = true;
      post("start", Object.assign({ identity: settings.identity || null }, state()));
      tell("ready");
    } else if (type === "close") {
      close();
    } else if (type === "unread") {
      unread = Math.max(0, Number(detail) || 0);
      draw();
      tell("unread", unread);
    } else if (type === "add_to_cart") {
      addToCart(detail, event.data.call);
    } else if (/^(message|identified|product:clicked|error)$/.test(type)) {
      tell(type, detail);
    }
  }

  /* ---- commands ---- */

  function tell(name, detail) {
    (listeners[name] || []).slice().forEach(function (listener) {
      try {
        listener(detail);
      } catch (error) {
        setTimeout(function () { throw error; });
      }
    });
  }

  function carts() {
    return listeners.add_to_cart || [];
  }

  /* What the shop answers goes back to the card's button: false, or a failure, is a no. */
  function addToCart(detail, call) {
    function answer(added) {
      post("added", { call: call, added: added });
    }
    Promise.all(carts().map(function (listener) {
      return new Promise(function (done) { done(listener(detail)); });
    })).then(function (answers) {
      answer(answers.length > 0 && answers.indexOf(false) < 0);
    }, function (error) {
      answer(false);
      throw error;
    });
  }

  function open(quietly) {
    if (opened) return;
    opened = true;
    /* The chat that comes back on the shop's next page must not take the focus there. */
    quiet = quietly === true;
    remember("open");
    load();
    draw();
    if (!quiet) frame.focus();
    post("shown", state());
    tell("open");
  }

  function close() {
    if (!opened) return;
    var hadFocus = document.activeElement === host;
    opened = false;
    remember("used");
    draw();
    if (hadFocus) button.focus();
    post("hidden", state());
    tell("close");
  }

  function resized() {
    draw();
    post("resized", state());
  }

  var commands = {
    open: function () { open(); },
    close: close,
    toggle: function () { (opened ? close : open)(); },
    identify: function (token) {
      settings.identity = token || "";
      post("identify", { identity: settings.identity || null });
    },
    update: function (changes) {
      var before = address();
      var identity = settings.identity;
      Object.assign(settings, changes, { storefront: settings.storefront });
      draw();
      if (frame && address() !== before) {
        frame = null;
        load();
      } else if (settings.identity !== identity) {
        commands.identify(settings.identity);
      }
    },
    on: function (name, listener) {
      (listeners[name] = listeners[name] || []).push(listener);
      post("resized", state());
    },
    off: function (name, listener) {
      listeners[name] = (listeners[name] || []).filter(function (known) { return listener && known !== listener; });
      post("resized", state());
    },
    destroy: function () {
      gone = true;
      frame = null;
      removeEventListener("message", receive);
      FULL_SCREEN.removeEventListener("change", resized);
      host.remove();
      remember("");
      listeners = {};
      delete window.CSPortal;
    },
  };

  function CSPortal(command) {
    if (gone) return;
    if (queue) {
      queue.push(arguments);
      return;
    }
    if (!Object.prototype.hasOwnProperty.call(commands, command)) {
      console.error("CS Portal: there is no command " + command + ".");
      return;
    }
    commands[command].apply(null, Array.prototype.slice.call(arguments, 1));
  }
  CSPortal.loaded = true;

  /* ---- start ---- */

  var widget = element("div", "widget");
  panel.id = "panel";
  panel.setAttribute("role", "dialog");
  button.type = "button";
  button.setAttribute("aria-controls", "panel");
  button.append(icon, text, badge);
  widget.append(button, panel);
  style();
  root.appendChild(widget);
  button.addEventListener("click", commands.toggle);
  widget.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && opened) close();
  });
  addEventListener("message", receive);
  FULL_SCREEN.addEventListener("change", resized);
  window.CSPortal = CSPortal;

  function start() {
    if (gone) return;
    draw();
    document.body.appendChild(host);
    var calls = queue;
    queue = null;
    calls.forEach(function (call) { CSPortal.apply(null, call); });
    if (gone) return;
    if (location.hash === "#csportal=open") open();
    else if (remembered() === "open") open(true);
    else if (remembered()) load();
  }

  /* The storefront's look comes as a script, which the shop's policy lets in as it did this one. Without it: ours. */
  var source = document.createElement("script");
  source.onload = source.onerror = function () {
    look = source.look || {};
    source.remove();
    if (document.body) start();
    else addEventListener("DOMContentLoaded", start);
  };
  try {
    source.nonce = script.nonce;
    source.src = portal + "/widget/" + encodeURIComponent(settings.storefront) + ".js";
    document.head.appendChild(source);
  } catch (error) { /* the page demands trusted types */
    source.onerror();
  }
})();
