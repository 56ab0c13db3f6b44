// Every page there is. A page that is not named here is looked at by nobody.

/** Pages that anyone sees. */
export const OPEN = ["/", "/signin", "/signin?done=signed-out", "/enrol/sekisho_nothing"];

/** Pages of someone who is signed in. */
export const MINE = ["/", "/me", "/me?done=password", "/me/sessions", "/me/password", "/me/second-factor", "/me/nothing",
  "/chat", "/chat/history"];

/** Pages of the apps. */
export const APPS = [
  "/apps", "/apps?q=nothing", "/apps/draft", "/apps/summary", "/apps/proofread", "/apps/translate", "/apps/new",
  "/apps/new?from=summary", "/apps/import", "/apps/review", "/apps/outside/new", "/apps/nothing",
];
MINE.push(...APPS);

/** Who looks: name in the demo. */
export const PEOPLE = ["staff", "approver", "admin"];

/** Screenshots of the README: file, who, path, width. */
export const SCREENSHOTS = [
  ["signin.png", null, "/signin", 1280],
  ["me.png", "staff", "/me", 1280],
  ["sessions-320.png", "approver", "/me/sessions", 320],
];
