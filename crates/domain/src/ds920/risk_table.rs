//! 高リスク判定シートの組合せ: which answers point to a high risk, as a table that the CAIO edits. How the guideline itself
//! combines them is not confirmed (K); the table a body adopts is its own, and its result is advice.

use crate::decision::RiskStanding;
use crate::id::{PersonId, RiskTableId};
use crate::permit::RiskSheet;
use crate::refusal::Refusal;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Most rows of a table: more nobody reads.
const MOST_ROWS: usize = 64;
/// The highest answer.
const HIGHEST: u8 = 3;

/// Where a sheet points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RiskLevel {
    /// 高リスクにあたる可能性は低い.
    Low,
    /// 高リスクの可能性.
    PossiblyHigh,
}

impl RiskLevel {
    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Low => "高リスクの可能性は低い",
            Self::PossiblyHigh => "高リスクの可能性",
        }
    }

    /// As a fact of decisions, while the CAIO has not spoken.
    pub const fn standing(self) -> RiskStanding {
        match self {
            Self::Low => RiskStanding::Low,
            Self::PossiblyHigh => RiskStanding::PossiblyHigh,
        }
    }
}

impl From<RiskStanding> for RiskLevel {
    fn from(standing: RiskStanding) -> Self {
        if standing == RiskStanding::Low { Self::Low } else { Self::PossiblyHigh }
    }
}

/// One row: it applies to sheets whose every answer is at least as high.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RiskRow {
    /// A 利用者の範囲・種別; 0 asks nothing.
    #[serde(default)]
    pub users: u8,
    /// B 利用業務の性格; 0 asks nothing.
    #[serde(default)]
    pub work: u8,
    /// C 要機密情報・個人情報の学習等; 0 asks nothing.
    #[serde(default)]
    pub learning: u8,
    /// D 職員の判断; 0 asks nothing.
    #[serde(default)]
    pub judgement: u8,
    /// What it says of them.
    pub level: RiskLevel,
}

impl RiskRow {
    /// The least answers, in the order of the axes.
    pub const fn least(&self) -> [u8; 4] {
        [self.users, self.work, self.learning, self.judgement]
    }

    /// The row applies to whatever has at least these answers.
    fn covers(&self, answers: [u8; 4]) -> bool {
        self.least().into_iter().zip(answers).all(|(least, answer)| least <= answer)
    }
}

/// A table: of its rows the first that applies decides, and what none applies to is `otherwise`. So there is an answer to
/// every sheet, however the rows are written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RiskTable {
    /// Its name, never used twice.
    pub table: RiskTableId,
    /// First day it counts.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub from: Date,
    /// Rows, in the order they are asked.
    pub rows: Vec<RiskRow>,
    /// Of sheets that no row applies to.
    pub otherwise: RiskLevel,
}

/// A table with who adopted it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdoptedTable {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: PersonId,
    /// Why, in the actor's words.
    pub reason: String,
    /// The table.
    pub table: RiskTable,
}

/// The rows that say the same as [`RiskSheet::standing`]: one axis at 3, or two at 2 or more.
pub fn default_rows() -> Vec<RiskRow> {
    let row = |[users, work, learning, judgement]: [u8; 4]| RiskRow {
        users,
        work,
        learning,
        judgement,
        level: RiskLevel::PossiblyHigh,
    };
    [
        [3, 0, 0, 0],
        [0, 3, 0, 0],
        [0, 0, 3, 0],
        [0, 0, 0, 3],
        [2, 2, 0, 0],
        [2, 0, 2, 0],
        [2, 0, 0, 2],
        [0, 2, 2, 0],
        [0, 2, 0, 2],
        [0, 0, 2, 2],
    ]
    .map(row)
    .to_vec()
}

/// Every sheet there can be, 256 of them.
pub fn every_sheet() -> impl Iterator<Item = RiskSheet> {
    (0..=u8::MAX).map(|n| RiskSheet {
        users: n >> 6,
        work: (n >> 4) & HIGHEST,
        learning: (n >> 2) & HIGHEST,
        judgement: n & HIGHEST,
    })
}

const fn answers(sheet: &RiskSheet) -> [u8; 4] {
    [sheet.users, sheet.work, sheet.learning, sheet.judgement]
}

/// What is wrong with a table, and in which row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// More rows than anybody reads.
    #[error("a table has {0} rows; at most {MOST_ROWS} are allowed")]
    TooLong(usize),
    /// An answer beyond the scale.
    #[error("row {row} asks for an answer beyond {HIGHEST}")]
    BeyondScale {
        /// Which row, from 1.
        row: usize,
    },
    /// A row that asks nothing is `otherwise`.
    #[error("row {row} asks nothing; say it in `otherwise`")]
    AsksNothing {
        /// Which row, from 1.
        row: usize,
    },
    /// A row that an earlier one leaves nothing for.
    #[error("row {row} never decides: row {earlier} applies to all it applies to")]
    NeverReached {
        /// Which row, from 1.
        row: usize,
        /// The row before it.
        earlier: usize,
    },
}

impl From<TableError> for Refusal {
    fn from(error: TableError) -> Self {
        let ja = match &error {
            TableError::TooLong(rows) => {
                format!("判定表は {MOST_ROWS} 行までです（いま {rows} 行）。行をまとめてください。")
            }
            TableError::BeyondScale { row } => {
                format!("判定表の {row} 行目に 0 から 3 でない答えがあります。0（問わない）から 3 で書いてください。")
            }
            TableError::AsksNothing { row } => format!(
                "判定表の {row} 行目は何も問わないので、以後の行が使われません。すべてに当てはまる結果は「どの行にも当てはまらないとき」に書いてください。"
            ),
            TableError::NeverReached { row, earlier } => format!(
                "判定表の {row} 行目は、{earlier} 行目が先に当てはまるため使われません。順序を入れ替えるか、行を消してください。"
            ),
        };
        Self::invalid(ja, error.to_string())
    }
}

