// Every page there is, and who looks at it. A page that is not named here is looked at by nobody.

/** Pages that anyone sees. */
export const OPEN = ["/", "/signin", "/signin?done=signed-out", "/enrol/sekisho_nothing", "/setup/sekisho_nothing"];

/** What everyone has who is signed in; the menu differs. */
const EVERYONE = ["/", "/me"];

/** Pages by who looks, a name in the demo. After ` > ` stands a link of the page to follow. */
export const PAGES = {
  staff: [
    ...EVERYONE, "/me?done=password", "/me/sessions", "/me/password", "/me/second-factor", "/me/nothing", "/me/uses",
    "/chat", "/chat/history",
    "/apps", "/apps?q=nothing", "/apps/draft", "/apps/summary", "/apps/proofread", "/apps/translate", "/apps/new",
    "/apps/new?from=summary", "/apps/import", "/apps/nothing",
    "/research", "/research/law?q=%E5%B1%8A%E5%87%BA&since=x", "/research/law?q=%E5%B1%8A%E5%87%BA", "/research/diet",
    "/research/document", "/research/notes", "/research/searches?of=%2Fresearch%2Flaw%3Fq%3D%25E5%25B1%258A",
    "/applications", "/applications > tbody a", "/apply", "/apply?service=kakuu-open&purpose=%E5%BA%83%E5%A0%B1&grade=1",
    "/permits", "/permits > tbody a", "/services", "/services/kakuu-cloud", "/notices", "/regulation", "/rules",
    "/people",
  ],
  approver: [
    ...EVERYONE, "/me/second-factor", "/review", "/review > tbody a", "/review?show=decided", "/review?show=decided > tbody a",
    "/permits > tbody a", "/apps/review", "/notices/new", "/oversight",
  ],
  manager: [
    ...EVERYONE, "/services/kakuu-open", "/services/new", "/services/kakuu-open/change", "/inventory", "/budgets", "/apps/outside/new",
    "/oversight/refusals", "/records/uses?of=u-none",
    "/records", "/records/schedule", "/records/holds", "/records/disposals", "/records/disclosures",
  ],
  ciso: [
    ...EVERYONE, "/start", "/regulation", "/rules",
    "/oversight", "/oversight?period=30", "/oversight/by/service", "/oversight/by/permit?period=1", "/oversight/refusals",
    "/oversight/uses", "/oversight/uses?from=x&until=y", "/oversight/uses?outcome=cut", "/oversight/content",
    "/oversight/ledger", "/oversight/governance", "/oversight/governance?kind=role.granted", "/oversight/entries/3",
    "/oversight/report", "/oversight/report?from=x", "/oversight/report?from=2026-04-01&to=2026-10-31",
    "/oversight/shadow", "/oversight/shadow?q=x", "/oversight/shadow > tbody a",
  ],
  caio: [...EVERYONE, "/review", "/oversight/report", "/oversight/shadow"],
  // The operator's side of ISMAP.
  secretariat: [
    "/ismap", "/ismap/filings", "/ismap/filings?state=all&as_of=2026-01-01", "/ismap/meetings", "/ismap/incidents",
    "/ismap/change-notices", "/ismap/parties", "/ismap/parties/kakuu-cloud?who=%E6%9E%B6%E7%A9%BA", "/ismap/deadlines",
    "/ismap/settings",
  ],
  csp: [
    "/ismap", "/ismap/filings", "/ismap/incidents", "/ismap/change-notices", "/ismap/change-notices/new",
    "/ismap/parties/kakuu-cloud", "/ismap/deadlines",
  ],
  admin: [
    ...EVERYONE, "/start", "/people", "/people?q=nobody", "/people > tbody a", "/people/new", "/people/import", "/departments",
  ],
  // A provider: its services, its statement from the editor to the signature, its application.
  csp: [
    "/ismap", "/ismap/offerings", "/ismap/statements", "/ismap/statements/new", "/ismap/filings/new",
    ...["", "?o=9.2.1", "?show=problems&q=%E9%8D%B5", "/service", "/check", "/gap", "/import", "/answers", "/record"]
      .map((below) => `/ismap/statements/mihon-genmei${below}`),
  ],
};

/** Criteria and rule documents of ISMAP, by who looks. */
export const CRITERIA = {
  secretariat: [
    "/ismap/criteria", "/ismap/criteria?as_of=2020-01-01", "/ismap/criteria/import", "/ismap/criteria/mihon-1",
    "/ismap/criteria/mihon-1?level=detail&mark=basic&page=2", "/ismap/criteria/mihon-1?q=nothing",
    "/ismap/criteria/mihon-1/difference/mihon-1", "/ismap/rules", "/ismap/rules/toroku-kisoku",
  ],
  csp: ["/ismap/criteria", "/ismap/firms", "/ismap/criteria/mihon-1", "/ismap/rules"],
};

/** Makes uses of every kind to look at, and says where their records are, by who looks. */
export async function made(demo) {
  const post = (role, path, body) => fetch(demo.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${demo.keys[role]}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const chat = async (model, content) =>
    (await post("staff", "/v1/chat/completions", { model, messages: [{ role: "user", content }] })).headers.get("x-sekisho-use");
  const [open, asked, closed] = [await chat("kakuu-local", "要約してください"), await chat("kakuu-local", "校正してください"),
    await chat("kakuu-cloud", "議事録です")];
  const refused = await chat("kakuu-open", "【機密性2情報】次の議事録を要約してください");
  // A statement of the provider, begun and no more.
  const step = { do: "draft", party: "kakuu-cloud", offering: "kakuu-cloud-ai", catalogue: "mihon-1", from: "2025-10-01", to: "2026-09-30" };
  await post("csp", "/api/commands/statement.step", { content: { statement: "mihon-genmei", step }, reason: "" });
  await post("ciso", "/api/commands/content.request", { content: { use: open }, reason: "調査" });
  await post("auditor", "/api/commands/content.grant", { content: { use: open }, reason: "" });
  await post("auditor", "/api/commands/content.request", { content: { use: asked }, reason: "抽出検査" });
  return {
    ciso: [
      ...[open, asked, closed, refused].map((id) => `/oversight/uses/${id}`), `/oversight/uses/${refused}?replay=1`,
      `/oversight/uses/${open}/content`,
    ],
    staff: [`/me/uses/${refused}?replay=1`],
  };
}

/** Screenshots of the README: file, who, path, width. The chat's are made where it is used. */
export const SCREENSHOTS = [
  ["landing.png", null, "/", 1280],
  ["signin.png", null, "/signin", 1280],
  ["home.png", "approver", "/", 1280],
  ["decision.png", "approver", "/review > tbody a", 1280],
  ["apply-320.png", "staff", "/apply?service=kakuu-open&purpose=%E5%BA%83%E5%A0%B1&grade=1", 320],
  ["oversight.png", "ciso", "/oversight?period=30", 1280],
  ["shadow.png", "ciso", "/oversight/shadow", 1280],
];
