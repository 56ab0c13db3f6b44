//! What a file is, by its bytes.

use memchr::memmem;

/// What a file is, as far as its bytes tell without unpacking it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// ZIP, and everything that is made of it.
    Zip,
    Pdf,
    Mail,
    Html,
    /// Anything else that may be text.
    Text,
    /// A picture, sound or film.
    Media(&'static str),
    /// An office file behind a password.
    Encrypted,
    /// A known format that is not read here.
    Foreign(&'static str),
}

/// How far into a file its beginning may be looked for (PDF allows as much before its header).
const HEAD: usize = 1024;

/// What the file is. The name is asked only whether a text is HTML or a mail.
pub(super) fn sniff(name: &str, bytes: &[u8]) -> Form {
    let head = bytes.get(..HEAD.min(bytes.len())).unwrap_or_default();
    if let Some(form) = container(head, bytes).or_else(|| media(head)).or_else(|| foreign(head)) {
        return form;
    }
    let text = text_head(head);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    if looks_like_html(&text) || matches!(extension.as_str(), "html" | "htm" | "xhtml" | "shtml" | "svg") {
        return Form::Html;
    }
    if extension == "mbox" || (text.starts_with("From ") && looks_like_mail(text.lines().skip(1))) {
        return Form::Foreign("mbox");
    }
    if looks_like_mail(text.lines()) || (extension == "eml" && text.contains(':')) { Form::Mail } else { Form::Text }
}

fn container(head: &[u8], bytes: &[u8]) -> Option<Form> {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") || head.starts_with(b"PK\x07\x08") {
        return Some(Form::Zip);
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Some(compound(bytes));
    }
    let at = memmem::find(head, b"%PDF-")?;
    // A text may speak of `%PDF-`; a PDF ends with what a text hardly says.
    let before = head.get(..at).unwrap_or_default();
    let alone = before.iter().all(|byte| byte.is_ascii_whitespace() || matches!(byte, 0xef | 0xbb | 0xbf));
    (alone || memmem::find(bytes, b"startxref").is_some()).then_some(Form::Pdf)
}

/// What an OLE2 compound file holds, by the names of its streams. They are UTF-16 in its directory and are looked for as
/// bytes: the answer is only which refusal helps most.
fn compound(bytes: &[u8]) -> Form {
    let holds = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        memmem::find(bytes, &wide).is_some()
    };
    if holds("EncryptedPackage") {
        return Form::Encrypted;
    }
    Form::Foreign(if holds("WordDocument") {
        "DOC (Word 97-2003)"
    } else if holds("Workbook") || holds("Book") {
        "XLS (Excel 97-2003)"
    } else if holds("PowerPoint Document") {
        "PPT (PowerPoint 97-2003)"
    } else if holds("__substg1.0_") {
        "MSG (Outlook)"
    } else if holds("JSRV_") || holds("BodyText") {
        "Hancom or Ichitaro document"
    } else {
        "OLE2 compound file"
    })
}

fn media(head: &[u8]) -> Option<Form> {
    const BEGINNINGS: [(&[u8], &str); 20] = [
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\xff\xd8\xff", "JPEG"),
        (b"GIF87a", "GIF"),
        (b"GIF89a", "GIF"),
        (b"II*\0", "TIFF"),
        (b"MM\0*", "TIFF"),
        (b"\0\0\x01\0", "ICO"),
        (b"\xd7\xcd\xc6\x9a", "WMF"),
        (b"\x01\0\x09\0\0\x03", "WMF"),
        (b"8BPS", "PSD"),
        (b"\0\0\0\x0cjP  ", "JPEG 2000"),
        (b"\xff\x0a", "JPEG XL"),
        (b"ID3", "MP3"),
        (b"OggS", "Ogg"),
        (b"fLaC", "FLAC"),
        (b"\x1a\x45\xdf\xa3", "Matroska"),
        (b"\0\0\x01\xba", "MPEG"),
        (b"\0\0\x01\xb3", "MPEG"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMV"),
        (b"MThd", "MIDI"),
    ];
    if let Some((_, format)) = BEGINNINGS.iter().find(|(beginning, _)| head.starts_with(beginning)) {
        return Some(Form::Media(format));
    }
    match head {
        [b'R', b'I', b'F', b'F', _, _, _, _, kind @ ..] if kind.starts_with(b"WEBP") => Some(Form::Media("WebP")),
        [b'R', b'I', b'F', b'F', _, _, _, _, kind @ ..] if kind.starts_with(b"WAVE") => Some(Form::Media("WAV")),
        [b'R', b'I', b'F', b'F', _, _, _, _, kind @ ..] if kind.starts_with(b"AVI ") => Some(Form::Media("AVI")),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => Some(Form::Media(match brand.get(..4) {
            Some(b"heic" | b"heix" | b"hevc" | b"mif1" | b"msf1") => "HEIC",
            Some(b"avif" | b"avis") => "AVIF",
            _ => "MP4",
        })),
        // BMP: the reserved bytes are zero and the header has one of the known sizes.
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, _, _, _, _, 12 | 40 | 52 | 56 | 64 | 108 | 124, 0, ..] => {
            Some(Form::Media("BMP"))
        }
        // MPEG audio: eleven bits set, then a layer and a rate that exist. Latin text in UTF-16 begins with FF FE too.
        [0xff, second @ (0xf2 | 0xf3 | 0xfa | 0xfb), third, ..] if third & 0xf0 != 0xf0 && second & 0x06 != 0 => {
            Some(Form::Media("MP3"))
        }
        [1, 0, 0, 0, ..] if head.get(40..44) == Some(b" EMF") => Some(Form::Media("EMF")),
        _ => None,
    }
}

