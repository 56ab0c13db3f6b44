// Every page there is. A page that is not named here is looked at by nobody.

/** Pages that anyone sees. */
export const OPEN = ["/", "/signin", "/signin?done=signed-out", "/enrol/sekisho_nothing"];

/** Pages of someone who is signed in. */
export const MINE = ["/", "/me", "/me?done=password", "/me/sessions", "/me/password", "/me/second-factor", "/me/nothing"];

/** Oversight; who may not open one sees why. */
export const OVERSIGHT = [
  "/oversight", "/oversight?period=30", "/oversight/by/service", "/oversight/by/permit?period=1", "/oversight/refusals",
  "/oversight/uses", "/oversight/uses?from=x&until=y", "/oversight/uses?outcome=cut", "/oversight/content",
  "/oversight/ledger", "/oversight/governance", "/oversight/governance?kind=role.granted", "/oversight/entries/3",
  "/me/uses",
];

/** Makes uses of every kind to look at, and says where their records are. */
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
  await post("ciso", "/api/commands/content.request", { content: { use: open }, reason: "調査" });
  await post("auditor", "/api/commands/content.grant", { content: { use: open }, reason: "" });
  await post("auditor", "/api/commands/content.request", { content: { use: asked }, reason: "抽出検査" });
  return [
    ...[open, asked, closed, refused].map((id) => `/oversight/uses/${id}`), `/oversight/uses/${refused}?replay=1`,
    `/oversight/uses/${open}/content`, `/me/uses/${refused}?replay=1`,
  ];
}

/** Who looks: name in the demo. */
export const PEOPLE = ["staff", "approver", "admin", "ciso"];

/** Screenshots of the README: file, who, path, width. */
export const SCREENSHOTS = [
  ["signin.png", null, "/signin", 1280],
  ["me.png", "staff", "/me", 1280],
  ["sessions-320.png", "approver", "/me/sessions", 320],
];
