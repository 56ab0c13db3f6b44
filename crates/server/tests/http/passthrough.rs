//! What the gate does not know it does not touch: bytes go to an OpenAI-compatible server and come back as they are.

use crate::client::CHAT;
use crate::house::{House, THEIR_MODEL};
use crate::stand_in::{StandIn, begin_stream, end_stream, piece, respond};
use std::io::Write as _;

const REQUESTS: [(&str, &str); 3] = [
    (
        CHAT,
        "\r\n { \"z_unknown\" : {\"b\":[1.0, 1E+2,-0,0.10,{ }], \"a\":\"\\u00e9\\/\\ud83d\\ude00é\" } ,\t\"model\":\"kakuu-upstream\",\n\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"絵\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,iVBORw0KGgo=\",\"detail\":\"low\"}}],\"name\":\"x\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\",\"properties\":{\"model\":{\"type\":\"string\"}}}}}],\"logit_bias\":{\"50256\":-100},\"seed\":18446744073709551615,\"metadata\":{\"ticket\":\"T-1\",\"purpose\":\"自組織のモデルの利用\"} }\n",
    ),
    (
        "/v1/responses",
        "{\"input\":[{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"問\"}]}],\"model\":\"kakuu-upstream\",\"store\":false,\"x\":null}",
    ),
    (
        "/v1/embeddings",
        "{\"model\":\"kakuu-upstream\",\"input\":[\"一\",\"二\"],\"encoding_format\":\"base64\",\"x\":1.50}",
    ),
];

#[test]
fn unknown_members_reach_the_model_byte_for_byte_and_its_answer_comes_back_so() {
    let answer = "  {\"id\":\"c\", \"x_unknown\":{\"n\":1.0,\"m\":1E+2,\"t\":\"\\u00e9\\/\"},\n\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"はい\",\"annotations\":[]},\"finish_reason\":\"stop\",\"logprobs\":null}],\"object\":\"chat.completion\",\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"x\":{\"y\":1}}}\r\n\n";
    let upstream = StandIn::new(move |_, socket| {
        let headers = [
            "content-type: application/json; charset=utf-8",
            "x-request-id: req_1",
            "openai-processing-ms: 12",
            "x-ratelimit-remaining-requests: 9",
            "set-cookie: a=b",
            "server: secret-server/1.2",
            "x-internal: 10.0.0.7",
        ];
        respond(socket, 200, &headers, answer.as_bytes());
    });
    let house = House::with(&upstream);
    for (at, (path, body)) in REQUESTS.into_iter().enumerate() {
        let reply = house.by("staff").request("POST", path).header("x-stainless-lang", "python").bytes(body).send();
        assert_eq!((reply.status, reply.text()), (200, answer.to_owned()), "{path}");
        let seen = &upstream.seen()[at];
        let sent = body.replace("\"model\":\"kakuu-upstream\"", &format!("\"model\":\"{THEIR_MODEL}\""));
        assert_ne!(sent, body);
        assert_eq!(String::from_utf8_lossy(&seen.body), sent, "{path}");
        assert!(seen.head.starts_with(&format!("post {path} ")), "{}", seen.head);
        // Neither key nor anything else of the caller's head goes on, and little of the answer's comes back.
        assert!(!seen.head.contains("sekisho_") && !seen.head.contains("authorization"), "{}", seen.head);
        assert!(!seen.head.contains("stainless"), "{}", seen.head);
        for (name, value) in
            [("x-request-id", "req_1"), ("openai-processing-ms", "12"), ("x-ratelimit-remaining-requests", "9")]
        {
            assert_eq!(reply.header(name), Some(value));
        }
        for name in ["set-cookie", "server", "x-internal"] {
            assert_eq!(reply.header(name), None);
        }
        let entries = house.ended(&reply.used())["entries"].clone();
        assert_eq!(entries[0]["entry"]["data"]["bytes"], body.len());
        assert_eq!(entries[1]["entry"]["data"]["bytes"], answer.len());
        assert_eq!(
            (&entries[1]["entry"]["data"]["finish"], &entries[1]["entry"]["data"]["status"]),
            (&"completed".into(), &200.into())
        );
        if path == CHAT {
            assert_eq!(
                (&entries[1]["entry"]["data"]["input_tokens"], &entries[1]["entry"]["data"]["output_tokens"]),
                (&7.into(), &3.into())
            );
        }
    }
}

#[test]
fn a_stream_comes_back_byte_for_byte_however_it_is_cut() {
    let stream = ": keep-alive\r\n\r\nevent: x-own\r\nid: 7\r\nretry: 10\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"関\"}}],\"x\":1.0}\r\n\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"所\"},\"finish_reason\":\"stop\"}],\ndata: \"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n:\n\ndata:[DONE]\n\n";
    let upstream = StandIn::new(move |_, socket| {
        begin_stream(socket);
        // Pieces of seven bytes cut events, lines and characters anywhere.
        for bytes in stream.as_bytes().chunks(7) {
            let mut framed = format!("{:x}\r\n", bytes.len()).into_bytes();
            framed.extend_from_slice(bytes);
            framed.extend_from_slice(b"\r\n");
            let _ = socket.write_all(&framed);
        }
        end_stream(socket);
    });
    let house = House::with(&upstream);
    let body = r#"{"model":"kakuu-upstream","stream":true,"messages":[]}"#;
    let reply = house.by("staff").request("POST", CHAT).bytes(body).send();
    assert_eq!((reply.status, reply.text()), (200, stream.to_owned()));
    assert!(reply.header("content-type").unwrap().starts_with("text/event-stream"));
    let recorded = house.ended(&reply.used());
    let closed = &recorded["entries"][1]["entry"]["data"];
    assert_eq!((&closed["finish"], &closed["bytes"]), (&"completed".into(), &stream.len().into()), "{closed}");
    assert_eq!((&closed["input_tokens"], &closed["output_tokens"]), (&1.into(), &2.into()), "{closed}");
    assert_eq!(closed.get("hung_up"), None, "the caller heard it out");
}

/// Whoever asked for a stream and gets a whole answer, or the other way round, gets what the server gave.
#[test]
fn a_server_that_does_not_stream_is_heard_too() {
    let answer = crate::stand_in::completion("流れません");
    let upstream = StandIn::answering(&answer);
    let house = House::with(&upstream);
    let body = r#"{"model":"kakuu-upstream","stream":true,"messages":[]}"#;
    let reply = house.by("staff").request("POST", CHAT).bytes(body).send();
    assert_eq!((reply.status, reply.text()), (200, answer));
    assert_eq!(house.ended(&reply.used())["use"]["outcome"], "completed");
}

/// What comes back is looked at as well; the finding is in the record, the text is not.
#[test]
fn findings_in_an_answer_are_recorded_without_their_text() {
    let upstream = StandIn::new(|_, socket| {
        begin_stream(socket);
        for text in ["連絡先は ", "hanako@example", ".go.jp です"] {
            piece(socket, &crate::stand_in::delta(text));
        }
        piece(socket, crate::stand_in::STOP);
        piece(socket, crate::stand_in::DONE);
        end_stream(socket);
    });
    let house = House::with(&upstream);
    let reply = house.by("staff").request("POST", CHAT).bytes(r#"{"model":"kakuu-upstream","stream":true}"#).send();
    let recorded = house.ended(&reply.used());
    let closed = &recorded["entries"][1]["entry"]["data"];
    assert_eq!(closed["findings"][0]["count"], 1, "an address cut by the stream is one address: {closed}");
    assert!(!recorded.to_string().contains("hanako"), "{recorded}");
}
