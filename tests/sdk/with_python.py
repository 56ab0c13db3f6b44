"""The official Python SDK against the demo. Reads the demo's `demo.json`; prints `ok NAME` or `FAILED NAME` per check."""

import asyncio
import base64
import json
import sys
import traceback

import openai
from openai import AsyncOpenAI, OpenAI

demo = json.load(open(sys.argv[1]))


def client(role="staff", key=None, **more):
    return OpenAI(base_url=demo["url"] + "/v1", api_key=key or demo["keys"][role], max_retries=0, timeout=60, **more)


staff = client()
MODELS = ["kakuu-local", "kakuu-upstream"]
ASK = [{"role": "user", "content": "生成AIの利用申請はどこに出しますか"}]
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + base64.b64encode(PNG).decode()}}
TOOL = {"type": "function", "function": {
    "name": "weather", "description": "天気", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}
results = {"passed": 0, "failed": 0}


def check(function):
    try:
        function()
        results["passed"] += 1
        print("ok python", function.__name__, flush=True)
    except Exception:
        results["failed"] += 1
        print("FAILED python", function.__name__, flush=True)
        traceback.print_exc()


def raises(kind, call):
    try:
        call()
    except kind as error:
        assert type(error) is kind, type(error)
        return error
    raise AssertionError(f"no {kind.__name__}")


@check
def models_are_those_the_caller_reaches():
    names = {model.id for model in staff.models.list()}
    assert names == {"kakuu-local", "kakuu-cloud", "kakuu-open", "kakuu-upstream"}, names
    assert list(client("applicant").models.list()) == []


@check
def chat_whole():
    for model in MODELS:
        raw = staff.chat.completions.with_raw_response.create(model=model, messages=ASK)
        assert raw.headers["x-sekisho-use"].startswith("u-")
        answer = raw.parse()
        assert answer.object == "chat.completion" and answer.choices[0].finish_reason == "stop"
        assert "申請" in answer.choices[0].message.content, answer
        assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0
    assert answer.choices[0].message.content == "model=stand-in last=" + ASK[0]["content"], answer


@check
def chat_streamed():
    for model in MODELS:
        whole = staff.chat.completions.create(model=model, messages=ASK).choices[0].message.content
        stream = staff.chat.completions.create(
            model=model, messages=ASK, stream=True, stream_options={"include_usage": True})
        text, finish, usage = "", [], None
        for chunk in stream:
            for choice in chunk.choices:
                text += choice.delta.content or ""
                finish.append(choice.finish_reason)
            usage = chunk.usage or usage
        assert text == whole, (text, whole)
        assert [f for f in finish if f] == ["stop"], finish
        assert usage and usage.completion_tokens > 0, usage


@check
def chat_streamed_with_the_helper():
    for model in MODELS:
        with staff.chat.completions.stream(model=model, messages=ASK) as stream:
            kinds = {event.type for event in stream}
            final = stream.get_final_completion()
        assert "content.delta" in kinds and "content.done" in kinds, kinds
        assert final.choices[0].message.content


@check
def chat_with_the_asynchronous_client():
    async def run():
        async with AsyncOpenAI(base_url=demo["url"] + "/v1", api_key=demo["keys"]["staff"], max_retries=0) as many:
            asked = [many.chat.completions.create(model=m, messages=ASK) for m in MODELS * 4]
            assert all(a.choices[0].message.content for a in await asyncio.gather(*asked))
            stream = await many.chat.completions.create(model="kakuu-upstream", messages=ASK, stream=True)
            assert [c async for c in stream][-1].choices[0].finish_reason == "stop"
    asyncio.run(run())


@check
def tools_whole_and_back():
    first = staff.chat.completions.create(model="kakuu-upstream", messages=ASK, tools=[TOOL])
    assert first.choices[0].finish_reason == "tool_calls"
    call = first.choices[0].message.tool_calls[0]
    assert call.function.name == "weather" and json.loads(call.function.arguments) == {"city": "東京"}
    messages = ASK + [first.choices[0].message, {"role": "tool", "tool_call_id": call.id, "content": "晴れ"}]
    second = staff.chat.completions.create(model="kakuu-upstream", messages=messages, tools=[TOOL])
    assert second.choices[0].message.content == "model=stand-in last=晴れ", second


@check
def tools_streamed():
    stream = staff.chat.completions.create(model="kakuu-upstream", messages=ASK, tools=[TOOL], stream=True)
    name, arguments, finish = "", "", None
    for chunk in stream:
        for choice in chunk.choices:
            finish = choice.finish_reason or finish
            for call in choice.delta.tool_calls or []:
                name += call.function.name or ""
                arguments += call.function.arguments or ""
    assert (name, json.loads(arguments), finish) == ("weather", {"city": "東京"}, "tool_calls")


@check
def tools_do_not_trouble_a_model_without_them():
    answer = staff.chat.completions.create(model="kakuu-local", messages=ASK, tools=[TOOL])
    assert answer.choices[0].message.content and not answer.choices[0].message.tool_calls


@check
def images():
    messages = [{"role": "user", "content": [{"type": "text", "text": "この絵は何ですか"}, IMAGE, IMAGE]}]
    answer = staff.chat.completions.create(model="kakuu-upstream", messages=messages)
    wanted = f"images=2 bytes={2 * len(PNG)}"
    assert wanted in answer.choices[0].message.content, answer
    assert staff.chat.completions.create(model="kakuu-local", messages=messages).choices[0].message.content


@check
def responses_whole():
    for model in MODELS:
        answer = staff.responses.create(model=model, input="利用申請はどこに出しますか")
        assert answer.object == "response" and answer.status == "completed"
        assert "申請" in answer.output_text, answer
        assert answer.usage.total_tokens > 0


@check
def responses_streamed():
    for model in MODELS:
        kinds, text, last = [], "", None
        for event in staff.responses.create(model=model, input="利用申請はどこに出しますか", stream=True):
            kinds.append(event.type)
            text += event.delta if event.type == "response.output_text.delta" else ""
            last = event
        assert kinds[0] == "response.created" and kinds[-1] == "response.completed", kinds
        assert text and last.response.output_text == text, (text, last)


@check
def responses_streamed_with_the_helper():
    for model in MODELS:
        with staff.responses.stream(model=model, input="利用申請はどこに出しますか") as stream:
            for _ in stream:
                pass
            assert stream.get_final_response().output_text


@check
def embeddings_in_both_encodings():
    for model in MODELS:
        given = ["利用申請", "会計検査"]
        packed = staff.embeddings.create(model=model, input=given)
        plain = staff.embeddings.create(model=model, input=given, encoding_format="float")
        assert len(packed.data) == 2 and [d.index for d in packed.data] == [0, 1]
        for a, b in zip(packed.data, plain.data):
            assert len(a.embedding) == len(b.embedding) > 0
            assert all(abs(x - y) < 1e-5 for x, y in zip(a.embedding, b.embedding))
        assert packed.usage.total_tokens > 0
    assert staff.embeddings.create(model="kakuu-local", input="一つ").data[0].embedding


@check
def unknown_members_pass_both_ways():
    answer = staff.chat.completions.create(
        model="kakuu-upstream", messages=ASK, seed=7, logit_bias={"1": -1}, extra_body={"x_own": {"a": [1, None]}})
    assert answer.model_extra["x_unknown"] == {"seed": 7, "logit_bias": {"1": -1}, "x_own": {"a": [1, None]}}, answer


@check
def a_refusal_says_why():
    marked = [{"role": "user", "content": "【機密性2情報】次の議事録を要約してください"}]
    for stream in (False, True):
        error = raises(openai.PermissionDeniedError,
                       lambda: staff.chat.completions.create(model="kakuu-open", messages=marked, stream=stream))
        assert (error.status_code, error.code, error.type) == (403, "STANDARD_TERMS", "policy_denied"), error
        assert error.body["reasons"][0]["clause"] == "統一基準R3 4.2.1", error.body
        assert error.body["reasons"][0]["remedy"] and error.body["use"] == error.response.headers["x-sekisho-use"]
    error = raises(openai.PermissionDeniedError,
                   lambda: staff.responses.create(model="kakuu-open", input="【機密性2情報】議事録"))
    assert error.code == "STANDARD_TERMS"
    error = raises(openai.PermissionDeniedError,
                   lambda: staff.embeddings.create(model="kakuu-open", input="【機密性2情報】議事録"))
    assert error.code == "STANDARD_TERMS"
    error = raises(openai.PermissionDeniedError,
                   lambda: client("applicant").chat.completions.create(model="kakuu-open", messages=ASK))
    assert error.code == "NO_APPROVAL"


@check
def a_grade_by_header_or_metadata_narrows():
    for more in ({"extra_headers": {"x-sekisho-grade": "C2"}}, {"metadata": {"grade": "C2"}}):
        error = raises(openai.PermissionDeniedError,
                       lambda: staff.chat.completions.create(model="kakuu-open", messages=ASK, **more))
        assert error.code == "STANDARD_TERMS"
        assert staff.chat.completions.create(model="kakuu-cloud", messages=ASK, **more).choices
    error = raises(openai.BadRequestError, lambda: staff.chat.completions.create(
        model="kakuu-cloud", messages=ASK, extra_headers={"x-sekisho-grade": "C9"}))
    assert error.code == "INVALID_GRADE"


@check
def a_wrong_key_is_told():
    nobody = client(key="sekisho_nobody")
    for call in (lambda: nobody.chat.completions.create(model="kakuu-local", messages=ASK), nobody.models.list):
        error = raises(openai.AuthenticationError, call)
        assert (error.status_code, error.code) == (401, "invalid_api_key"), error


@check
def errors_of_the_server_keep_their_class():
    def ask(status):
        return lambda: staff.chat.completions.create(
            model="kakuu-upstream", messages=[{"role": "user", "content": f"please fail with {status}"}])
    error = raises(openai.RateLimitError, ask(429))
    assert error.code == "their_code" and error.response.headers["retry-after"] == "1"
    assert raises(openai.InternalServerError, ask(500)).status_code == 500
    assert raises(openai.BadRequestError, ask(400)).body["message"] == "as you wish"
    # The key that the server does not accept is not the caller's key.
    error = raises(openai.InternalServerError, ask(401))
    assert (error.status_code, error.code) == (502, "upstream_credentials"), error


@check
def an_address_that_does_not_exist_is_told():
    error = raises(openai.NotFoundError, lambda: staff.batches.list())
    assert error.code == "NOT_FOUND"


@check
def what_is_masked_comes_back():
    messages = [{"role": "user", "content": "次の文章から答えてください。カード番号4111111111111111の支払いは三月です。支払いは何月ですか"}]
    for model in ("kakuu-open", "kakuu-cloud"):
        raw = staff.chat.completions.with_raw_response.create(model=model, messages=messages)
        assert raw.headers["x-sekisho-masked"] == "ID-CARD", raw.headers
        said = raw.parse().choices[0].message.content
        assert "4111111111111111" in said and "［カード番号" not in said, said
        stream = staff.chat.completions.create(model=model, messages=messages, stream=True)
        assert "".join(c.choices[0].delta.content or "" for c in stream if c.choices) == said
    answer = staff.responses.create(model="kakuu-cloud", input=messages[0]["content"])
    assert "4111111111111111" in answer.output_text, answer


@check
def a_picture_is_confirmed_with_a_reason():
    messages = [{"role": "user", "content": [{"type": "text", "text": "この絵は何ですか"}, IMAGE]}]
    error = raises(openai.PermissionDeniedError,
                   lambda: staff.chat.completions.create(model="kakuu-open", messages=messages))
    assert (error.code, error.body["found"][0]["rule"]) == ("FINDING_UNCONFIRMED", "AT-UNSEEN"), error.body
    confirmed = {"confirm": error.body["confirm"], "reason": "公表済みの写真"}
    assert staff.chat.completions.create(model="kakuu-open", messages=messages, metadata=confirmed).choices


@check
def files_inside_the_request_and_uploaded_before():
    text = "架空省の開庁時間は九時からです。".encode("cp932")
    data = "data:text/plain;base64," + base64.b64encode(text).decode()
    inline = {"type": "file", "file": {"filename": "案内.txt", "file_data": data}}
    kept = staff.files.create(file=("案内.txt", text), purpose="user_data")
    assert kept.id.startswith("file-") and kept.filename == "案内.txt", kept
    assert kept.model_extra["grade"]["code"] == "C1", kept
    for part in (inline, {"type": "file", "file": {"file_id": kept.id}}):
        messages = [{"role": "user", "content": [{"type": "text", "text": "何時から？"}, part]}]
        answer = staff.chat.completions.create(model="kakuu-upstream", messages=messages)
        assert "開庁時間は九時から" in answer.choices[0].message.content, answer
    part = {"type": "input_file", "filename": "案内.txt", "file_data": data}
    ask = [{"role": "user", "content": [{"type": "input_text", "text": "何時から？"}, part]}]
    assert "九時" in staff.responses.create(model="kakuu-local", input=ask).output_text
    assert kept.id in {file.id for file in staff.files.list()}
    assert staff.files.delete(kept.id).deleted
    raises(openai.NotFoundError, lambda: staff.files.retrieve(kept.id))
    marked = staff.files.create(file=("【機密性2】案.txt", text), purpose="user_data")
    messages = [{"role": "user", "content": [{"type": "file", "file": {"file_id": marked.id}}]}]
    error = raises(openai.PermissionDeniedError,
                   lambda: staff.chat.completions.create(model="kakuu-open", messages=messages))
    assert error.code == "STANDARD_TERMS", error


@check
def who_hangs_up_is_recorded():
    stream = staff.chat.completions.create(
        model="kakuu-upstream", messages=[{"role": "user", "content": "長" * 5000}], stream=True)
    next(iter(stream))
    stream.close()


print(json.dumps(results), flush=True)
sys.exit(1 if results["failed"] else 0)
