//! What the chair's words do to the floor.

/// What a speech of the chair does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chairing {
    /// A questioning ends: the next item, debate, a vote, a recess.
    Ends,
    /// A member is given a turn of his own.
    Turn,
    /// The chair gives the floor to whoever is asked, or asks for silence.
    Passing,
}

/// Words after which what was asked before is not answered any more.
const ENDS: [&str; 16] = [
    "質疑は終了",
    "質疑は終局",
    "質疑を終了",
    "質疑を終局",
    "質疑は終わり",
    "討論に入り",
    "採決いたし",
    "採決をいたし",
    "採決に入り",
    "散会いたし",
    "散会します",
    "議題といたします",
    "議題とします",
    "趣旨の説明を求めます",
    "趣旨の説明を聴取",
    "説明を聴取いたします",
];

const TURN: [&str; 4] = ["次に、", "順次これを許", "質疑を許", "質疑を継続いたします"];

impl Chairing {
    pub(super) fn of(body: &str) -> Self {
        if ENDS.iter().any(|words| body.contains(words)) {
            Self::Ends
        } else if TURN.iter().any(|words| body.contains(words)) {
            Self::Turn
        } else {
            Self::Passing
        }
    }
}
