//! Mail messages (EML): headers, bodies and attachments.
//!
//! The library takes the message apart; characters are decoded here, because it replaces what it cannot decode and a
//! detector must not lose text in silence. Of `multipart/alternative` every alternative is read, not only the best.

use encoding_rs::WINDOWS_1252;
use mail_parser::decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode};
use mail_parser::{
    Addr, Address, Encoding, Header, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType,
};
use memchr::{memchr_iter, memchr2_iter};

use super::reading::{At, Reading};
use super::{Kind, PartKind, Reason, Unreadable, encoding, html};

/// How many bytes the parser may look at in all: a multipart without an end makes it look through the rest again.
const WORK: usize = 4 << 30;

/// Reads a message.
pub(super) fn read(reading: &mut Reading, at: &At, bytes: &[u8]) -> Result<Kind, Unreadable> {
    bounded(reading, at, bytes)?;
    let message = MessageParser::default().parse(bytes).ok_or_else(|| at.broken("header", "no header field"))?;
    read_message(reading, at, &message)?;
    Ok(Kind::Mail)
}

/// Every nested message and every part that is worth one has a `Content-Type` of its own: their number bounds how deep
/// the parser goes, and together with the number of boundaries how much it looks at.
fn bounded(reading: &mut Reading, at: &At, bytes: &[u8]) -> Result<(), Unreadable> {
    let types = memchr_iter(b'-', bytes)
        .filter(|&dash| {
            bytes.get(dash.saturating_sub(7)..dash + 5).is_some_and(|b| b.eq_ignore_ascii_case(b"content-type"))
        })
        .count();
    reading.members(at, types)?;
    let boundaries = memchr2_iter(b'b', b'B', bytes)
        .filter(|&b| bytes.get(b..b + 8).is_some_and(|b| b.eq_ignore_ascii_case(b"boundary")))
        .count();
    if boundaries.saturating_mul(bytes.len()) > WORK {
        return Err(at.broken("header", "too many multiparts for its size"));
    }
    Ok(())
}

fn read_message(reading: &mut Reading, at: &At, message: &Message<'_>) -> Result<(), Unreadable> {
    let (mut names, mut others) = (String::new(), String::new());
    for header in message.headers() {
        let value = header_text(at, message, header)?;
        match header.name().to_ascii_lowercase().as_str() {
            "subject" | "from" | "to" | "cc" | "bcc" | "reply-to" | "sender" => {
                names.push_str(&format!("{}: {value}\n", header.name()));
            }
            // The way it took and its signatures: machines' talk, full of numbers.
            "received"
            | "dkim-signature"
            | "arc-seal"
            | "arc-message-signature"
            | "arc-authentication-results"
            | "authentication-results"
            | "message-id"
            | "references"
            | "in-reply-to"
            | "content-type"
            | "mime-version"
            | "content-transfer-encoding"
            | "return-path"
            | "received-spf" => {}
            _ if value.is_empty() => {}
            _ => others.push_str(&format!("{}: {value}\n", header.name())),
        }
    }
    reading.push(at, PartKind::Name, "ヘッダー", names)?;
    reading.push(at, PartKind::Property, "ヘッダー", others)?;
    for (number, part) in (1..).zip(&message.parts) {
        read_part(reading, at, message, number, part)?;
    }
    Ok(())
}

fn read_part(
    reading: &mut Reading,
    at: &At,
    message: &Message<'_>,
    number: usize,
    part: &MessagePart<'_>,
) -> Result<(), Unreadable> {
    let kind = part.content_type().map_or_else(String::new, |kind| {
        format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()).to_ascii_lowercase()
    });
    let name = part.attachment_name().map(str::to_owned).filter(|name| !name.is_empty());
    let inside = at.member(name.as_deref().unwrap_or(&format!("パート {number}")));
    match kind.as_str() {
        "multipart/encrypted" => return Err(inside.fail(Reason::Encrypted)),
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
            let signed = part.content_type().and_then(|kind| kind.attribute("smime-type")) == Some("signed-data");
            let format = || "S/MIME (signed-data)".to_owned();
            return Err(inside.fail(if signed { Reason::Unsupported { format: format() } } else { Reason::Encrypted }));
        }
        "message/partial" => {
            return Err(inside.fail(Reason::Unsupported { format: "a part of a divided message".into() }));
        }
        "application/pkcs7-signature" | "application/x-pkcs7-signature" | "application/pgp-signature" => {
            reading.unseen(inside.fail(Reason::Unsupported { format: "signature".into() }));
            return Ok(());
        }
        _ => {}
    }
    if let Some(name) = &name {
        reading.push(at, PartKind::Name, "添付ファイル", name.clone())?;
    }
    match &part.body {
        PartType::Multipart(_) => Ok(()),
        PartType::Message(nested) => {
            let name = name.unwrap_or_else(|| format!("パート {number}.eml"));
            reading.within(&at.member(&name), |reading, at| read_message(reading, at, nested))
        }
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
            reading.unpacked(&inside, bytes.len())?;
            reading.member(&inside, bytes)
        }
        PartType::Text(_) | PartType::Html(_) => {
            let bytes = transfer_decoded(message, part)
                .ok_or_else(|| inside.broken(format!("パート {number}"), "its transfer encoding is broken"))?;
            reading.unpacked(&inside, bytes.len())?;
            let charset = part.content_type().and_then(|kind| kind.attribute("charset"));
            // An attachment that the message breaks off after is handed out as text whatever it is.
            let is_text = kind.is_empty() || kind.starts_with("text/");
            if !is_text || (name.is_some() && charset.is_none()) {
                return reading.member(&inside, &bytes);
            }
            let most = reading.text_left();
            let text = match charset {
                Some(charset) => encoding::decode_declared(charset, &bytes, most),
                None => encoding::decode(&bytes, most),
            }
            .map_err(|reason| inside.fail(reason))?;
            if text.contains("-----BEGIN PGP MESSAGE-----") {
                return Err(inside.fail(Reason::Encrypted));
            }
            let place = name.unwrap_or_else(|| "本文".to_owned());
            if matches!(part.body, PartType::Html(_)) {
                html::push(reading, at, &place, html::text(&text))
            } else {
                reading.push(at, PartKind::Body, &place, text)
            }
        }
    }
}

