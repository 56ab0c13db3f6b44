// What people do with apps, in a browser: run one, be refused, make one with the keyboard, ask for its review.

/** Works as staff on a page that is signed in. */
export async function apps(page, url, width, { check, looksRight, must }) {
  await page.goto(`${url}/apps/translate`);
  await page.click("main button");
  await looksRight(page, `an app left empty at ${width}`);
  await check(`an app left empty at ${width}: the summary leads to the field`, async () => {
    await page.click(".notice.error a >> nth=0");
    must(await page.evaluate(() => document.activeElement?.id === "in-text"), "the link does not lead to the field");
  });
  const ways = await page.locator("#way option").allTextContents();
  const run = async (text, ceiling) => {
    await page.fill("#in-text", text);
    await page.selectOption("#way", { index: ways.findIndex((way) => way.includes(`${ceiling}まで`)) });
    await page.click("text=実行");
    await page.waitForLoadState();
  };
  await run("関所は記録を残す。記録は検証できる。", "機密性2");
  await looksRight(page, `an app's answer at ${width}`);
  await check(`an app answers at ${width}`, async () => must(await page.locator("#answer").count(), "no answer"));
  await run("次の表示。【機密性2情報】予算案の検討について", "機密性1");
  await looksRight(page, `an app's refusal at ${width}`);
  await check(`a refusal at ${width} shows what was found and keeps the text`, async () => {
    must((await page.textContent("mark")) === "機密性2情報", "what was found is not marked");
    must((await page.inputValue("#in-text")).includes("予算案"), "the text is gone");
  });

  await page.goto(`${url}/apps/new`);
  await page.fill("#name", `議事録の整形 ${width}`);
  await page.fill("#overview", "書き起こしを議事録の形に整えます。");
  await page.fill("#prompt", "{{input_text}}を議事録の形に整える。");
  await page.click("text=欄を追加");
  await looksRight(page, `an app with two fields at ${width}`);
  await page.click("text=入力欄 2 を削除");
  await page.click("text=JSONで編集する");
  await looksRight(page, `an app's form as JSON at ${width}`);
  await page.click("text=欄ごとに編集する");
  await check(`the enter key keeps the app at ${width} and drops nothing`, async () => {
    await page.focus("#name");
    await Promise.all([page.waitForURL("**/apps/a-*?done=kept"), page.keyboard.press("Enter")]);
  });
  const made = new URL(page.url()).pathname;
  await page.goto(`${url}${made}/edit`);
  await looksRight(page, `an app's editor at ${width}`);
  await page.goto(`${url}${made}/share`);
  await page.fill("#note", "官房で使いたい");
  await page.click("text=審査を依頼する >> nth=-1");
  await page.goto(`${url}${made}/share`);
  await looksRight(page, `an app that waits for its review at ${width}`);
}
