// The main flows with the keyboard alone: apply, decide, use an app, tell everyone and be told. (Signing in stands in
// look.mjs, the chat in chat.mjs.)

/** Presses Tab until what is wanted has the focus. */
async function tabTo(page, selector, most = 250) {
  for (let n = 0; n < most; n += 1) {
    await page.keyboard.press("Tab");
    const [there, ring] = await page.evaluate((wanted) => {
      const e = document.activeElement;
      return [e.matches(wanted), getComputedStyle(e).outlineStyle];
    }, selector);
    if (there && ring === "none") throw new Error(`${selector} shows no focus`);
    if (there) return;
  }
  throw new Error(`${selector} cannot be reached with the keyboard on ${page.url()}`);
}

async function type(page, selector, text) {
  await tabTo(page, selector);
  await page.keyboard.press("Control+A");
  await page.keyboard.type(text);
}

async function press(page, selector) {
  await tabTo(page, selector);
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
}

export async function flows({ context, demo, signIn, check, must, looksRight }) {
  const [applying, deciding] = [await context(1280), await context(1280)];
  const [applicant, approver] = [await applying.newPage(), await deciding.newPage()];
  await signIn(applicant, "applicant");
  await signIn(approver, "approver");
  const purpose = `審査基準案の読み比べ ${Date.now()}`;

  await check("with the keyboard alone: an application is written, checked and handed in", async () => {
    await applicant.goto(`${demo.url}/apply?service=kakuu-local`);
    await type(applicant, "#purpose", purpose);
    await tabTo(applicant, "[name='departments.shinsa']");
    if (!(await applicant.isChecked("[name='departments.shinsa']"))) await applicant.keyboard.press("Space");
    await type(applicant, "#statement", "省内のモデルで処理し、外へは出ない。");
    await press(applicant, "main button[value=check]");
    // A sheet left empty is told at its place; then it is filled in with the arrow keys.
    if (await applicant.locator("main input[type=radio]").count()) {
      const groups = await applicant.evaluate(() =>
        [...new Set([...document.querySelectorAll("main input[type=radio]")].map((e) => e.name))]);
      for (const group of groups) {
        if (await applicant.locator(`[name='${group}']:checked`).count()) continue;
        await tabTo(applicant, `[name='${group}']`);
        await applicant.keyboard.press("Space");
      }
      await press(applicant, "main button[value=check]");
    }
    await looksRight(applicant, "the check before handing in");
    await press(applicant, "main button[value=submit]");
    must(/\/applications\/ap-/.test(applicant.url()), `after handing in: ${applicant.url()}`);
    must((await applicant.textContent("main")).includes("審査中"), "it does not wait for the approver");
    await looksRight(applicant, "an application of one's own");
  });

  await check("with the keyboard alone: the application is found in the queue and approved", async () => {
    await approver.goto(`${demo.url}/review?q=${encodeURIComponent(purpose)}`);
    await press(approver, "tbody a");
    must((await approver.textContent("main")).includes(purpose), "another application");
    await looksRight(approver, "the decision page");
    await type(approver, "#reason", "業務と利用者の範囲が規程に合う");
    await press(approver, "main button[value=approve]");
    await applicant.reload();
    must((await applicant.textContent("main")).includes("承認"), "the applicant does not see the approval");
    await looksRight(applicant, "an application approved");
  });

  await check("with the keyboard alone: an app answers under the new permit", async () => {
    await applicant.goto(`${demo.url}/apps`);
    await press(applicant, "a[href='/apps/summary']");
    await type(applicant, "#text, textarea", "審査会は三月に開く。場所は本館の会議室である。資料は情報システム室が配る。");
    await press(applicant, "main form button:not([value])");
    must((await applicant.textContent("main")).includes("利用番号"), "no answer");
    await looksRight(applicant, "an app's answer");
  });

  await check("with the keyboard alone: a notice is written, read and confirmed", async () => {
    await approver.goto(`${demo.url}/notices/new`);
    await type(approver, "#title", "年度末の利用について");
    await type(approver, "#text", "個人情報を入力しないでください。");
    await press(approver, "main form button");
    await applicant.goto(`${demo.url}/notices`);
    await looksRight(applicant, "a list of notices");
    await press(applicant, "tbody a");
    await looksRight(applicant, "a notice");
    await press(applicant, "main form button");
    must((await applicant.textContent("main")).includes("確認済み"), "not confirmed");
  });
  await applying.close();
  await deciding.close();
}