impl RiskTable {
    /// Where a sheet points.
    pub fn result(&self, sheet: &RiskSheet) -> RiskLevel {
        self.deciding(sheet).and_then(|at| self.rows.get(at)).map_or(self.otherwise, |row| row.level)
    }

    /// The row that decides a sheet, from 0; `None` when `otherwise` does.
    pub fn deciding(&self, sheet: &RiskSheet) -> Option<usize> {
        self.rows.iter().position(|row| row.covers(answers(sheet)))
    }

    /// That every row can decide something.
    pub fn check(&self) -> Result<(), TableError> {
        if self.rows.len() > MOST_ROWS {
            return Err(TableError::TooLong(self.rows.len()));
        }
        for (at, row) in self.rows.iter().enumerate() {
            if row.least().into_iter().any(|least| least > HIGHEST) {
                return Err(TableError::BeyondScale { row: at + 1 });
            }
            if row.least() == [0; 4] {
                return Err(TableError::AsksNothing { row: at + 1 });
            }
            // Exact, not only a hint: the least sheet a row applies to is taken by another row alone, never by several
            // together.
            if let Some(earlier) = self.rows.iter().take(at).position(|earlier| earlier.covers(row.least())) {
                return Err(TableError::NeverReached { row: at + 1, earlier: earlier + 1 });
            }
        }
        Ok(())
    }

    /// Two sheets of which the one with the higher answers comes out lower: allowed, and worth a question.
    pub fn falls(&self) -> Option<(RiskSheet, RiskSheet)> {
        every_sheet().filter(|sheet| self.result(sheet) == RiskLevel::PossiblyHigh).find_map(|lower| {
            let [users, work, learning, judgement] = answers(&lower);
            let raised = [
                RiskSheet { users: users + 1, ..lower },
                RiskSheet { work: work + 1, ..lower },
                RiskSheet { learning: learning + 1, ..lower },
                RiskSheet { judgement: judgement + 1, ..lower },
            ];
            let higher = raised.into_iter().find(|up| up.is_valid() && self.result(up) == RiskLevel::Low)?;
            Some((lower, higher))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: Vec<RiskRow>) -> RiskTable {
        let from = "2026-12-01".parse().unwrap();
        RiskTable { table: RiskTableId::new("t").unwrap(), from, rows, otherwise: RiskLevel::Low }
    }

    fn row(least: [u8; 4], level: RiskLevel) -> RiskRow {
        let [users, work, learning, judgement] = least;
        RiskRow { users, work, learning, judgement, level }
    }

    #[test]
    fn the_default_rows_say_of_all_256_sheets_what_the_program_says_without_a_table() {
        let table = table(default_rows());
        assert_eq!(table.check(), Ok(()));
        let sheets: Vec<RiskSheet> = every_sheet().collect();
        assert_eq!(sheets.len(), 256);
        assert!(sheets.iter().all(RiskSheet::is_valid));
        for sheet in sheets {
            assert_eq!(table.result(&sheet).standing(), sheet.standing(), "{sheet:?}");
        }
    }

    #[test]
    fn the_first_row_that_applies_decides_and_what_none_applies_to_is_the_default() {
        let table = table(vec![row([0, 0, 0, 3], RiskLevel::PossiblyHigh), row([2, 0, 0, 0], RiskLevel::Low)]);
        let of = |users, judgement| table.result(&RiskSheet { users, work: 0, learning: 0, judgement });
        assert_eq!((of(3, 3), of(3, 2), of(0, 0)), (RiskLevel::PossiblyHigh, RiskLevel::Low, RiskLevel::Low));
        let sheet = RiskSheet { users: 2, work: 1, learning: 0, judgement: 0 };
        assert_eq!(table.deciding(&sheet), Some(1));
    }

    #[test]
    fn a_row_that_could_never_decide_is_an_error_that_names_it() {
        let high = |least| row(least, RiskLevel::PossiblyHigh);
        let wrong = |rows| table(rows).check().unwrap_err();
        assert_eq!(
            wrong(vec![high([2, 0, 0, 0]), high([2, 1, 0, 0])]),
            TableError::NeverReached { row: 2, earlier: 1 }
        );
        assert_eq!(wrong(vec![high([0; 4])]), TableError::AsksNothing { row: 1 });
        assert_eq!(wrong(vec![high([0, 4, 0, 0])]), TableError::BeyondScale { row: 1 });
        assert_eq!(wrong(vec![high([1, 0, 0, 0]); 65]), TableError::TooLong(65));
        // A row is reached exactly when one of the 256 sheets is decided by it.
        let rows = default_rows();
        for (at, _) in rows.iter().enumerate() {
            assert!(every_sheet().any(|sheet| table(rows.clone()).deciding(&sheet) == Some(at)));
        }
    }

    #[test]
    fn a_table_in_which_more_risk_comes_out_lower_is_noticed() {
        assert_eq!(table(default_rows()).falls(), None);
        let odd = table(vec![row([3, 0, 0, 0], RiskLevel::Low), row([2, 0, 0, 0], RiskLevel::PossiblyHigh)]);
        let (lower, higher) = odd.falls().unwrap();
        assert_eq!((odd.result(&lower), odd.result(&higher)), (RiskLevel::PossiblyHigh, RiskLevel::Low));
    }
}
