//! Formulas as MathML. Only commands that stand in a list are read, and only elements and attributes that stand in one
//! are written; everything else is shown as it was typed.

use pulldown_latex::config::DisplayMode;
use pulldown_latex::{Parser, RenderConfig, Storage, push_mathml};
use quick_xml::Reader;
use quick_xml::events::Event;

/// Longest formula.
const MOST_BYTES: usize = 1_500;
/// Deepest nesting.
const MOST_DEPTH: usize = 12;

/// Commands that are read. Those that define or repeat are not among them.
const COMMANDS: &[&str] = &[
    "frac",
    "dfrac",
    "tfrac",
    "sqrt",
    "sum",
    "prod",
    "int",
    "oint",
    "lim",
    "log",
    "ln",
    "exp",
    "sin",
    "cos",
    "tan",
    "max",
    "min",
    "sup",
    "inf",
    "det",
    "dim",
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "varepsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "varphi",
    "chi",
    "psi",
    "omega",
    "Gamma",
    "Delta",
    "Theta",
    "Lambda",
    "Xi",
    "Pi",
    "Sigma",
    "Phi",
    "Psi",
    "Omega",
    "times",
    "div",
    "cdot",
    "cdots",
    "ldots",
    "dots",
    "pm",
    "mp",
    "le",
    "leq",
    "ge",
    "geq",
    "ne",
    "neq",
    "approx",
    "equiv",
    "sim",
    "propto",
    "infty",
    "partial",
    "nabla",
    "in",
    "notin",
    "subset",
    "subseteq",
    "supset",
    "cup",
    "cap",
    "emptyset",
    "forall",
    "exists",
    "neg",
    "land",
    "lor",
    "to",
    "rightarrow",
    "leftarrow",
    "Rightarrow",
    "Leftarrow",
    "leftrightarrow",
    "Leftrightarrow",
    "mapsto",
    "text",
    "mathrm",
    "mathbf",
    "mathbb",
    "mathcal",
    "mathit",
    "hat",
    "bar",
    "vec",
    "tilde",
    "dot",
    "overline",
    "underline",
    "binom",
    "quad",
    "qquad",
    "left",
    "right",
    "begin",
    "end",
    "prime",
    "circ",
    "angle",
    "perp",
    "parallel",
    "mid",
    "langle",
    "rangle",
    "lfloor",
    "rfloor",
    "lceil",
    "rceil",
];
/// Environments that are read.
const ENVIRONMENTS: &[&str] = &["matrix", "pmatrix", "bmatrix", "vmatrix", "cases", "aligned"];
/// Elements that are written.
const ELEMENTS: &[&str] = &[
    "math",
    "mrow",
    "mi",
    "mn",
    "mo",
    "mtext",
    "mspace",
    "mfrac",
    "msqrt",
    "mroot",
    "msub",
    "msup",
    "msubsup",
    "munder",
    "mover",
    "munderover",
    "mtable",
    "mtr",
    "mtd",
    "mstyle",
    "mpadded",
    "mphantom",
    "semantics",
];
/// Attributes that are written.
const ATTRIBUTES: &[&str] = &[
    "display",
    "displaystyle",
    "scriptlevel",
    "stretchy",
    "symmetric",
    "form",
    "accent",
    "accentunder",
    "movablelimits",
    "fence",
    "separator",
    "lspace",
    "rspace",
    "width",
    "minsize",
    "maxsize",
    "linethickness",
    "mathvariant",
    "columnalign",
    "largeop",
];

/// A formula as MathML; `None` when it is not one that is read.
pub(super) fn mathml(latex: &str, block: bool) -> Option<String> {
    let latex = latex.trim();
    if latex.is_empty() || latex.len() > MOST_BYTES || !is_plain(latex) {
        return None;
    }
    let storage = Storage::new();
    let events: Result<Vec<_>, _> = Parser::new(latex, &storage).collect();
    let events = events.ok()?;
    let mode = if block { DisplayMode::Block } else { DisplayMode::Inline };
    let config = RenderConfig { display_mode: mode, xml: true, ..RenderConfig::default() };
    let mut written = String::new();
    let all = events.into_iter().map(Ok::<_, std::convert::Infallible>);
    push_mathml(&mut written, all, config).ok()?;
    // The library writes the sign for "less than" as it is.
    let written = written.replace("><</mo>", ">&lt;</mo>").replace("><\u{338}</mo>", ">&lt;\u{338}</mo>");
    sifted(&written)
}

/// Whether only commands of the list stand in it, braces close, and nothing else has a meaning of its own.
fn is_plain(latex: &str) -> bool {
    let (mut depth, mut rest) = (0usize, latex);
    while let Some(c) = rest.chars().next() {
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '{' => depth += 1,
            '}' => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return false,
            },
            '%' | '#' | '~' | '$' => return false,
            '\\' => {
                let name: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
                if name.is_empty() {
                    let Some(one) =
                        rest.chars().next().filter(|one| matches!(one, ',' | ';' | '!' | ' ' | '{' | '}' | '\\'))
                    else {
                        return false;
                    };
                    rest = rest.get(one.len_utf8()..).unwrap_or_default();
                    continue;
                }
                rest = rest.get(name.len()..).unwrap_or_default();
                if !COMMANDS.contains(&name.as_str()) {
                    return false;
                }
                if matches!(name.as_str(), "begin" | "end") {
                    let named = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(named, _)| named);
                    if !named.is_some_and(|named| ENVIRONMENTS.contains(&named)) {
                        return false;
                    }
                }
            }
            c if c.is_control() && c != '\n' => return false,
            _ => {}
        }
        if depth > MOST_DEPTH {
            return false;
        }
    }
    depth == 0 && latex.matches("\\left").count() <= MOST_DEPTH && latex.matches("\\begin").count() <= MOST_DEPTH
}

