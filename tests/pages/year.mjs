// One year of ISMAP, played by four parties in a real browser: operator, provider, audit firm and a body that procures.
// The calendar is turned by the server's example `calendar`; everything else is done on the pages, as people do it.
//
//   node year.mjs CHROMIUM CALENDAR DATA        YEAR_SHOTS=DIR keeps a picture of every step, YEAR_TOLD=1 tells them

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { mkdirSync, writeFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [executablePath, calendar, data] = process.argv.slice(2);
const START = "2025-03-03";

const server = spawn(calendar, [data, START], { stdio: ["pipe", "pipe", "inherit"] });
const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
const said = async () => (await lines.next()).value;
const ask = async (text) => {
  server.stdin.write(`${text}\n`);
  return said();
};
const demo = JSON.parse(await said());

const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--no-proxy-server"];
const browser = await chromium.launch({ executablePath, args });
let pages = new Map();
let steps = 0;

function must(holds, text) {
  if (!holds) throw new Error(text);
}

/** Moves the calendar. Sessions of the day before are over: everybody signs in anew. */
async function day(text) {
  for (const page of pages.values()) await page.context().close();
  pages = new Map();
  must((await ask(text)) === text, `the calendar did not turn to ${text}`);
}

/** The page of somebody who is signed in. */
async function as(login) {
  if (pages.has(login)) return pages.get(login);
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "ja-JP" })).newPage();
  await page.goto(`${demo.url}/signin`);
  await page.fill("#login", demo.accounts[login].login);
  await page.fill("#password", demo.accounts[login].password);
  await page.click("main button");
  if (page.url().includes("/signin/code")) {
    await page.fill("main input[name=code]", await ask(`code ${login}`));
    await page.click("main button");
  }
  if (page.url().includes("/signin")) throw new Error(`${login} did not get in: ${await page.innerText("main")}`);
  page.setDefaultTimeout(20000);
  pages.set(login, page);
  return page;
}

async function opened(page, path, who) {
  const answer = await page.goto(demo.url + path);
  if (answer.status() !== 200) throw new Error(`${who} ${path}: ${answer.status()} ${await page.innerText("main")}`);
}

/** Puts values into the fields of a form, whatever they look like. */
async function fill(page, form, values) {
  for (const [name, value] of Object.entries(values)) {
    const field = form.locator(`[name="${name}"]`).first();
    must(await field.count(), `no field ${name} on ${page.url()}`);
    const kind = await field.evaluate((e) => (e.tagName === "SELECT" ? "select" : e.type));
    if (kind === "select") await field.selectOption(value instanceof RegExp
      ? await field.evaluate((e, source) => [...e.options].find((o) => new RegExp(source).test(o.textContent)).value, value.source)
      : value);
    else if (kind === "radio") await form.locator(`[name="${name}"][value="${value}"]`).check();
    else if (kind === "checkbox") await field.setChecked(value);
    else if (kind === "file") await field.setInputFiles(value);
    else await field.fill(value);
  }
}

/** Does one thing on one page: opens it, fills the form with the button, presses the button, and sees that it worked. */
async function does(login, path, button, values = {}) {
  const page = await as(login);
  await opened(page, path, login);
  return press(login, page, button, values);
}

async function press(login, page, button, values = {}) {
  const where = page.url();
  const pressed = page.locator(button).first();
  if (!(await pressed.count())) throw new Error(`${login}: no button ${button} on ${where}\n${await page.innerText("main")}`);
  await fill(page, pressed.locator("xpath=ancestor::form"), values);
  // What the button leads to is a new document, even at the same address.
  await page.evaluate(() => { window.before = true; });
  await pressed.click();
  await page.waitForFunction(() => !window.before && document.readyState === "complete");
  const trouble = page.locator(".notice.error");
  if (await trouble.count()) throw new Error(`${login} on ${where}: ${await trouble.first().innerText()}`);
  steps += 1;
  if (process.env.YEAR_SHOTS) await page.screenshot({ path: `${process.env.YEAR_SHOTS}/${String(steps).padStart(2, "0")}-${login}.png` });
  if (process.env.YEAR_TOLD) console.error(`${(performance.now() / 1000).toFixed(1)} ${login}: ${where} ${button} -> ${page.url()}`);
  return page;
}