/// The bytes of a part without their transfer encoding. Where the end of a part is missing, the library does not decode
/// it; what is there is decoded all the same.
fn transfer_decoded(message: &Message<'_>, part: &MessagePart<'_>) -> Option<Vec<u8>> {
    let (begin, end) = (part.offset_body as usize, part.offset_end as usize);
    let raw = message.raw_message.get(begin..end.max(begin))?;
    let declared = part.content_transfer_encoding().map(str::to_ascii_lowercase);
    match (part.encoding, declared.as_deref().filter(|_| part.is_encoding_problem)) {
        (Encoding::Base64, _) | (_, Some("base64")) => base64_decode(raw),
        (Encoding::QuotedPrintable, _) | (_, Some("quoted-printable")) => quoted_printable_decode(raw),
        (Encoding::None, _) => Some(raw.to_vec()),
    }
}

/// What a header field says. Old programs put ISO-2022-JP or CP932 into it as it is, without an encoded word.
fn header_text(at: &At, message: &Message<'_>, header: &Header<'_>) -> Result<String, Unreadable> {
    let parsed = match header.value() {
        HeaderValue::Text(text) => text.to_string(),
        HeaderValue::TextList(list) => list.join(", "),
        HeaderValue::Address(address) => addresses(address),
        HeaderValue::DateTime(_) | HeaderValue::ContentType(_) | HeaderValue::Received(_) | HeaderValue::Empty => {
            return Ok(String::new());
        }
    };
    if !parsed.contains(['\u{fffd}', '\u{1b}']) {
        return Ok(parsed);
    }
    let (begin, end) = (header.offset_start() as usize, header.offset_end() as usize);
    let raw = message.raw_message.get(begin..end.max(begin)).unwrap_or_default();
    if raw.windows(2).any(|two| two == b"=?") {
        return Err(at.fail(Reason::Encoding { at: begin }));
    }
    match encoding::decode(raw, raw.len().saturating_mul(3)) {
        Ok(text) => Ok(text.trim().to_owned()),
        // Single bytes among ASCII are the accents of a western language.
        Err(_) if !raw.windows(2).any(|two| two.iter().all(|byte| !byte.is_ascii())) => {
            Ok(WINDOWS_1252.decode(raw).0.trim().to_owned())
        }
        Err(Reason::Encoding { at: byte }) => Err(at.fail(Reason::Encoding { at: begin + byte })),
        Err(other) => Err(at.fail(other)),
    }
}

