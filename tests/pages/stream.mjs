// An answer as it comes, from a model that takes its time: seen growing, stopped, left and found again.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MARKDOWN = ["# 案\n\n", "**太字** <script>alert(1)</script>\n\n", "| a | b |\n|---|---|\n| 1 | 2 |\n\n", "![図](https://pictures.invalid/x.png)\n"];

/** A model that says one piece after the other. */
async function slowModel() {
  const server = createServer(async (request, reply) => {
    let body = "";
    for await (const piece of request) body += piece;
    const said = JSON.stringify(JSON.parse(body).messages.at(-1).content);
    const pieces = said.includes("長く") ? Array.from({ length: 24 }, (_, n) => `${n}番 `) : MARKDOWN;
    const event = (more) => `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", choices: [{ index: 0, ...more }] })}\n\n`;
    reply.setHeader("content-type", "text/event-stream");
    for (const content of pieces) {
      reply.write(event({ delta: { content } }));
      await new Promise((later) => setTimeout(later, 250));
    }
    reply.end(`${event({ delta: {}, finish_reason: "stop" })}data: [DONE]\n\n`);
  });
  await new Promise((up) => server.listen(0, "127.0.0.1", up));
  return server;
}

/** Runs the flow in a demo of its own, which has the slow model. */
export async function stream({ program, context, check, must, listen, looksRight }) {
  const server = await slowModel();
  const data = mkdtempSync(join(tmpdir(), "sekisho-stream-"));
  const upstream = `http://127.0.0.1:${server.address().port}/v1`;
  const demo = spawn(program, ["--json", "demo", "--data", data, "--port", "0", "--upstream", upstream, "--upstream-model", "m"],
    { stdio: ["ignore", "pipe", "ignore"] });
  await new Promise((up) => demo.stdout.once("data", up));
  const { url, accounts } = JSON.parse(readFileSync(join(data, "demo.json"), "utf8"));
  const own = await context(1280);
  const page = await own.newPage();
  const heard = listen(page);
  const ask = async (text) => {
    await page.fill("#text", text);
    await page.keyboard.press("Control+Enter");
    await page.waitForFunction(() => document.querySelector(".coming")?.textContent.length > 3);
  };

  await check("stream: it grows as plain text and ends as the server's page", async () => {
    await page.goto(`${url}/signin`);
    await page.fill("#login", "staff");
    await page.fill("#password", accounts.staff.password);
    await page.click("main button");
    await page.waitForURL("**/me");
    await page.goto(`${url}/chat`);
    await page.check("label:has-text('自組織のモデルの利用')");
    await ask("短い<b>問い</b>");
    must((await page.textContent(".coming")).startsWith("# 案"), "it is not shown as it comes");
    must((await page.locator(".coming *, .own *").count()) === 0, "markup was made of text");
    must((await page.isVisible("#stop")) && (await page.isDisabled("#send")), "it cannot be stopped, or be sent twice");
    must((await page.getAttribute(".coming", "aria-busy")) === "true", "not busy");
    await page.waitForSelector(".answer table");
    must((await page.locator("main script, main img").count()) === 0, "an answer became markup of its own");
    must((await page.evaluate(() => document.activeElement.id)) === "text", "the focus was lost");
    await page.waitForFunction(() => document.getElementById("live").textContent === "回答が届きました。");
    await looksRight(page, "an answer with a table at 1280");
  });
  await check("stream: stopped, what was read stays, and the rest is kept", async () => {
    await ask("長く話して");
    await page.click("#stop");
    await page.waitForFunction(() => document.getElementById("live").textContent.includes("止めました"));
    must((await page.textContent("#said")).includes("0番"), "what was read is gone");
    must(!(await page.isDisabled("#send")), "nothing can be sent any more");
    await page.waitForTimeout(7000);
    await page.click("text=開き直して確かめる");
    await page.waitForFunction(() => document.getElementById("said").textContent.includes("23番"));
  });
  await check("stream: left in the middle, it is found whole", async () => {
    await ask("長く、もう一度");
    const address = page.url();
    await page.goto(`${url}/me`);
    await page.goto(address);
    must((await page.locator("[data-writing]").count()) === 1, "not said to be under way");
    await page.waitForSelector("[data-writing]", { state: "detached" });
    must((await page.textContent("#said")).match(/23番/g).length === 2, "it is not whole");
  });
  await check("stream: signed out meanwhile, what was typed stays", async () => {
    const other = await own.newPage();
    await other.goto(`${url}/me`);
    await other.click("text=サインアウト");
    await other.waitForURL("**/signin*");
    await page.fill("#text", "消えない文");
    await page.click("#send");
    await page.waitForSelector("#stayed");
    must((await page.inputValue("#text")) === "消えない文", "it is gone");
  });
  await check("stream: the pages are quiet", async () => must(heard.length === 0, heard.join("\n")));
  await own.close();
  const ended = new Promise((end) => demo.once("exit", end));
  demo.kill("SIGTERM");
  await ended;
  server.closeAllConnections();
  server.close();
  rmSync(data, { recursive: true, force: true });
}
