// The official Node SDK against the demo. Reads the demo's `demo.json`; prints `ok NAME` or `FAILED NAME` per check.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import OpenAI from "openai";

const demo = JSON.parse(readFileSync(process.argv[2], "utf8"));
const client = (apiKey) => new OpenAI({ baseURL: `${demo.url}/v1`, apiKey, maxRetries: 0, timeout: 60_000 });
const staff = client(demo.keys.staff);
const MODELS = ["kakuu-local", "kakuu-upstream"];
const ASK = [{ role: "user", content: "生成AIの利用申請はどこに出しますか" }];
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const TOOL = {
  type: "function",
  function: { name: "weather", description: "天気", parameters: { type: "object", properties: { city: { type: "string" } } } },
};
const results = { passed: 0, failed: 0 };

async function check(name, run) {
  try {
    await run();
    results.passed += 1;
    console.log("ok node", name);
  } catch (error) {
    results.failed += 1;
    console.log("FAILED node", name);
    console.error(error);
  }
}

async function rejects(kind, call) {
  try {
    await call();
  } catch (error) {
    assert.equal(error.constructor, kind, String(error));
    return error;
  }
  assert.fail(`no ${kind.name}`);
}

await check("models are those the caller reaches", async () => {
  const names = [];
  for await (const model of staff.models.list()) names.push(model.id);
  assert.deepEqual(names.sort(), ["kakuu-cloud", "kakuu-local", "kakuu-open", "kakuu-upstream"]);
  assert.deepEqual((await client(demo.keys.applicant).models.list()).data, []);
});

await check("chat whole", async () => {
  for (const model of MODELS) {
    const { data, response } = await staff.chat.completions.create({ model, messages: ASK }).withResponse();
    assert.match(response.headers.get("x-sekisho-use"), /^u-/);
    assert.equal(data.choices[0].finish_reason, "stop");
    assert.match(data.choices[0].message.content, /申請/);
    assert.ok(data.usage.total_tokens > 0);
  }
});

await check("chat streamed", async () => {
  for (const model of MODELS) {
    const whole = (await staff.chat.completions.create({ model, messages: ASK })).choices[0].message.content;
    const stream = await staff.chat.completions.create({ model, messages: ASK, stream: true, stream_options: { include_usage: true } });
    let text = "", finish = [], usage = null;
    for await (const chunk of stream) {
      for (const choice of chunk.choices) {
        text += choice.delta.content ?? "";
        if (choice.finish_reason) finish.push(choice.finish_reason);
      }
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, whole);
    assert.deepEqual(finish, ["stop"]);
    assert.ok(usage.completion_tokens > 0);
  }
});

await check("chat streamed with the helper", async () => {
  for (const model of MODELS) {
    const final = await staff.chat.completions.stream({ model, messages: ASK }).finalContent();
    assert.ok(final.length > 0);
  }
});

await check("tools whole and back", async () => {
  const first = await staff.chat.completions.create({ model: "kakuu-upstream", messages: ASK, tools: [TOOL] });
  assert.equal(first.choices[0].finish_reason, "tool_calls");
  const call = first.choices[0].message.tool_calls[0];
  assert.deepEqual([call.function.name, JSON.parse(call.function.arguments)], ["weather", { city: "東京" }]);
  const messages = [...ASK, first.choices[0].message, { role: "tool", tool_call_id: call.id, content: "晴れ" }];
  const second = await staff.chat.completions.create({ model: "kakuu-upstream", messages, tools: [TOOL] });
  assert.equal(second.choices[0].message.content, "model=stand-in last=晴れ");
});

await check("tools streamed", async () => {
  const runner = staff.chat.completions.stream({ model: "kakuu-upstream", messages: ASK, tools: [TOOL] });
  const final = await runner.finalChatCompletion();
  const call = final.choices[0].message.tool_calls[0];
  assert.deepEqual([call.function.name, JSON.parse(call.function.arguments)], ["weather", { city: "東京" }]);
});

await check("images", async () => {
  const image = { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } };
  const messages = [{ role: "user", content: [{ type: "text", text: "この絵は何ですか" }, image] }];
  const answer = await staff.chat.completions.create({ model: "kakuu-upstream", messages });
  assert.ok(answer.choices[0].message.content.includes(`images=1 bytes=${Buffer.from(PNG, "base64").length}`));
});

await check("responses whole", async () => {
  for (const model of MODELS) {
    const answer = await staff.responses.create({ model, input: "利用申請はどこに出しますか" });
    assert.equal(answer.status, "completed");
    assert.match(answer.output_text, /申請/);
  }
});

