//! What the ministry reported, asks its staff, and what its staff tell.

use super::Ministry;
use crate::ismap::documents;
use crate::story::{Kept, PAPER, Progress, Story};
use crate::survey::standard;
use anyhow::Context as _;
use bytes::Bytes;
use jiff::ToSpan as _;
use jiff::civil::Date;
use sekisho_domain::command::{Command, OpenSurvey, PublishStory, SendReturn};
use sekisho_domain::day::in_japan;
use sekisho_domain::id::{DepartmentId, ServiceId, StoryId};
use sekisho_domain::permit::UserRange;
use sekisho_domain::returns::{Stage, Way};
use sekisho_store::{Body, PaperRow, RANDOM_BYTES};
use std::collections::BTreeSet;

const STORY: &str = "story-kakuu-1";

impl Ministry<'_> {
    /// The report of the service of 個別契約, which is consented to afterwards. That of the 約款型 one is still owed.
    pub(super) async fn reported(&self, service: &ServiceId, today: Date) -> anyhow::Result<()> {
        let text = "# 生成AIサービスの報告: 利用の検討\n\n架空クラウドAI（架空クラウド株式会社、個別契約）の利用を検討しています。この文は架空の例です。\n";
        let sha256 = documents::keep(self.installation, &self.manager, text.as_bytes()).await?;
        let command = Command::SendReturn(SendReturn {
            service: service.clone(),
            permit: None,
            stage: Stage::Considering,
            addressee: "架空の報告先".into(),
            on: today,
            way: Way::Mail,
            reference: "架空第1号".into(),
            sha256,
        });
        self.by(&self.manager, command, "架空の報告").await.map(drop)
    }

    /// An open survey and a published story.
    pub(super) async fn voices(&self) -> anyhow::Result<()> {
        let today = in_japan(self.installation.world.now());
        let command = Command::OpenSurvey(OpenSurvey {
            title: "生成AIの利用についてのアンケート（架空）".into(),
            questionnaire: standard().clone(),
            users: UserRange {
                departments: BTreeSet::from([DepartmentId::new("kanbo")?, DepartmentId::new("johosystem")?]),
                ..UserRange::default()
            },
            from: today,
            until: today.checked_add(14.days()).context("two weeks from today")?,
        });
        self.by(&self.caio, command, "架空のアンケート").await?;
        let story = Story {
            title: "照会文の下書きを短い時間で".into(),
            app: "draft".into(),
            service: None,
            purpose: "他課への照会文の下書き（架空の例）".into(),
            effect: "項目の漏れが減り、係長との往復が一回で済むようになった。".into(),
            minutes: Some(20),
            tips: "相手に求める回答の形を先に書くと、直すところが少ない。".into(),
        };
        let sha256 = documents::keep(self.installation, &self.staff, &story.bytes()?).await?;
        let now = self.installation.world.now();
        let row = PaperRow {
            kind: PAPER.into(),
            id: STORY.into(),
            owner: self.staff.clone(),
            personal: true,
            version: 1,
            created_at: now,
            changed_at: now,
        };
        let mut random = [0; RANDOM_BYTES];
        self.installation.world.random(&mut random);
        let kept = serde_json::to_vec(&Kept { story, progress: Progress::Published })?;
        self.installation.journal.keep_paper(row, &Body::new(Bytes::from(kept), &random)).await?;
        let command = PublishStory { story: StoryId::new(STORY)?, sha256, author: self.staff.clone() };
        self.by(&self.approver, Command::PublishStory(command), "ほかの課でも使える").await.map(drop)
    }
}
