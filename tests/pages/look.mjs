// Looks at every page as people do. Arguments: Chromium, data folder of the demo, the program, folder for screenshots.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { chat } from "./chat.mjs";
import { apps } from "./apps.mjs";
import { flows } from "./flows.mjs";
import { OPEN, PAGES, SCREENSHOTS, made } from "./paths.mjs";
import { stream } from "./stream.mjs";

const [executablePath, data, program, images] = process.argv.slice(2);
const demo = JSON.parse(readFileSync(join(data, "demo.json"), "utf8"));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--no-proxy-server"];
const browser = await chromium.launch({ executablePath, headless: true, args });

let passed = 0;
let failed = 0;
const used = new Map();
async function check(what, test) {
  try {
    await test();
    passed += 1;
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${what}\n  ${String(error.message ?? error).replaceAll("\n", "\n  ")}`);
  }
}
function must(truth, text) {
  if (!truth) throw new Error(text);
}

/** A code of someone's second factor that was not used yet. */
async function code(name) {
  for (;;) {
    const now = execFileSync(program, ["demo", "--data", data, "--code", name], { encoding: "utf8" }).trim();
    if (used.get(name) !== now) {
      used.set(name, now);
      return now;
    }
    await new Promise((later) => setTimeout(later, 1000));
  }
}

/** axe-core is run from outside the page's CSP, in a world of its own; the page keeps its policy. */
async function violations(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
  }));
  return result.violations.map((v) => `${v.id}: ${v.help}\n${v.nodes.map((n) => `  ${n.html}`).join("\n")}`);
}

async function looksRight(page, what) {
  await check(`${what}: axe`, async () => {
    const found = await violations(page);
    must(found.length === 0, found.join("\n"));
  });
  await check(`${what}: nothing scrolls sideways`, async () => {
    const [wide, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    must(wide <= seen, `${wide} px of content in a window of ${seen} px`);
  });
  await check(`${what}: frame`, async () => {
    must((await page.locator("h1").count()) === 1, "not exactly one h1");
    must((await page.title()).includes("関所"), "no title");
    must(await page.locator("html[lang=ja]").count(), "no lang");
    // Every target is at least 24 px high, or stands in a sentence (WCAG 2.5.8).
    const low = await page.evaluate(() => [...document.querySelectorAll("button:not([hidden]), input:not([type=hidden]):not([hidden]), .button")]
      .filter((e) => e.getBoundingClientRect().height < 24).map((e) => e.outerHTML));
    must(low.length === 0, `too small: ${low}`);
  });
}

/** Everything the page complained about: policy, missing files, errors. */
function listen(page) {
  const heard = [];
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of (403|404|422|429)/.test(message.text())) heard.push(message.text());
  });
  page.on("pageerror", (error) => heard.push(error.message));
  page.on("requestfailed", (request) => {
    // Going on to the next page calls off what the last one was still loading.
    const why = request.failure()?.errorText;
    if (why !== "net::ERR_ABORTED") heard.push(`${request.url()} ${why}`);
  });
  return heard;
}

async function signIn(page, name) {
  const account = demo.accounts[name];
  await page.goto(`${demo.url}/signin`);
  await page.fill("#login", account.login);
  await page.fill("#password", account.password);
  await page.click("main button");
  if (account.second_factor) {
    await page.waitForURL("**/signin/code");
    await page.fill("#code", await code(name));
    await page.click("main button");
  }
  await page.waitForURL("**/me");
}

/** Opens a page; after ` > ` stands a link to follow from there, if the page has it. */
async function open(page, path) {
  const [from, link] = path.split(" > ");
  await page.goto(demo.url + from);
  const there = link ? page.locator(link).first() : null;
  if (there && await there.count()) await page.goto(new URL(await there.getAttribute("href"), demo.url).href);
}

const WIDTHS = [1280, 320];
// 1280 px at 400 % is 320 px; a window half as high shows that headers do not cover what is read.
const viewport = (width) => ({ width, height: width === 320 ? 512 : 800 });
const context = (width) => browser.newContext({ viewport: viewport(width), locale: "ja-JP", timezoneId: "Asia/Tokyo" });

for (const width of WIDTHS) {
  const anyone = await context(width);
  const page = await anyone.newPage();
  const heard = listen(page);
  for (const path of OPEN) {
    await page.goto(demo.url + path);
    await looksRight(page, `${path} signed out at ${width}`);
  }
  await page.goto(`${demo.url}/signin`);
  await page.click("main button");
  await looksRight(page, `/signin left empty at ${width}`);
  await check(`/signin left empty at ${width}: the summary has the focus and leads to the field`, async () => {
    must(await page.evaluate(() => document.activeElement?.matches(".notice.error")), "the summary has no focus");
    await page.click(".notice.error a >> nth=1");
    must(await page.evaluate(() => document.activeElement?.id === "password"), "the link does not lead to the field");
  });
  await page.fill("#login", "taro<b>");
  await page.fill("#password", "wrong");
  await page.click("main button");
  await looksRight(page, `/signin with a wrong password at ${width}`);
  await check("what was typed stays, the password does not", async () => {
    must((await page.inputValue("#login")) === "taro<b>" && (await page.inputValue("#password")) === "", "no");
  });
  await check(`the pages signed out are quiet at ${width}`, async () => must(heard.length === 0, heard.join("\n")));
  await anyone.close();
}

await check("a page with mistakes does not pass", async () => {
  const own = await context(320);
  const page = await own.newPage();
  await page.goto(`${demo.url}/signin`);
  await page.evaluate(() => {
    document.querySelector("label").remove();
    document.querySelector("h1").style.color = "#aaaaaa";
    document.querySelector("main").append(Object.assign(document.createElement("pre"), { textContent: "x".repeat(900) }));
    document.querySelector("pre").style.overflow = "visible";
    document.querySelector("pre").style.overflowWrap = "normal";
  });
  const found = (await violations(page)).join("\n");
  must(found.includes("label: ") && found.includes("color-contrast: "), `axe found only ${found}`);
  must(await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth), "nothing scrolls");
  await own.close();
});

const more = await made(demo);
for (const [name, own_paths] of Object.entries(PAGES)) {
  const paths = [...own_paths, ...(more[name] ?? [])];
  // One sign-in for both widths: a code counts once.
  const own = await context(1280);
  const page = await own.newPage();
  const heard = listen(page);
  await check(`${name} signs in`, async () => {
    await signIn(page, name);
    const cookies = await own.cookies();
    must(cookies.length === 1 && cookies[0].name === "__Host-sekisho" && cookies[0].httpOnly && cookies[0].secure,
      JSON.stringify(cookies.map(({ name, httpOnly, secure }) => ({ name, httpOnly, secure }))));
  });
  for (const width of WIDTHS) {
    await page.setViewportSize(viewport(width));
    for (const path of paths) {
      await open(page, path);
      must(!page.url().includes("/signin"), `${name} is not signed in any more`);
      await looksRight(page, `${path} as ${name} at ${width}`);
    }
    if (name === "staff") await apps(page, demo.url, width, { check, looksRight, must });
    if (!["staff", "approver"].includes(name)) continue;
    await page.goto(`${demo.url}/me/password`);
    await page.fill("#new", "short");
    await page.fill("#again", "other");
    await page.click("main button");
    await looksRight(page, `/me/password with mistakes as ${name} at ${width}`);
    await page.goto(`${demo.url}/me/second-factor`);
    await page.fill("#code", "000000");
    await page.click("main button");
    await looksRight(page, `/me/second-factor with a wrong code as ${name} at ${width}`);
  }
  if (images) {
    mkdirSync(images, { recursive: true });
    for (const [file, who, path, width] of SCREENSHOTS.filter(([, who]) => who === name)) {
      await page.setViewportSize(viewport(width));
      await open(page, path);
      await page.screenshot({ path: join(images, file), fullPage: true });
    }
  }
  await check(`the pages of ${name} are quiet`, async () => must(heard.length === 0, heard.join("\n")));
  await own.close();
}

await check("the second factor's page, asked for and locked halfway", async () => {
  for (const width of WIDTHS) {
    const own = await context(width);
    const page = await own.newPage();
    await page.goto(`${demo.url}/signin`);
    await page.fill("#login", "ciso");
    await page.fill("#password", demo.accounts.ciso.password);
    await page.click("main button");
    await page.waitForURL("**/signin/code");
    await looksRight(page, `/signin/code at ${width}`);
    await page.fill("#code", "000000");
    await page.click("main button");
    await looksRight(page, `/signin/code with a wrong code at ${width}`);
    await own.close();
  }
});

await check("a link, a password and a second factor, from nothing to signed in", async () => {
  const invite = await fetch(`${demo.url}/api/commands/account.invite`, {
    method: "POST",
    headers: { authorization: `Bearer ${demo.keys.admin}`, "content-type": "application/json" },
    body: JSON.stringify({ content: { person: demo.persons.auditor }, reason: "再登録" }),
  });
  const { link } = await invite.json();
  const own = await context(320);
  const page = await own.newPage();
  await page.goto(link);
  await looksRight(page, "/enrol/… at 320");
  await page.setViewportSize(viewport(1280));
  await looksRight(page, "/enrol/… at 1280");
  await page.fill("#new", "correct horse battery staple");
  await page.fill("#again", "correct horse battery staple");
  await page.click("main button");
  await page.waitForURL("**/signin?done=opened");
  await page.fill("#login", "auditor");
  await page.fill("#password", "correct horse battery staple");
  await page.click("main button");
  await page.waitForURL("**/me/second-factor");
  await looksRight(page, "the enrolment that must be, at 1280");
  await page.setViewportSize(viewport(320));
  await looksRight(page, "the enrolment that must be, at 320");
  must((await page.locator("svg.qr").boundingBox()).width >= 150, "the QR code is too small to scan");
  const secret = new URL(await page.getAttribute("a[href^=otpauth]", "href")).searchParams.get("secret");
  const { createHmac } = await import("node:crypto");
  const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
  const tag = createHmac("sha1", key).update(step).digest();
  const number = (tag.readUInt32BE(tag[19] & 15) & 0x7fffffff) % 1e6;
  await page.fill("#code", String(number).padStart(6, "0"));
  await page.click("main button");
  await page.waitForSelector(".codes");
  must((await page.locator(".codes li").count()) === 10, "not ten recovery codes");
  await looksRight(page, "the recovery codes at 320");
  await page.setViewportSize(viewport(1280));
  await looksRight(page, "the recovery codes at 1280");
  await page.click("main a.button");
  await page.waitForURL("**/me");
  await own.close();
});

await check("with the keyboard alone: past the links, in, and out again", async () => {
  const own = await context(1280);
  const page = await own.newPage();
  await page.goto(`${demo.url}/signin`);
  const focused = () => page.evaluate(() => {
    const e = document.activeElement;
    return e.id || e.textContent.trim();
  });
  const order = [];
  for (let n = 0; n < 6; n += 1) {
    await page.keyboard.press("Tab");
    order.push(await focused());
    const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    must(ring !== "none", `${order.at(-1)} shows no focus`);
  }
  const expected = ["本文へ移動", "関所", "サインイン", "login", "password", "サインイン"];
  must(JSON.stringify(order) === JSON.stringify(expected), `the order is ${order}`);
  await page.goto(`${demo.url}/signin`);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  must((await focused()) === "main" || (await page.evaluate(() => location.hash)) === "#main", "the skip link does not skip");
  await page.keyboard.press("Tab");
  must((await focused()) === "login", `after the skip link comes ${await focused()}`);
  await page.keyboard.type("applicant");
  await page.keyboard.press("Tab");
  await page.keyboard.type(demo.accounts.applicant.password);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/me");
  for (let n = 0; n < 3; n += 1) await page.keyboard.press("Tab");
  must((await focused()) === "サインアウト", `the third stop is ${await focused()}`);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/signin?done=signed-out");
  await page.goBack();
  await page.reload();
  must(page.url().includes("/signin"), "after signing out a page is still shown");
  await own.close();
});

await check("without script everything of this works", async () => {
  const own = await browser.newContext({ javaScriptEnabled: false, viewport: viewport(1280) });
  const page = await own.newPage();
  await signIn(page, "manager");
  await page.goto(`${demo.url}/me/sessions`);
  await page.click("tbody button");
  await page.waitForURL("**/signin?done=signed-out");
  await own.close();
});

await chat({ browser, context, demo, signIn, check, must, looksRight, listen, viewport, widths: WIDTHS, shots: process.env.PAGES_SHOTS, images });
await stream({ program, context, check, must, listen, looksRight });

await flows({ context, demo, signIn, check, must, looksRight });

await check("no other page can frame ours, and a form on another site changes nothing", async () => {
  const own = await context(1280);
  const page = await own.newPage();
  await signIn(page, "caio");
  const other = await own.newPage();
  const site = "http://other.invalid/";
  await other.route(site, (route) => route.fulfill({
    contentType: "text/html",
    body: `<iframe src="${demo.url}/me"></iframe><form method="post" action="${demo.url}/signout"><input name="token" value="x"><button>押す</button></form>`,
  }));
  await other.goto(site);
  const framed = other.frames().find((frame) => frame !== other.mainFrame());
  must(!(await framed.content()).includes("マイページ"), "the page was framed");
  const [answer] = await Promise.all([other.waitForResponse(`${demo.url}/signout`), other.click("button")]);
  must(answer.status() === 403, `the foreign form was answered ${answer.status()}`);
  await page.reload();
  must(page.url().endsWith("/me"), "signed out by another site");
  await own.close();
});

if (images) {
  const anyone = await context(1280);
  const page = await anyone.newPage();
  for (const [file, , path, width] of SCREENSHOTS.filter(([, who]) => who === null)) {
    await page.setViewportSize(viewport(width));
    await page.goto(demo.url + path);
    await page.screenshot({ path: join(images, file), fullPage: true });
  }
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