/** A step of a list of things to do, chosen by its key. */
const act = (login, path, key, values = {}) =>
  does(login, `${path}?act=${key}`, `button[name=act][value="${key}"]`, values);

const idOf = (page) => decodeURIComponent(new URL(page.url()).pathname.split("/").pop());

function paper(name, text) {
  mkdirSync(`${data}-papers`, { recursive: true });
  const path = `${data}-papers/${name}`;
  writeFileSync(path, text);
  return path;
}

async function meeting(on) {
  const page = await does("secretariat", "/ismap/meetings", "main form:has([name=quorum]) button", { day: on, quorum: "2" });
  return idOf(page);
}

async function everybodyPresent(id) {
  const page = await as("secretariat");
  await opened(page, `/ismap/meetings/${id}?act=open`, "secretariat");
  for (const box of await page.locator("[name^='present.']").all()) await box.check();
  await press("secretariat", page, "button[name=act][value=open]");
}

async function decides(id, title, values) {
  const page = await as("secretariat");
  await opened(page, `/ismap/meetings/${id}`, "secretariat");
  await page.locator("tr", { hasText: title }).getByRole("link", { name: /決定する/ }).click();
  await press("secretariat", page, "button[value=preview]", { approve: "3", against: "0", abstain: "0", ...values });
  const foreseen = await page.innerText(".foreseen");
  await press("secretariat", page, "button[value=confirm]");
  return foreseen;
}

const RULE = { rule: "toroku-kisoku", article: "6.1" };