fn addresses(address: &Address<'_>) -> String {
    let one = |address: &Addr<'_>| match (&address.name, &address.address) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (Some(one), None) | (None, Some(one)) => one.to_string(),
        (None, None) => String::new(),
    };
    let all: Vec<String> = match address {
        Address::List(list) => list.iter().map(one).collect(),
        Address::Group(groups) => groups
            .iter()
            .flat_map(|group| group.name.iter().map(ToString::to_string).chain(group.addresses.iter().map(one)))
            .collect(),
    };
    all.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, Limits, read};
    use encoding_rs::{ISO_2022_JP, SHIFT_JIS};

    fn open(mail: &[u8]) -> Result<Document, Unreadable> {
        read("便り.eml", mail, &Limits::default())
    }

    fn texts(document: &Document, kind: PartKind) -> Vec<&str> {
        document.parts.iter().filter(|part| part.kind == kind).map(|part| part.text.as_str()).collect()
    }

    #[test]
    fn encoded_words_and_iso_2022_jp_are_read() {
        let body = ISO_2022_JP.encode("架空市の山田です。").0.into_owned();
        let mut mail = b"From: =?UTF-8?B?5p6256m6?= <a@example.jp>\r\nSubject: =?ISO-2022-JP?B?GyRCMk02dTtUGyhC?=\r\n\
            To: b@example.jp\r\nContent-Type: text/plain; charset=ISO-2022-JP\r\n\r\n"
            .to_vec();
        mail.extend(body);
        let document = open(&mail).unwrap();
        assert_eq!(document.kind, Kind::Mail);
        assert_eq!(
            texts(&document, PartKind::Name),
            ["From: 架空 <a@example.jp>\nSubject: 架空市\nTo: b@example.jp\n"]
        );
        assert_eq!(texts(&document, PartKind::Body), ["架空市の山田です。"]);
    }

    #[test]
    fn raw_bytes_in_a_header_and_no_charset_are_read() {
        let mut mail = b"From: a@example.jp\nSubject: ".to_vec();
        mail.extend(&*SHIFT_JIS.encode("架空の件名").0);
        mail.extend(b"\n\n");
        mail.extend(&*SHIFT_JIS.encode("架空の本文").0);
        let document = open(&mail).unwrap();
        assert_eq!(texts(&document, PartKind::Name), ["From: a@example.jp\nSubject: 架空の件名\n"]);
        assert_eq!(texts(&document, PartKind::Body), ["架空の本文"]);
    }

    const MIXED: &str = "From: a@example.jp\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\
        Content-Type: multipart/alternative; boundary=C\r\n\r\n--C\r\nContent-Type: text/plain; charset=utf-8\r\n\
        Content-Transfer-Encoding: base64\r\n\r\n5pys5paH\r\n--C\r\nContent-Type: text/html; charset=utf-8\r\n\
        Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>=E8=A3=8F</p><p hidden>=E9=9A=A0</p>\r\n--C--\r\n--B\r\n\
        Content-Type: text/csv; name=list.csv\r\nContent-Disposition: attachment; filename=list.csv\r\n\r\n1,2\r\n--B\r\n\
        Content-Type: image/png\r\nContent-Disposition: attachment; filename=\"=?UTF-8?B?5Zuz?=.png\"\r\n\
        Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--B\r\nContent-Type: message/rfc822\r\n\r\n\
        From: c@example.jp\r\nSubject: inner\r\n\r\ninner body\r\n--B--\r\n";

    #[test]
    fn bodies_attachments_and_nested_messages_are_read() {
        let document = open(MIXED.as_bytes()).unwrap();
        assert_eq!(texts(&document, PartKind::Body), ["本文", "裏\n", "1,2", "inner body"]);
        assert_eq!(texts(&document, PartKind::Hidden), ["隠\n"]);
        assert!(texts(&document, PartKind::Name).iter().any(|name| name.contains("Subject: inner")));
        let unseen: Vec<&str> = document.unseen.iter().map(|unseen| unseen.path.as_str()).collect();
        assert_eq!(unseen, ["便り.eml › 図.png"]);
        let csv = document.parts.iter().find(|part| part.text == "1,2").unwrap();
        assert_eq!(csv.place, "便り.eml › list.csv");
    }

    #[test]
    fn what_cannot_be_read_in_a_mail_refuses_the_mail() {
        let encrypted = MIXED.replace("image/png", "application/pkcs7-mime");
        assert_eq!(open(encrypted.as_bytes()).unwrap_err().reason, Reason::Encrypted);
        let broken = MIXED.replace("5pys5paH", "5pys5paH5g==");
        assert!(matches!(open(broken.as_bytes()).unwrap_err().reason, Reason::Encoding { .. }));
        let archive = MIXED.replace("iVBORw0KGgo=", "N3q8ryccAAA=");
        let error = open(archive.as_bytes()).unwrap_err();
        assert_eq!(error.path, "便り.eml › 図.png");
        assert_eq!(error.reason, Reason::Unsupported { format: "7z".into() });
    }

    #[test]
    fn messages_in_messages_are_bounded() {
        let level = "From: a@example.jp\nSubject: x\nContent-Type: message/rfc822\n\n";
        let deep = open(level.repeat(20).as_bytes()).unwrap_err();
        assert_eq!(deep.reason, Reason::TooLarge { limit: "depth", most: Limits::default().depth });
        let bomb = open(level.repeat(100_000).as_bytes()).unwrap_err();
        assert_eq!(bomb.reason, Reason::TooLarge { limit: "members", most: Limits::default().members });
        let multiparts = "From: a@x\nSubject: x\nContent-Type: multipart/mixed; boundary=B\n\n".to_owned()
            + &format!("--B\nContent-Type: multipart/mixed; boundary=no\n\n{}\n", "x".repeat(5000)).repeat(4000);
        assert!(matches!(open(multiparts.as_bytes()).unwrap_err().reason, Reason::Broken { .. }));
    }
}
