"""A stand-in for a model's server that speaks OpenAI's API: chat (whole and streamed, tools, images), responses,
embeddings. It answers with what it was given, so that the SDK's tests see what reached it.

Prints its port and serves until it is stopped."""

import base64
import json
import re
import struct
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def texts(messages):
    for message in messages:
        content = message.get("content") or ""
        if isinstance(content, str):
            yield content
        else:
            yield from (part.get("text", "") for part in content)


def images(messages):
    parts = [p for m in messages if isinstance(m.get("content"), list) for p in m["content"]]
    return [p["image_url"]["url"] for p in parts if p.get("type") == "image_url"]


def answer(body):
    """The text of a chat's answer: what came in, in words."""
    messages = body["messages"]
    said = [f"model={body['model']}", f"last={list(texts(messages))[-1]}"]
    urls = images(messages)
    if urls:
        sizes = [len(base64.b64decode(url.split(",", 1)[1])) for url in urls]
        said.append(f"images={len(urls)} bytes={sum(sizes)}")
    return " ".join(said)


def tool_call(body):
    """A call of the first tool offered, unless a tool has answered already."""
    if not body.get("tools") or any(m.get("role") == "tool" for m in body["messages"]):
        return None
    function = body["tools"][0]["function"]
    arguments = {name: "東京" for name in function["parameters"]["properties"]}
    return {"name": function["name"], "arguments": json.dumps(arguments, ensure_ascii=False)}


def chat(body):
    call = tool_call(body)
    message = {"role": "assistant", "content": None if call else answer(body), "refusal": None}
    if call:
        message["tool_calls"] = [{"id": "call_1", "type": "function", "function": call}]
    known = {"model", "messages", "stream", "stream_options", "tools", "metadata", "max_tokens", "temperature"}
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1700000000, "model": body["model"],
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "tool_calls" if call else "stop"}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
        "x_unknown": {name: value for name, value in body.items() if name not in known},
    }


def chat_chunks(body):
    def chunk(delta, finish=None, **more):
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000, "model": body["model"],
                "choices": [choice], **more}

    call = tool_call(body)
    if call:
        first = {"index": 0, "id": "call_1", "type": "function", "function": {"name": call["name"], "arguments": ""}}
        yield chunk({"role": "assistant", "content": None, "tool_calls": [first]})
        for piece in re.findall(".{1,5}", call["arguments"]):
            yield chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
        yield chunk({}, "tool_calls")
    else:
        yield chunk({"role": "assistant", "content": ""})
        for piece in re.findall(".{1,5}", answer(body), re.S):
            yield chunk({"content": piece})
        yield chunk({}, "stop")
    if (body.get("stream_options") or {}).get("include_usage"):
        usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
        yield {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000, "model": body["model"],
               "choices": [], "usage": usage}


def response(body, status, output):
    return {
        "id": "resp_1", "object": "response", "created_at": 1700000000, "status": status, "error": None,
        "incomplete_details": None, "instructions": None, "metadata": {}, "model": body["model"], "output": output,
        "parallel_tool_calls": True, "temperature": 1.0, "tool_choice": "auto", "tools": [], "top_p": 1.0,
        "usage": {"input_tokens": 11, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 7,
                  "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 18},
    }


def response_item(body, text):
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [part]}


def response_text(body):
    return f"model={body['model']} input={body['input']}"


def response_events(body):
    text, place = response_text(body), {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    item = response_item(body, text)
    yield {"type": "response.created", "response": response(body, "in_progress", [])}
    yield {"type": "response.output_item.added", "output_index": 0, "item": {**item, "status": "in_progress", "content": []}}
    yield {"type": "response.content_part.added", **place, "part": {"type": "output_text", "text": "", "annotations": []}}
    for piece in re.findall(".{1,5}", text, re.S):
        yield {"type": "response.output_text.delta", **place, "delta": piece, "logprobs": []}
    yield {"type": "response.output_text.done", **place, "text": text, "logprobs": []}
    yield {"type": "response.content_part.done", **place, "part": item["content"][0]}
    yield {"type": "response.output_item.done", "output_index": 0, "item": item}
    yield {"type": "response.completed", "response": response(body, "completed", [item])}


def embeddings(body):
    given = body["input"] if isinstance(body["input"], list) else [body["input"]]
    data = []
    for index, text in enumerate(given):
        vector = [float(len(text)), 0.5, -0.25]
        if body.get("encoding_format") == "base64":
            vector = base64.b64encode(struct.pack("<3f", *vector)).decode()
        data.append({"object": "embedding", "index": index, "embedding": vector})
    usage = {"prompt_tokens": 5, "total_tokens": 5}
    return {"object": "list", "model": body["model"], "data": data, "usage": usage}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def whole(self, status, value, **headers):
        data = json.dumps(value, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()
        self.wfile.write(data)

    def events(self, events, name=False):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for number, event in enumerate(events):
            event = {**event, "sequence_number": number} if name else event
            line = f"event: {event['type']}\n" if name else ""
            self.piece(f"{line}data: {json.dumps(event, ensure_ascii=False)}\n\n")
        if not name:
            self.piece("data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def piece(self, text):
        data = text.encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        fails = re.search(r"please fail with (\d+)", json.dumps(body))
        if fails:
            error = {"message": "as you wish", "type": "their_type", "param": None, "code": "their_code"}
            return self.whole(int(fails[1]), {"error": error}, retry_after="1")
        if self.path == "/v1/chat/completions":
            return self.events(chat_chunks(body)) if body.get("stream") else self.whole(200, chat(body))
        if self.path == "/v1/responses":
            if body.get("stream"):
                return self.events(response_events(body), name=True)
            item = response_item(body, response_text(body))
            return self.whole(200, response(body, "completed", [item]))
        if self.path == "/v1/embeddings":
            return self.whole(200, embeddings(body))
        return self.whole(404, {"error": {"message": self.path, "type": "invalid_request_error", "code": None, "param": None}})


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()