async function play() {
  // The operator registers an audit firm.
  const first = await meeting("2025-04-10");
  await firmApplies(first);
  await day("2025-04-10");
  await everybodyPresent(first);
  await decides(first, "架空監査法人", { outcome: "register", rule: "kansa-kisoku", article: "3" });
  await act("secretariat", `/ismap/meetings/${first}`, "minutes", { number: "第1号", upload: paper("giji-1.md", "# 議事録") });

  // A small service of another provider: its impact is assessed, and the operator finds it eligible for LIU.
  let page = await does("csp2", "/ismap/preliminaries/new", "main form:has([name=works]) button", {
    offering: "mihon-sfa", works: "公開済みの資料の整理",
  });
  const preliminary = `/ismap/preliminaries/${idOf(page)}`;
  await act("csp2", preliminary, "request", { procurer: "kakuu-sho" });
  await act("procurer", preliminary, "assess", { "listed0.yes": true, information0: "公開情報", c0: "1", i0: "1", a0: "1" });
  await act("csp2", preliminary, "file");
  await act("reception", preliminary, "eligible");

  // The provider states, its head signs.
  await day("2026-04-06");
  page = await does("csp", "/ismap/statements/new", "main form button", {
    offering: "kakuu-cloud-ai", catalogue: "mihon-1", from: "2025-04-01", to: "2026-03-31",
  });
  const statement = new URL(page.url()).pathname.split("/")[3];
  await does("csp", `/ismap/statements/${statement}/service`, "main form button:not([class])", {
    service_name: "架空クラウドAI基盤", scope: "国内の二拠点で提供する生成AI基盤", regions: "jp-east\njp-west",
    "service_models.SaaS": true, "generative_ai.yes": true, ai_information: "自社で運用する架空のモデル",
  });
  await does("csp", `/ismap/statements/${statement}`, "button[name=act][value=many]", {
    scope: "all", deed: "adopt", text: "手順書に従って月ごとに確かめ、責任者が承認し、記録を一年残す。",
  });
  await does("csp", `/ismap/statements/${statement}/check`, "button[name=act][value=validate]");
  page = await as("csp-head");
  await opened(page, `/ismap/statements/${statement}/sign`, "csp-head");
  for (const box of await page.locator("[name^='confirm.']").all()) await box.check();
  await press("csp-head", page, "main form:has([name=sha256]) button");

  // The firm audits and reports.
  const engagement = await audit(statement);

  // The provider applies; received by one, reviewed by another, decided by the committee.
  await day("2026-05-25");
  page = await as("csp");
  await opened(page, "/ismap/filings/new", "csp");
  for (const box of await page.locator("[name^='pledges.']").all()) await box.check();
  const disclosed = await page.locator("main form textarea").evaluateAll((all) => all.map((e) => e.name));
  page = await press("csp", page, "main form button:not(.quiet-button)", {
    statement, scheme: "ismap", ...Object.fromEntries(disclosed.map((name) => [name, "特になし（架空）"])),
  });
  const filing = new URL(page.url()).pathname.split("/")[3];
  await does("csp", `/ismap/filings/${filing}/edit`, "button[value=file]");
  const path = `/ismap/filings/${filing}`;
  await day("2026-05-28");
  await act("reception", path, "check");
  await act("reception", path, "accept");
  const reception = await as("reception");
  await opened(reception, path, "reception");
  must(!(await reception.locator("button[value=start]").count()), "the receptionist is offered the review");
  await act("reviewer", path, "start");
  await act("reviewer", path, "inquire", { question: "鍵の管理の責任者はだれか" });
  await day("2026-06-03");
  await act("csp", path, "answer", { answer: "情報セキュリティ部の部長である。" });
  await act("reviewer", path, "review", { result: "met", opinion: "基本言明要件を満たす。" });
  const second = await meeting("2026-06-20");
  await act("secretariat", path, "docket", { meeting: second });
  await day("2026-06-20");
  await everybodyPresent(second);
  const number = "KAKUU-2026-01";
  const foreseen = await decides(second, "架空クラウドAI基盤", { outcome: "register", number, ...RULE });
  must(foreseen.includes("2027-07-31") || foreseen.includes("2027年7月31日"), `the expiry is not foreseen: ${foreseen}`);

  // A body looks it up, keeps the record, asks for the annex and reads it.
  await lookUp(number, statement);

  // An incident, from 速報 to its end.
  await day("2026-09-01");
  page = await does("csp", "/ismap/incidents", "main form:has([name=known_on]) button", {
    number, title: "架空の設定の誤り", known_on: "2026-08-31",
  });
  const incident = `/ismap/incidents/${idOf(page)}`;
  await act("csp", incident, "preliminary", { upload: paper("sokuho.md", "# 速報") });
  await day("2026-09-20");
  await act("csp", incident, "final", { upload: paper("kakuho.md", "# 確報") });
  await act("secretariat", incident, "review");
  await act("secretariat", incident, "close", RULE);

  // A change of controls is notified and noted.
  page = await does("csp", `/ismap/change-notices/new?number=${number}`, "button[value=save]", {
    kind: "control", "changes.procedure": true, text: "鍵の更新の手順を改めた。", effective_on: "2026-09-15",
  });
  const notice = `/ismap/change-notices/${idOf(page)}`;
  await act("csp", notice, "file");
  await act("reception", notice, "triage");
  await act("secretariat", notice, "resolve", { outcome: "noted", ...RULE });
  await act("secretariat", notice, "close");

  // Half a year before the expiry the provider is reminded; anybody sees the list; the past is what it was.
  await day("2027-02-10");
  page = await as("csp");
  await opened(page, "/ismap/deadlines", "csp");
  must((await page.innerText("main")).includes("架空クラウドAI基盤"), "no deadline for the renewal");
  await published(number);
  return { engagement, number };
}