/// What was written, without elements and attributes that are not expected; `None` when it is not well formed.
fn sifted(xml: &str) -> Option<String> {
    let mut reader = Reader::from_str(xml);
    let mut out = String::with_capacity(xml.len());
    let mut open: Vec<bool> = Vec::new();
    loop {
        let event = reader.read_event().ok()?;
        match &event {
            Event::Start(tag) | Event::Empty(tag) => {
                let name = tag.name().into_inner().to_owned();
                let known = ELEMENTS.contains(&name.as_str());
                let whole = matches!(event, Event::Empty(_));
                if !whole {
                    open.push(known);
                }
                if !known {
                    continue;
                }
                out.push('<');
                out.push_str(&name);
                for attribute in tag.attributes() {
                    let attribute = attribute.ok()?;
                    let key = attribute.key.into_inner();
                    let value = &attribute.value;
                    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '%' | ' ');
                    if ATTRIBUTES.contains(&key) && value.chars().all(plain) {
                        out.push_str(&format!(" {key}=\"{value}\""));
                    }
                }
                out.push('>');
                if whole {
                    out.push_str(&format!("</{name}>"));
                }
            }
            Event::End(tag) => {
                let name = tag.name().into_inner().to_owned();
                if open.pop()? {
                    out.push_str(&format!("</{name}>"));
                }
            }
            // Text and references stay escaped as they came: what is no tag here is no tag there.
            Event::Text(text) => out.push_str(&text.replace('<', "&lt;").replace('>', "&gt;")),
            Event::GeneralRef(name) => {
                let name: &str = name;
                let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#');
                out.push_str(&if plain { format!("&{name};") } else { return None });
            }
            Event::Eof => return open.is_empty().then_some(out).filter(|out| out.starts_with("<math")),
            Event::CData(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_people_use_are_set() {
        for formula in [
            "x^2 + y^2 = z^2",
            "\\frac{a}{b}",
            "\\sum_{i=1}^{n} x_i",
            "\\sqrt{2} \\times \\pi",
            "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}",
            "\\text{費用} < 100",
            "a > b \\le c",
            "\\left( \\frac{1}{2} \\right)",
        ] {
            let math = mathml(formula, true);
            assert!(
                math.as_deref().is_some_and(|math| math.starts_with("<math") && math.ends_with("</math>")),
                "{formula}: {math:?}"
            );
        }
    }

    #[test]
    fn what_defines_colours_or_links_is_not_read() {
        for formula in [
            "\\def\\a{\\a\\a}\\a",
            "\\newcommand{\\x}{y}\\x",
            "\\color{red}x",
            "\\href{javascript:alert(1)}{x}",
            "100% x",
            "\\char\"3C",
            "{{{{{{{{{{{{{{{{x}}}}}}}}}}}}}}}}",
            "\\begin{verbatim}x\\end{verbatim}",
            "}{",
            "",
        ] {
            assert_eq!(mathml(formula, false), None, "{formula}");
        }
    }

    #[test]
    fn long_chains_end_where_they_are_too_long() {
        for (link, most) in [
            ("\\hat", 300),
            ("\\sqrt", 240),
            ("\\frac", 240),
            ("x^", 700),
            ("\\overline", 140),
            ("\\text", 240),
            ("\\neg", 300),
            ("\\left(", 180),
            ("\\sum_", 200),
            ("'", 1_400),
        ] {
            for count in [1, most / 2, most, most * 2] {
                drop(mathml(&format!("{}x", link.repeat(count)), true));
            }
        }
    }

    #[test]
    fn broken_formulas_of_known_commands_do_no_harm() {
        // A small generator without chance of its own: every run tries the same formulas.
        let parts = [
            "\\frac",
            "{",
            "}",
            "x",
            "^",
            "_",
            "\\left",
            "(",
            "\\right",
            "\\begin{cases}",
            "\\end{cases}",
            "&",
            "\\\\",
            "\\sqrt",
            "[",
            "]",
            "\\text",
            "\\hat",
            "'",
            "1",
            "\\sum",
            "\\mathbb",
            "<",
            "\\,",
            "|",
            ".",
            "\\binom",
            "\\overline",
            "あ",
            "\\end{matrix}",
            "\\begin{matrix}",
            "\\int",
        ];
        let mut seed = 7u64;
        for _ in 0..20_000 {
            let mut formula = String::new();
            for _ in 0..(seed % 9 + 1) {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                formula.push_str(parts[usize::try_from(seed >> 33).unwrap() % parts.len()]);
                formula.push(' ');
            }
            if let Some(math) = mathml(&formula, seed.is_multiple_of(2)) {
                assert!(!math.contains("style=\"") && !math.contains("<script"), "{formula}: {math}");
            }
        }
    }
}
