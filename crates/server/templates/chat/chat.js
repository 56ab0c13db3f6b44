// The chat page's script: answers as they come, stopping, copying, Ctrl+Enter. What is shown for good comes from the
// server as a page and is put in place as nodes; no markup is made here.
"use strict";

/** The request that is under way. */
let running = null;

function say(text) {
  const live = document.getElementById("live");
  if (!live) return;
  live.textContent = "";
  setTimeout(() => { live.textContent = text; }, 50);
}

function ready() {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
}

/** Puts the content of a page of ours in the place of this one's. */
function put(html, address) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const fresh = page.querySelector("main");
  const main = document.querySelector("main");
  if (!fresh || !page.getElementById("chat")) {
    location.assign(address || "/chat");
    return;
  }
  document.title = page.title;
  main.replaceWith(document.adoptNode(fresh));
  const trail = document.querySelector("nav.trail");
  const freshTrail = page.querySelector("nav.trail");
  if (trail && freshTrail) trail.replaceWith(document.adoptNode(freshTrail));
  if (address) history.replaceState(null, "", address);
  ready();
}

async function load(address) {
  const reply = await fetch(address, { headers: { accept: "text/html" }, credentials: "same-origin" });
  put(await reply.text(), address);
}

/** The events of a stream. */
async function* eventsOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    for (let end = rest.indexOf("\n\n"); end >= 0; end = rest.indexOf("\n\n")) {
      const lines = rest.slice(0, end).split("\n");
      rest = rest.slice(end + 2);
      const field = (name) => lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2)).join("\n");
      yield { name: field("event"), data: JSON.parse(field("data") || "{}") };
    }
  }
}

function article(kind, who, text) {
  const said = document.getElementById("said");
  const one = document.createElement("article");
  one.className = `said ${kind}`;
  const heading = document.createElement("h3");
  heading.textContent = who;
  const body = document.createElement("div");
  body.className = kind === "person" ? "own" : "answer coming";
  body.textContent = text;
  one.append(heading, body);
  said.hidden = false;
  said.append(one);
  one.scrollIntoView({ block: "nearest" });
  return body;
}

function busy(on) {
  for (const button of document.querySelectorAll("#chat form button")) {
    if (button.id !== "stop") button.disabled = on;
  }
  const stop = document.getElementById("stop");
  if (stop) stop.hidden = !on;
}

async function send(form) {
  if (running) return;
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") fields.append(name, value);
  }
  const kind = form.dataset.send;
  const text = fields.get("text") || "";
  const written = document.activeElement && document.activeElement.closest("#compose");
  const control = new AbortController();
  running = control;
  busy(true);
  say("回答を作成しています。");
  let answer = null;
  let last = null;
  try {
    const reply = await fetch(document.getElementById("chat").dataset.stream, {
      method: "POST", body: fields, signal: control.signal, credentials: "same-origin",
    });
    if (!(reply.headers.get("content-type") || "").startsWith("text/event-stream")) {
      // Refused, or something is missing: the same page as without a script.
      put(await reply.text(), null);
      const told = document.querySelector("main .notice.error");
      if (told) told.focus();
      return;
    }
    for await (const { name, data } of eventsOf(reply.body)) {
      if (name === "begun") {
        last = data.to;
        const halted = document.getElementById("halted");
        if (halted) halted.remove();
        if (kind !== "again") article("person", "あなた", text);
        answer = article("model", "AIの回答", "");
        answer.setAttribute("aria-busy", "true");
        if (kind === "compose") form.querySelector("textarea").value = "";
        history.replaceState(null, "", data.conversation);
      } else if (name === "text" && answer) {
        answer.textContent += data.text;
      } else if (name === "done" || name === "failed") {
        await load(data.to);
        say(name === "done" ? "回答が届きました。" : "回答を最後まで受け取れませんでした。");
        const place = document.getElementById("text");
        if (written && place) place.focus({ preventScroll: true });
        return;
      }
    }
    say("通信が切れました。");
    if (last) await load(last);
  } catch (error) {
    if (error.name === "AbortError") {
      if (last) {
        await load(last);
        say("表示を止めました。回答の記録は続いており、この会話に残ります。");
      } else {
        say("待つのをやめました。");
      }
    } else {
      say("通信が切れました。会話を開き直してください。");
      if (answer) answer.removeAttribute("aria-busy");
    }
  } finally {
    running = null;
    busy(false);
    ready();
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("#chat form[data-send]")) return;
  const by = event.submitter;
  if (by && by.hasAttribute("formaction")) return;
  event.preventDefault();
  send(form);
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.id === "stop" && running) {
    running.abort();
  } else if (button.dataset.copy) {
    const from = document.getElementById(button.dataset.copy);
    if (!from) return;
    await navigator.clipboard.writeText(from.innerText);
    say("コピーしました。");
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const area = event.target.closest("#chat textarea");
  if (!area) return;
  event.preventDefault();
  area.form.requestSubmit();
});

ready();