await check("responses streamed", async () => {
  for (const model of MODELS) {
    const kinds = [];
    let text = "", last = null;
    for await (const event of await staff.responses.create({ model, input: "利用申請はどこに出しますか", stream: true })) {
      kinds.push(event.type);
      if (event.type === "response.output_text.delta") text += event.delta;
      last = event;
    }
    assert.equal(kinds[0], "response.created");
    assert.equal(kinds.at(-1), "response.completed");
    assert.equal(last.response.output[0].content[0].text, text);
  }
});

await check("responses streamed with the helper", async () => {
  for (const model of MODELS) {
    const final = await staff.responses.stream({ model, input: "利用申請はどこに出しますか" }).finalResponse();
    assert.equal(final.status, "completed");
  }
});

await check("embeddings in both encodings", async () => {
  for (const model of MODELS) {
    const input = ["利用申請", "会計検査"];
    const packed = await staff.embeddings.create({ model, input });
    const plain = await staff.embeddings.create({ model, input, encoding_format: "float" });
    assert.equal(packed.data.length, 2);
    packed.data.forEach((row, at) => {
      const other = plain.data[at].embedding;
      assert.ok(row.embedding.length > 0 && row.embedding.length === other.length);
      row.embedding.forEach((x, n) => assert.ok(Math.abs(x - other[n]) < 1e-5));
    });
  }
});

await check("unknown members pass both ways", async () => {
  const answer = await staff.chat.completions.create({ model: "kakuu-upstream", messages: ASK, x_own: { a: [1, null] } });
  assert.deepEqual(answer.x_unknown, { x_own: { a: [1, null] } });
});

await check("a refusal says why", async () => {
  const messages = [{ role: "user", content: "【機密性2情報】次の議事録を要約してください" }];
  for (const stream of [false, true]) {
    const error = await rejects(OpenAI.PermissionDeniedError, () => staff.chat.completions.create({ model: "kakuu-open", messages, stream }));
    assert.deepEqual([error.status, error.code, error.type], [403, "STANDARD_TERMS", "policy_denied"]);
    assert.equal(error.error.reasons[0].clause, "統一基準R3 4.2.1");
    assert.equal(error.error.use, error.headers.get("x-sekisho-use"));
  }
});

await check("a grade by header or metadata narrows", async () => {
  const open = { model: "kakuu-open", messages: ASK };
  const headers = { "x-sekisho-grade": "C2" };
  for (const call of [
    () => staff.chat.completions.create(open, { headers }),
    () => staff.chat.completions.create({ ...open, metadata: { grade: "C2" } }),
  ]) {
    assert.equal((await rejects(OpenAI.PermissionDeniedError, call)).code, "STANDARD_TERMS");
  }
});

await check("a wrong key is told", async () => {
  const error = await rejects(OpenAI.AuthenticationError, () => client("sekisho_nobody").models.list());
  assert.deepEqual([error.status, error.code], [401, "invalid_api_key"]);
});

await check("errors of the server keep their class", async () => {
  const ask = (status) => () =>
    staff.chat.completions.create({ model: "kakuu-upstream", messages: [{ role: "user", content: `please fail with ${status}` }] });
  const limited = await rejects(OpenAI.RateLimitError, ask(429));
  assert.deepEqual([limited.code, limited.headers.get("retry-after")], ["their_code", "1"]);
  assert.equal((await rejects(OpenAI.InternalServerError, ask(500))).status, 500);
  assert.equal((await rejects(OpenAI.BadRequestError, ask(400))).code, "their_code");
});

await check("a file uploaded before, and what is masked", async () => {
  const file = await staff.files.create({ file: await OpenAI.toFile(Buffer.from("開庁時間は九時からです。"), "案内.txt"), purpose: "user_data" });
  const content = [{ type: "text", text: "何時から？" }, { type: "file", file: { file_id: file.id } }];
  const answer = await staff.chat.completions.create({ model: "kakuu-upstream", messages: [{ role: "user", content }] });
  assert.match(answer.choices[0].message.content, /九時/);
  assert.equal((await staff.files.delete(file.id)).deleted, true);
  const messages = [{ role: "user", content: "次の文章から答えてください。カード番号4111111111111111の支払いは三月です。支払いは何月ですか" }];
  const stream = await staff.chat.completions.create({ model: "kakuu-cloud", messages, stream: true });
  let text = "";
  for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? "";
  assert.match(text, /4111111111111111/);
});

await check("who hangs up is recorded", async () => {
  const messages = [{ role: "user", content: "長".repeat(5000) }];
  const stream = await staff.chat.completions.create({ model: "kakuu-upstream", messages, stream: true });
  for await (const _ of stream) break;
});

console.log(JSON.stringify(results));
process.exit(results.failed ? 1 : 0);
