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

  var listeners = {};
  var opened = false;
  var quiet = false;
  var unread = 0;
  var frame = null;
  var frameReady = false;
  var reportedAccent = "";

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

  function label(key) {
    var wanted = String(locale() || navigator.language || "").toLowerCase();
    var known = Object.keys(LABELS).find(function (code) {
      return wanted.slice(0, 2) === code.slice(0, 2);
    });
    return (LABELS[known] || LABELS.en || {})[key] || "";
  }

  function locale() {
    return settings.locale || document.documentElement.lang;
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
    var wanted = settings.accent || reportedAccent;
    var accent = /^#[0-9a-f]{6}$/i.test(wanted) ? wanted : "#2b3440";
    host.style.setProperty("--accent", accent);
    host.style.setProperty("--on-accent", onAccent(accent));
    widget.className = "widget" + (opened ? " open" : "") + (/^(left|right)$/.test(settings.position) ? " " + settings.position : "");
    drawIcon(opened ? DOWN_ICON : CHAT_ICON);
    text.textContent = opened ? "" : settings.launcher || "";
    badge.textContent = opened || !unread ? "" : unread > 9 ? "9+" : String(unread);
    var name = opened ? label("close") : settings.launcher || label("open");
    button.setAttribute("aria-label", badge.textContent ? name + ", " + unread + " " + label("unread") : name);
    button.setAttribute("aria-expanded", String(opened));
    panel.setAttribute("aria-label", label("title"));
    if (FULL_SCREEN.matches) panel.setAttribute("aria-modal", "true");
    else panel.removeAttribute("aria-modal");
  }

  /* ---- the iframe ---- */

  function load() {
    if (frame) return;
    frame = document.createElement("iframe");
    frameReady = false;
    var address = new URL("/chat/" + encodeURIComponent(settings.storefront) + "/", portal);
    address.searchParams.set("origin", location.origin);
    if (locale()) address.searchParams.set("locale", locale());
    frame.title = label("title");
    frame.setAttribute("referrerpolicy", "strict-origin");
    frame.src = address.href;
    panel.replaceChildren(frame);
    setTimeout(function () {
      if (frame && !frameReady) console.error("CS Portal: no answer from the chat. Is " + location.origin + " an allowed origin of the storefront?");
    }, 15000);
  }

  function reload() {
    if (!frame) return;
    frame.remove();
    frame = null;
    load();
  }

  function post(type, data) {
    if (frame && frameReady) frame.contentWindow.postMessage(Object.assign({ csportal: type }, data), portal);
  }

  function state() {
    return { opened: opened, quietly: quiet, fullScreen: FULL_SCREEN.matches };
  }

  function receive(event) {
    if (event.origin !== portal || !frame || event.source !== frame.contentWindow || !event.data) return;
    var data = event.data;
    if (data.csportal === "hello") {
      frameReady = true;
      reportedAccent = String(data.accent || "");
      draw();
      post("start", Object.assign({ identity: settings.identity || null }, state()));
      tell("ready");
    } else if (data.csportal === "close") {
      close();
    } else if (data.csportal === "unread") {
      unread = Math.max(0, Number(data.count) || 0);
      draw();
      tell("unread", unread);
    } else if (data.csportal === "message") {
      tell("message", { author: String(data.author) });
    } else if (data.csportal === "error") {
      tell("error", { code: String(data.code) });
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
      var before = locale();
      Object.assign(settings, changes, { storefront: settings.storefront });
      draw();
      if (locale() !== before) reload();
    },
    on: function (name, listener) { (listeners[name] = listeners[name] || []).push(listener); },
    off: function (name, listener) {
      listeners[name] = (listeners[name] || []).filter(function (known) { return listener && known !== listener; });
    },
    destroy: function () {
      removeEventListener("message", receive);
      FULL_SCREEN.removeEventListener("change", resized);
      host.remove();
      remember("");
      listeners = {};
      delete window.CSPortal;
    },
  };

  function CSPortal(command) {
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
  draw();
  button.addEventListener("click", commands.toggle);
  widget.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && opened) close();
  });
  addEventListener("message", receive);
  FULL_SCREEN.addEventListener("change", resized);
  window.CSPortal = CSPortal;

  function start() {
    document.body.appendChild(host);
    ((early && early.q) || []).forEach(function (call) { CSPortal.apply(null, call); });
    if (location.hash === "#csportal=open") open();
    else if (remembered() === "open") open(true);
    else if (remembered()) load();
  }
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
})();