fn foreign(head: &[u8]) -> Option<Form> {
    const BEGINNINGS: [(&[u8], &str); 18] = [
        (b"{\\rtf", "RTF"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"\x1f\x8b", "gzip"),
        (b"BZh", "bzip2"),
        (b"\xfd7zXZ\0", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"MSCF", "CAB"),
        (b"%!PS", "PostScript"),
        (b"\xc5\xd0\xd3\xc6", "EPS"),
        (b"AC10", "DWG"),
        (b"SQLite format 3\0", "SQLite"),
        (b"\0\x01\0\0Standard ", "Access database"),
        (b"\x7fELF", "program"),
        (b"MZ", "program"),
        (b"!BDN", "PST (Outlook)"),
        (b"\x78\x9f\x3e\x22", "TNEF (winmail.dat)"),
        (b"DynamicLibrary", "DocuWorks"),
    ];
    if let Some((_, format)) = BEGINNINGS.iter().find(|(beginning, _)| head.starts_with(beginning)) {
        // `MZ` and `BZh` may begin a text; a program and an archive have bytes that no text has.
        let sure = !matches!(*format, "program" | "bzip2") || head.contains(&0) || std::str::from_utf8(head).is_err();
        return sure.then_some(Form::Foreign(format));
    }
    match head {
        [_, _, b'-', b'l', b'h', _, b'-', ..] => Some(Form::Foreign("LZH")),
        _ if head.get(257..262) == Some(b"ustar") => Some(Form::Foreign("tar")),
        _ => None,
    }
}

/// The beginning as characters that are compared with ASCII words only; UTF-16 and marks are seen through.
fn text_head(head: &[u8]) -> String {
    let ascii: Vec<u8> =
        head.iter().copied().filter(|byte| !matches!(byte, 0 | 0xef | 0xbb | 0xbf | 0xfe | 0xff)).collect();
    String::from_utf8_lossy(&ascii).trim_start().to_owned()
}

fn looks_like_html(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut rest = lower.trim_start();
    // A declaration and comments may stand before the document.
    loop {
        let after = match rest {
            _ if rest.starts_with("<?xml") => rest.split_once("?>"),
            _ if rest.starts_with("<!--") => rest.split_once("-->"),
            _ => None,
        };
        match after {
            Some((_, after)) => rest = after.trim_start(),
            None => break,
        }
    }
    const TAGS: [&str; 12] = [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<title",
        "<meta",
        "<script",
        "<style",
        "<table",
        "<div",
        "<svg",
        "<p>",
    ];
    TAGS.iter().any(|tag| rest.starts_with(tag)) || lower.contains("<html")
}

/// Header fields up to an empty line or the end of what is seen, and two of them such as only mails have.
fn looks_like_mail<'a>(lines: impl Iterator<Item = &'a str>) -> bool {
    const FIELDS: [&str; 17] = [
        "from",
        "to",
        "cc",
        "subject",
        "date",
        "message-id",
        "mime-version",
        "received",
        "return-path",
        "reply-to",
        "content-type",
        "content-transfer-encoding",
        "delivered-to",
        "dkim-signature",
        "sender",
        "x-mailer",
        "bcc",
    ];
    let mut known = 0;
    let mut first = true;
    for line in lines {
        let line = line.trim_end_matches('\r');
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) && !first {
            continue;
        }
        first = false;
        let Some((field, _)) = line.split_once(':') else { return known >= 3 };
        if field.is_empty() || !field.bytes().all(|byte| byte.is_ascii_graphic()) {
            return false;
        }
        known += usize::from(FIELDS.contains(&field.to_ascii_lowercase().as_str()));
    }
    known >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_decide_and_not_the_name() {
        assert_eq!(sniff("写真.txt", b"\x89PNG\r\n\x1a\n...."), Form::Media("PNG"));
        assert_eq!(sniff("a.docx", "ただの文".as_bytes()), Form::Text);
        assert_eq!(sniff("a.txt", b"PK\x03\x04...."), Form::Zip);
        assert_eq!(sniff("a.txt", b"\xef\xbb\xbf%PDF-1.7\n"), Form::Pdf);
        assert_eq!(sniff("a.txt", b"{\\rtf1\\ansi"), Form::Foreign("RTF"));
        assert_eq!(sniff("a.txt", b"MZ is a beginning too"), Form::Text);
        assert_eq!(sniff("a.txt", b"how to write %PDF- headers"), Form::Text);
    }

    #[test]
    fn a_mail_and_a_page_are_known_without_their_names() {
        assert_eq!(sniff("x", b"Subject: =?ISO-2022-JP?B?GyRC?=\r\nFrom: a@example.jp\r\n\r\nbody"), Form::Mail);
        assert_eq!(sniff("x", "注意: 会議\n日時: 明日\n\n".as_bytes()), Form::Text);
        assert_eq!(sniff("x", b"key: value\nother: value\n"), Form::Text);
        assert_eq!(sniff("x", b"<?xml version='1.0'?>\n<!-- a -->\n<html>"), Form::Html);
        assert_eq!(
            sniff("x", b"From a@example.jp Thu Jan 1\nFrom: a@example.jp\nSubject: x\n\n"),
            Form::Foreign("mbox")
        );
    }

    #[test]
    fn office_files_of_the_nineties_are_named() {
        let ole = |stream: &str| {
            let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
            bytes.extend(stream.encode_utf16().flat_map(u16::to_le_bytes));
            bytes
        };
        assert_eq!(sniff("a", &ole("EncryptedPackage")), Form::Encrypted);
        assert_eq!(sniff("a", &ole("WordDocument")), Form::Foreign("DOC (Word 97-2003)"));
    }
}
