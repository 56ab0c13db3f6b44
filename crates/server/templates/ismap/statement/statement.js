// The statement editor's script: each item is saved while one writes, and the keyboard goes from item to item. Without it
// the form saves the page. What the server says of an item is put in place as text; no markup is made here.
"use strict";

/** How long after the last change an item is saved. */
const PAUSE = 800;
const form = document.getElementById("items");
const live = document.getElementById("live");
/** By item: the timer that waits, whether a request is under way, whether something changed meanwhile. */
const states = new Map();

function say(text) {
  live.textContent = text;
}

function fieldsOf(item) {
  return [...item.querySelectorAll("input[name], textarea[name]")];
}

function stateOf(item) {
  if (!states.has(item)) states.set(item, { timer: 0, running: false, again: false, unsaved: false });
  return states.get(item);
}

function changed(item) {
  const state = stateOf(item);
  state.unsaved = true;
  clearTimeout(state.timer);
  state.timer = setTimeout(() => save(item), PAUSE);
}

/** Shows the problems of an item as the server counts them. */
function tell(item, problems) {
  const list = item.querySelector(".problems");
  if (!list) return;
  list.replaceChildren(...problems.map((text) => {
    const line = document.createElement("li");
    line.textContent = text;
    return line;
  }));
  item.classList.toggle("has-problems", problems.length > 0);
}

async function save(item) {
  const state = stateOf(item);
  clearTimeout(state.timer);
  if (state.running) {
    state.again = true;
    return;
  }
  state.running = true;
  state.unsaved = false;
  const id = item.dataset.id;
  const body = new URLSearchParams();
  body.append("token", form.elements.token.value);
  for (const field of fieldsOf(item)) {
    const ticks = field.type === "checkbox" || field.type === "radio";
    if (ticks ? field.checked : true) body.append(field.name, field.value);
  }
  try {
    const reply = await fetch(form.dataset.items + encodeURIComponent(id), {
      method: "POST", body, credentials: "same-origin", headers: { accept: "application/json" },
    });
    const json = (reply.headers.get("content-type") || "").startsWith("application/json");
    const told = json ? await reply.json() : {};
    const seen = item.querySelector('input[name^="seen."]');
    if (told.saved) {
      seen.value = told.seen;
      tell(item, told.problems);
      document.getElementById("meter-text").textContent = told.meter;
      document.getElementById("sound").value = told.sound;
      say(told.problems.length > 0 ? `${id} を保存しました。指摘が ${told.problems.length} 件あります。` : `${id} を保存しました。`);
    } else if (told.clash) {
      // From here on the other's text has been seen: saving again replaces it.
      state.unsaved = true;
      seen.value = told.seen;
      tell(item, told.clash.map((part) => `ほかの人が${part.label}を変えました。今の内容: ${part.now}`));
      say(`${id} は、ほかの人が先に変えたため保存していません。今の内容を見て、もう一度保存すると置き換えます。`);
    } else if (told.errors) {
      state.unsaved = true;
      tell(item, told.errors.map((error) => error.text));
      say(`${id} は保存していません。${told.errors[0].text}`);
    } else {
      state.unsaved = true;
      say(told.closed || `${id} を保存できませんでした。画面を開き直す前に、書いた内容を控えてください。`);
    }
  } catch {
    state.unsaved = true;
    say(`${id} を保存できませんでした。通信を確かめ、「保存する」を押してください。`);
  }
  state.running = false;
  if (state.again) {
    state.again = false;
    save(item);
  }
}

function items() {
  return [...form.querySelectorAll("article.item")];
}

function step(from, by) {
  const all = items();
  const to = all[all.indexOf(from) + by];
  if (!to) {
    say(by > 0 ? "最後の項目です。" : "最初の項目です。");
    return;
  }
  to.focus();
  to.scrollIntoView({ block: "nearest" });
}

function decide(item, value) {
  const radio = item.querySelector(`input[type="radio"][value="${value}"]`);
  if (!radio || radio.checked) return;
  radio.checked = true;
  changed(item);
  say(`${item.dataset.id}: ${value === "adopted" ? "採用" : "非採用"}`);
}

function pressed(event) {
  if (event.isComposing) return;
  if (event.key === "Enter" && event.ctrlKey) {
    event.preventDefault();
    form.requestSubmit(form.querySelector('button[value="save"]'));
    return;
  }
  const item = event.target.closest("article.item");
  if (!item || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Escape" && event.target !== item) {
    item.focus();
    return;
  }
  // Letters belong to whoever writes; arrows to whoever chooses.
  if (event.target.matches("textarea, input[type='text']")) return;
  const arrows = event.target === item;
  const act = {
    j: () => step(item, 1),
    k: () => step(item, -1),
    ArrowDown: arrows && (() => step(item, 1)),
    ArrowUp: arrows && (() => step(item, -1)),
    a: () => decide(item, "adopted"),
    x: () => decide(item, "excluded"),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

if (form && live) {
  document.getElementById("keys").hidden = false;
  let sending = false;
  const heard = (event) => {
    const item = event.target.closest("article.item");
    // A tick for deciding many items is no answer.
    if (item && !event.target.name.startsWith("pick.")) changed(item);
  };
  form.addEventListener("input", heard);
  form.addEventListener("keydown", pressed);
  form.addEventListener("submit", () => {
    sending = true;
    for (const state of states.values()) clearTimeout(state.timer);
  });
  for (const item of items()) item.tabIndex = 0;
  addEventListener("beforeunload", (event) => {
    const open = [...states.values()].some((state) => state.unsaved || state.running);
    if (open && !sending) event.preventDefault();
  });
}
