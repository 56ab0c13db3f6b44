// The search page's script: results as one types. They come from the server as a page's part and are put in place as
// nodes; no markup is made here.
"use strict";

const WAIT = 250;
const form = document.getElementById("ask");
const box = document.getElementById("q");
let timer = 0;
let running = null;
let shown = box ? box.value : "";

function address() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) query.append(name, value);
  return `${form.getAttribute("action")}?${query}`;
}

async function search() {
  if (box.value === shown) return;
  shown = box.value;
  running?.abort();
  running = new AbortController();
  const to = address();
  try {
    const reply = await fetch(`${to}&part=results`, {
      credentials: "same-origin", headers: { accept: "text/html" }, signal: running.signal,
    });
    if (!reply.ok || reply.redirected) return;
    const part = new DOMParser().parseFromString(await reply.text(), "text/html");
    const results = document.getElementById("results");
    results.replaceChildren(...[...part.body.childNodes].map((node) => document.adoptNode(node)));
    history.replaceState(null, "", to);
    const told = document.querySelector("#found .quiet");
    document.getElementById("told").textContent = told ? told.textContent : "";
  } catch (error) {
    if (error.name !== "AbortError") shown = null;
  }
}

if (form && box) {
  box.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(search, WAIT);
  });
  box.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(search, WAIT);
  });
}
