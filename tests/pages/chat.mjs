// Chat as people use it: with the keyboard alone, with and without a script, refused and masked, written anew.

const QUESTION = "次の文章から答えてください。利用申請は情報システム室に出します。期限は三月です。\n利用申請はどこに出しますか";
const NUMBER = "983205673214";

/** Runs the flows with what `look.mjs` has: the demo, a way to open windows and sign in, and what every page must be. */
export async function chat({ browser, context, demo, signIn, check, must, looksRight, listen, viewport, widths, shots }) {
  const own = await context(1280);
  const page = await own.newPage();
  const heard = listen(page);
  const at = async (what) => {
    for (const width of widths) {
      await page.setViewportSize(viewport(width));
      await looksRight(page, `${what} at ${width}`);
      if (shots) await page.screenshot({ path: `${shots}/${what.replaceAll(" ", "-")}-${width}.png`, fullPage: true });
    }
    await page.setViewportSize(viewport(1280));
  };
  const focused = () => page.evaluate(() => document.activeElement.id);
  const toText = async () => {
    for (let n = 0; n < 40 && (await focused()) !== "text"; n += 1) await page.keyboard.press("Tab");
    must((await focused()) === "text", "the text cannot be reached with the keyboard");
  };

  await check("chat: asked and answered with the keyboard alone", async () => {
    await signIn(page, "staff");
    await page.goto(`${demo.url}/chat`);
    await toText();
    await page.keyboard.type(QUESTION);
    await page.keyboard.press("Control+Enter");
    await page.waitForSelector(".model .used");
    must(/\/chat\/[0-9a-f]+/.test(page.url()), `the address is ${page.url()}`);
    must((await focused()) === "text", `the focus is on ${await focused()}`);
    must((await page.inputValue("#text")) === "", "the question is still in the form");
    await page.waitForFunction(() => document.getElementById("live").textContent.includes("届きました"));
  });
  await at("chat answered");

  await check("chat: written anew, with a way back to the version before", async () => {
    await page.click("text=書き直す");
    await page.waitForSelector("#text");
    must((await page.inputValue("#text")) === QUESTION, "the question is not in the form");
    await at("chat edited");
    await page.fill("#text", "期限はいつですか。期限は三月です。");
    await page.click("#send");
    await page.waitForSelector("text=版 2 / 2");
    await page.click("text=前の版");
    await page.waitForSelector("text=次の版");
    must((await page.textContent("#said")).includes("利用申請はどこに"), "the version before is not shown");
  });
  await check("chat: answered once more", async () => {
    await page.click("form[data-send=again] button");
    await page.waitForSelector(".model >> text=版 2 / 2");
  });
  await at("chat with versions");

  await check("chat: refused, with the place marked, then masked and sent", async () => {
    await page.goto(`${demo.url}/chat`);
    await page.check("label:has-text('公表資料の下調べ')");
    await page.fill("#text", `個人番号は${NUMBER}です。転入の手続はどこでしますか。手続は窓口でします。`);
    await page.keyboard.press("Control+Enter");
    await page.waitForSelector("#halted");
    must((await focused()) === "halted", `the focus is on ${await focused()}`);
    must((await page.textContent("mark")).includes(NUMBER), "the number is not marked");
    must((await page.inputValue("#text")).includes(NUMBER), "the draft is lost");
  });
  await at("chat refused");
  await check("chat: masked and sent", async () => {
    await page.click("form[data-send=masked] button");
    await page.waitForSelector(".model .used");
    const said = await page.textContent("#said");
    must(said.includes("〔個人番号1〕") && !said.includes(NUMBER), said);
  });

  await check("chat: a file is examined before it is sent", async () => {
    await page.setInputFiles("#upload", { name: "議事録.txt", mimeType: "text/plain", buffer: Buffer.from("議事録\n連絡先 taro@example.jp\n") });
    await page.click("text=添付して確かめる");
    await page.waitForSelector(".files >> text=議事録.txt");
    must((await page.textContent(".files")).includes("本文 2行目"), await page.textContent(".files"));
  });
  await at("chat with a file");
  await check("chat: a draft that is wrong says so at its place", async () => {
    await page.goto(`${demo.url}/chat`);
    await page.click("#send");
    await page.waitForSelector(".notice.error");
    must((await page.textContent(".notice.error")).includes("入力してください"), "not told");
  });
  await at("chat left empty");
  for (const path of ["/chat/history", "/chat/history?q=ない"]) {
    await page.goto(demo.url + path);
    await at(`chat history${path.includes("q=") ? " searched" : ""}`);
  }
  await page.goto(`${demo.url}/chat/history`);
  await page.click("tbody a");
  await page.click("text=題名を変更");
  await page.waitForSelector("#title");
  await at("chat renamed");
  await page.goBack();
  await page.click("nav.chat-links >> text=削除");
  await page.waitForSelector("text=元に戻せません");
  await at("chat deleted");
  await check("chat: the pages are quiet", async () => must(heard.length === 0, heard.join("\n")));
  await own.close();

  await check("chat: without a script it is asked, answered and refused all the same", async () => {
    const plain = await browser.newContext({ javaScriptEnabled: false, viewport: viewport(1280) });
    const page = await plain.newPage();
    await signIn(page, "staff");
    await page.goto(`${demo.url}/chat`);
    await page.fill("#text", QUESTION);
    await page.click("#send");
    await page.waitForURL("**/chat/*");
    must((await page.locator(".model .used").count()) === 1, "no answer");
    await page.fill("#text", "【機密性3情報】この文を要約してください");
    await page.click("#send");
    must((await page.locator("#halted mark").count()) >= 1, "no mark");
    must((await page.locator("#stop").isVisible()) === false, "a button that cannot work is shown");
    await plain.close();
  });
  await check("chat: who has no permit is led to the application", async () => {
    const plain = await context(320);
    const page = await plain.newPage();
    await signIn(page, "applicant");
    await page.goto(`${demo.url}/chat`);
    await looksRight(page, "/chat without a permit at 320");
    must((await page.getAttribute("main a.button", "href")) === "/apply", "no way to apply");
    await plain.close();
  });
}