async function firmApplies(into) {
  const path = "/ismap/firms/kakuu-kansa";
  const page = await as("audit-exec");
  await opened(page, `${path}/form`, "audit-exec");
  for (const name of await page.locator("main form textarea").evaluateAll((all) => all.map((e) => e.name))) {
    if (/ground|note/.test(name)) await page.fill(`[name="${name}"]`, "架空の説明");
  }
  for (const box of await page.locator("[name^='team.']").all()) await box.check();
  await press("audit-exec", page, "main form button:not(.quiet-button)");
  await act("audit-exec", path, "submit");
  await act("reception", path, "screen");
  await act("secretariat", path, "docket", { meeting: into });
}

async function audit(statement) {
  await day("2026-04-08");
  let page = await does("csp", `/ismap/engagements/new?statement=${statement}`, "main form button", {
    statement, firm: "kakuu-kansa", kind: "initial",
  });
  const engagement = new URL(page.url()).pathname.split("/")[3];
  const path = `/ismap/engagements/${engagement}`;
  await act("audit-exec", path, "independence");
  await act("audit-exec", path, "contract");
  await does("audit-lead", `${path}/plan`, "button[value=propose]");
  await does("audit-lead", `${path}/plan`, "button[value=record]");
  await act("audit-lead", path, "start");
  await day("2026-05-11");
  page = await as("audit-lead");
  // A page at a time, until nothing is left to evaluate.
  for (let round = 0; round < 40; round += 1) {
    await opened(page, `${path}/items?show=todo`, "audit-lead");
    const boxes = await page.locator("main input[name^='item.']").all();
    if (boxes.length === 0) break;
    for (const box of boxes) await box.check();
    await press("audit-lead", page, "button[value=fine]", { note: "手順書と記録を見た。" });
  }
  await does("audit-lead", `${path}/report`, "button[value=opinion]", { opinion: "言明のとおりである。" });
  await does("audit-lead", `${path}/report`, "button[value=sign]");
  await does("audit-exec", `${path}/report`, "button[value=sign]");
  await does("audit-exec", `${path}/report`, "button[value=report]");
  return engagement;
}

async function lookUp(number, statement) {
  await day("2026-07-01");
  let page = await as("procurer");
  await opened(page, "/ismap/list?q=架空クラウドAI", "procurer");
  must((await page.innerText("main")).includes(number), "the new registration is not on the list");
  page = await press("procurer", page, "main form[action='/ismap/look-ups'] button", { purpose: "令和9年度の調達の下調べ", decision: "候補とする" });
  await opened(page, `/ismap/list/${number}`, "procurer");
  await press("procurer", page, "main form[action='/ismap/annexes'] button", { purpose: "調達の要件の確認" });
  const mine = await as("csp-head");
  await opened(mine, "/ismap/annexes", "csp-head");
  await mine.locator("tbody a").first().click();
  await press("csp-head", mine, "button[value=grant]", { until: "2026-09-30" });
  await opened(page, `/ismap/statements/${statement}`, "procurer");
  must((await page.innerText("main")).includes("手順書に従って"), "the procurer cannot read what was granted");
}

async function published(number) {
  const anyone = await (await browser.newContext()).newPage();
  await opened(anyone, "/ismap/public", "anyone");
  must((await anyone.innerText("body")).includes(number), "the public page does not show the registration");
  const register = await (await fetch(`${demo.url}/ismap/public/register.json`)).json();
  must(JSON.stringify(register).includes(number), "register.json does not hold the registration");
  const before = await (await fetch(`${demo.url}/ismap/public/register.json?as_of=2026-06-19`)).text();
  must(!before.includes(number), "the day before the decision knew of it");
  await anyone.context().close();
}

let failed = null;
try {
  await play();
  console.log(`the year was played: ${steps} steps`);
} catch (error) {
  failed = error;
  console.error(`FAILED ${error.message.slice(0, 4000)}`);
}
await browser.close();
server.stdin.end();
const code = await new Promise((end) => server.on("exit", end));
if (code !== 0) {
  console.error(`FAILED the server ended with ${code}`);
  failed ??= new Error("server");
}
process.exit(failed ? 1 : 0);
