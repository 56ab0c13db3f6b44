//! The codes: what each finding means for the body, and what to do.

/// How grave a finding is; the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Two things that are kept contradict each other, or a promise does not hold.
    Broken,
    /// Works, and somebody should look.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }

    pub(crate) fn label(self) -> (&'static str, &'static str) {
        match self {
            Self::Broken => ("異常", "BROKEN"),
            Self::Warning => ("注意", "warning"),
            Self::Note => ("参考", "note"),
        }
    }
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Area {
    Folder,
    Database,
    Ledger,
    Uses,
    Content,
    People,
    Witnesses,
    Nodes,
    Library,
    Machine,
}

impl Area {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Database => "database",
            Self::Ledger => "ledger",
            Self::Uses => "uses",
            Self::Content => "content",
            Self::People => "people",
            Self::Witnesses => "witnesses",
            Self::Nodes => "nodes",
            Self::Library => "library",
            Self::Machine => "machine",
        }
    }

    pub(crate) fn label(self) -> (&'static str, &'static str) {
        match self {
            Self::Folder => ("鍵とデータの場所", "keys and data folder"),
            Self::Database => ("データベース", "database"),
            Self::Ledger => ("台帳", "ledger"),
            Self::Uses => ("利用の表", "tables of uses"),
            Self::Content => ("封じた内容と文書", "sealed contents and documents"),
            Self::People => ("人とアカウント", "people and accounts"),
            Self::Witnesses => ("立会い", "witnesses"),
            Self::Nodes => ("ノードと署名", "nodes and signing"),
            Self::Library => ("検索", "search"),
            Self::Machine => ("機械", "machine"),
        }
    }
}

/// A kind of finding.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Code {
    /// Stable name.
    pub(crate) id: &'static str,
    pub(crate) severity: Severity,
    pub(crate) area: Area,
    /// What it means, Japanese and English.
    pub(crate) means: (&'static str, &'static str),
    /// What to do.
    pub(crate) remedy: (&'static str, &'static str),
}

macro_rules! codes {
    ($($name:ident $severity:ident $area:ident ($ja:literal, $en:literal) ($do_ja:literal, $do_en:literal);)*) => {
        $( pub(crate) static $name: Code = Code {
            id: stringify!($name), severity: Severity::$severity, area: Area::$area,
            means: ($ja, $en), remedy: ($do_ja, $do_en),
        }; )*
        /// Every code, in the order of this file.
        #[cfg(test)]
        pub(crate) static ALL: &[&Code] = &[$(&$name),*];
    };
}

codes! {
    KEY_MISSING Broken Folder
        ("鍵のファイルがありません。次の起動で新しい鍵が作られると、これまでの署名や封じた内容が使えなくなります。",
         "a key file is missing; a start would make a new one, with which old signatures or contents are lost")
        ("サーバーを起動せず、バックアップの `keys` から戻す（sekisho restore）。", "do not start; restore `keys` from the back-up");
    KEY_DAMAGED Broken Folder
        ("鍵のファイルの中身が正しくありません。", "a key file does not hold what it must")
        ("バックアップの `keys` から戻す。", "restore it from the back-up");
    KEY_OPEN Warning Folder
        ("鍵を、この機械の他の利用者も読めます。", "other users of this machine can read a key")
        ("`chmod 700` をフォルダーに、`chmod 600` をファイルに。", "chmod 700 the folder, chmod 600 the file");
    KEY_MISMATCH Broken Folder
        ("鍵・名前・検証鍵が互いに合いません。別の台帳のものが混ざっています。", "keys, name and verifier key do not belong together")
        ("設定の `origin` と `data` を確かめ、正しい `keys` を戻す。", "check `origin` and `data`, restore the right `keys`");
    MEMORY_DAMAGED Broken Folder
        ("最後に署名した要約の控え（last-signed）が、この台帳のものではありません。起動を拒みます。",
         "the memory of what was signed last is not of this log; the program refuses to start")
        ("書き換えた人と理由を調べ、手元や立会いにある最新の署名付き要約を置く。", "find out who altered it; put the newest checkpoint anyone kept there");
    MEMORY_MISSING Warning Folder
        ("最後に署名した要約の控え（last-signed）がありません。古いデータを戻したことに気付けません。",
         "the memory of what was signed last is gone: a restored old copy would not be noticed")
        ("別に保存した最新の署名付き要約を `keys/last-signed` に置く。", "put the newest checkpoint kept elsewhere there");
    FILE_UNKNOWN Note Folder
        ("データの場所に、このプログラムの知らないものがあります。", "something in the data folder is not of this program")
        ("誰かが置いたものか確かめる。要らなければ除く。", "find out who put it there");
    LEDGER_ROLLED_BACK Broken Folder
        ("台帳が、署名したものより短くなっています。古いデータが戻されました。", "the ledger is shorter than what was signed: an old copy was restored")
        ("新しいデータベースを探す。なければ、これを証拠として残し、別の名前の台帳を始める（sekisho restore の説明）。",
         "find the newer database; else keep this as evidence and begin a ledger of another name");
    LEDGER_FORKED Broken Folder
        ("台帳が、署名したものと別の歴史になっています。", "the ledger is another history than what was signed")
        ("止めて、以前の書出しと比べる（sekisho ledger verify --old-checkpoint）。", "stop, and compare with an earlier export (ledger verify --old-checkpoint)");
    DATABASE_DAMAGED Broken Database
        ("データベースのファイルが壊れています。", "the database file is damaged")
        ("止めて、ディスクを調べ、バックアップから戻す（sekisho restore）。", "stop, check the disk, restore the back-up");
    SCHEMA_OLD Note Database
        ("データベースの形が、このプログラムより古いものです。", "the schema is older than this program")
        ("この版で一度起動すると進む。", "a start of this version brings it up to date");
    SCHEMA_NEW Warning Database
        ("データベースの形が、このプログラムより新しいものです。見落としがあり得ます。", "the schema is newer than this program: it may overlook things")
        ("サーバーと同じ版の sekisho で点検する。", "use the server's version of sekisho");
    TABLE_MISSING Broken Database
        ("あるはずの表がありません。", "a table is missing")
        ("バックアップから戻す。", "restore the back-up");
    TABLE_UNKNOWN Note Database
        ("このプログラムの知らない表があります。", "a table is not of this program")
        ("誰かが作ったものか確かめる。", "find out who made it");
    SETTING_UNSAFE Broken Database
        ("データベースの設定が約束を破ります。停電で、確かめ済みの記録が消えることがあります。",
         "a setting breaks a promise: acknowledged records can be lost with the power")
        ("PostgreSQL では fsync、full_page_writes、synchronous_commit を on、文字は UTF8。SQLite では WAL（一度起動する）。",
         "PostgreSQL: fsync, full_page_writes, synchronous_commit on, UTF8; SQLite: WAL, by a start");
    WAL_LARGE Warning Database
        ("書込みの控え（-wal）が大きくなり、消去した内容が残り得ます。", "the write-ahead log is large; erased content may still be in it")
        ("長い読取り（書出しなど）が終わるのを待つ。続くときは再起動する。", "wait for long reads to end, or restart");
    LEDGER_HEAD Broken Ledger
        ("台帳の先頭の行（件数・根・署名済み）が、記録から数えたものと合いません。", "the head row (size, root, signed) does not follow from the entries")
        ("止めて、データベースを証拠として残し、バックアップから戻す。", "stop, keep the database as evidence, restore the back-up");
    ENTRY_MISSING Broken Ledger
        ("台帳の記録が抜けています。", "an entry of the ledger is missing")
        ("止めて、以前の書出しと比べ、バックアップから戻す。", "stop, compare with an earlier export, restore the back-up");
    ENTRY_BEYOND Broken Ledger
        ("台帳の末尾より先に行があります。", "there are rows behind the end of the ledger")
        ("直接書き込んだ人を調べる。次の記録と衝突するまでに、バックアップから戻す。", "find out who wrote to the database; restore the back-up");
    ENTRY_ALTERED Broken Ledger
        ("台帳の記録が、書かれた後に変えられています。", "an entry was altered after it was written")
        ("止めて、以前の書出しの同じ番号と比べる。データベースは証拠として残す。", "stop, compare with the same index of an earlier export; keep the database");
    ENTRY_UNREADABLE Broken Ledger
        ("台帳の記録が読めないか、登録簿に畳み込めません。", "an entry cannot be read or folded")
        ("サーバーと同じ版か確かめる。同じなら記録が変えられている。", "use the server's version; else the entry was altered");
    TILE_WRONG Broken Ledger
        ("木の控え（tile）が、記録から作ったものと違います。証明と書出しが通りません。", "a stored tile is not that of the entries: proofs and exports fail")
        ("記録は無事。データベースを残し、バックアップから戻す。", "the entries are sound; restore the back-up");
    CHECKPOINT_FALSE Broken Ledger
        ("署名付き要約の署名または根が、この台帳と合いません。", "a checkpoint's signature or root is not of this ledger")
        ("`keys` が正しいか確かめ、以前の書出しと比べる。", "check `keys`; compare with an earlier export");
    TIME_BACKWARDS Warning Ledger
        ("記録の時刻が大きく戻っています。", "the time of an entry lies well before that of the one before")
        ("全ノードの時計（NTP）を確かめる。その前後の期間の集計は時刻を疑う。", "check the clocks (NTP) of all nodes");
    TIME_AHEAD Warning Ledger
        ("記録の時刻が、いまより先です。", "the time of an entry lies in the future")
        ("この機械と各ノードの時計（NTP）を確かめる。", "check the clocks (NTP)");
    USE_PAIR_WRONG Broken Uses
        ("利用の終わりの記録が、始まりの記録と対になりません。", "the end of a use has no beginning of its own")
        ("sekisho ledger export と verify で確かめ、監査人に伝える。", "export and verify; tell the auditor");
    USE_ROW_MISSING Broken Uses
        ("記録された利用が、利用の表にありません。統計・照会・廃棄から漏れます。", "a recorded use is not in the table: statistics, look-ups and disposals miss it")
        ("台帳は無事。バックアップから戻すか、次の版の作り直しを待つ間、集計を台帳の書出しから作る。", "the ledger is sound; restore the back-up, meanwhile count from an export");
    USE_ROW_WRONG Broken Uses
        ("利用の表の行が、台帳の記録と違います。", "a row of the table of uses differs from its entry")
        ("台帳が正しい。直接書き込んだ人を調べ、バックアップから戻す。", "the ledger is right; find out who wrote to the table, restore the back-up");
    USE_ROW_ORPHAN Broken Uses
        ("利用の表に、台帳にない利用があります。", "the table has a use that the ledger does not")
        ("直接書き込んだ人を調べ、バックアップから戻す。", "find out who wrote to the table; restore the back-up");
    USE_REASON_WRONG Broken Uses
        ("拒否の理由の表が、台帳の記録と違います。", "the reasons of a refusal differ from its entry")
        ("台帳が正しい。バックアップから戻す。", "the ledger is right; restore the back-up");
    USE_LEFT_OPEN Warning Uses
        ("始まったまま終わりのない利用があります。", "a use was begun and has no end")
        ("そのノードを起動すると `use.aborted` として閉じる。動いているのに続くときはログを見る。",
         "a start of that node closes it; if the node runs, look at its log");
    TRAIL_WRONG Broken Uses
        ("統治の記録の索引が、台帳と違います。監視画面の一覧から漏れます。", "the index of governance entries differs from the ledger: lists miss it")
        ("台帳が正しい。バックアップから戻す。", "the ledger is right; restore the back-up");
    SUMS_WRONG Broken Uses
        ("日ごとの合計が、利用から数え直したものと違います。予算の上限と報告が狂います。", "the sums of a day are not those of its uses: budgets and reports are wrong")
        ("バックアップから戻す。それまで上限と報告を信用しない。", "restore the back-up; do not trust limits and reports until then");
    FINDINGS_WRONG Warning Uses
        ("検出の日ごとの合計が、記録から数え直したものと違います（古い版の記録を含む日は少なくて当然です）。",
         "the sums of detection differ from the entries (days before that table existed have less)")
        ("利用報告は台帳の書出しから作る。", "make use reports from an export");
    CONTENT_MISSING Broken Content
        ("封じた内容が、廃棄も消去もしていないのにありません。", "a sealed content is gone, and no disposal or erasure took it")
        ("データベースを直接消した人を調べ、バックアップから戻す。監査人に伝える。", "find out who deleted it; restore the back-up; tell the auditor");
    CONTENT_CLOSED Broken Content
        ("封じた内容が、この鍵と場所では開きません。", "a sealed content does not open with this key in its place")
        ("`keys/content.key` が正しいか確かめる。多数なら鍵、一件なら書換え。", "check keys/content.key: many mean the key, one means it was altered");
    CONTENT_FALSE Broken Content
        ("封じた内容が、台帳の約束値と違います。", "a sealed content is not the one the ledger commits to")
        ("バックアップから戻す。監査人に伝える。", "restore the back-up; tell the auditor");
    CONTENT_ORPHAN Broken Content
        ("どの利用にも属さない封じた内容があります。誰も廃棄できません。", "a sealed content belongs to no use: nobody can dispose of it")
        ("直接書き込んだ人を調べる。", "find out who wrote it");
    CONTENT_NOT_DESTROYED Broken Content
        ("廃棄・消去したはずの内容が残っています。", "a content that was disposed of is still there")
        ("古いバックアップを戻していないか確かめる。統括に伝え、データベースから除く手順を決める。",
         "was an old back-up restored? tell whoever is responsible and remove it");
    DISPOSAL_WRONG Broken Content
        ("廃棄証明と、実際に廃棄した件数の控えが合いません。", "the certificate of a disposal differs from the trace of what was destroyed")
        ("文書管理の画面（/records/disposals）と台帳を比べる。", "compare /records/disposals with the ledger");
    DISPOSAL_UNFINISHED Warning Content
        ("始めた廃棄が終わっていません。", "a disposal was begun and is not done")
        ("文書管理の画面（/records/disposals）で続ける。", "go on at /records/disposals");
    PAPER_CLOSED Broken Content
        ("会話・下書き・文書・添付が、この鍵では開きません。", "a paper or file does not open with this key")
        ("`keys/content.key` が正しいか確かめる。", "check keys/content.key");
    DOCUMENT_FALSE Broken Content
        ("文書の中身が、その SHA-256 と違います。", "a document is not what its SHA-256 says")
        ("原本を取り込み直す。", "import the original again");
    DOCUMENT_MISSING Warning Content
        ("台帳が指す文書が、ここにありません。", "a document the ledger names is not kept here")
        ("原本を別に保管しているか確かめる。", "is the original kept elsewhere?");
    DOCUMENT_UNUSED Note Content
        ("台帳のどの記録も指さない文書があります（途中でやめた取込みなど）。", "no entry names this document (an import that was given up, say)")
        ("要らないか確かめる。害はない。", "harmless");
    NO_ADMINISTRATOR Broken People
        ("管理者として操作できる人がいません。", "nobody can administer")
        ("サーバーを起動し、表示されるリンクから最初の管理者を決める。", "start the server and follow the link it prints");
    DIRECTORY_MISSING Warning People
        ("登録簿の人が名簿にいません。誰か分かりません。", "a person of the register has no row in the directory")
        ("人の画面で氏名を登録する。", "enter the name on the page of people");
    DIRECTORY_ORPHAN Warning People
        ("名簿に、登録簿にない人がいます。", "the directory has a person the register does not know")
        ("直接書き込んだ人を調べ、個人情報なら消す。", "find out who wrote it");
    DEPARTMENT_UNNAMED Note People
        ("登録簿の部局に名称がありません。", "a department has no name in the directory")
        ("部局の画面で名称を登録する。", "enter its name");
    FORGOTTEN_KEPT Broken People
        ("忘れたはずの人の名簿・個人の控えが残っています。", "rows of a person who was forgotten are still there")
        ("古いバックアップを戻していないか確かめ、`person.forget` をもう一度行う。", "was an old back-up restored? give `person.forget` again");
    ACCOUNT_STRANGER Broken People
        ("登録簿にいない人、または去った人のアカウントがあります。", "an account belongs to nobody in the register, or to somebody who left")
        ("直接書き込んだ人を調べ、行を除く。", "find out who wrote it; remove the row");
    ACCOUNT_MISSING Warning People
        ("登録簿ではアカウントを開いた人に、アカウントの行がありません。サインインできません。", "somebody opened an account and it is gone: they cannot sign in")
        ("人の画面から新しいリンクを渡す。", "give them a new link");
    ACCOUNT_FACTOR Broken People
        ("二要素の秘密が、この鍵では開きません。サインインできません。", "the secret of a second factor does not open: the person cannot sign in")
        ("`keys/content.key` を確かめる。人の画面から新しいリンクを渡す。", "check keys/content.key; give them a new link");
    SIGN_IN_ORPHAN Warning People
        ("アカウントのない人の回復符号またはセッションがあります。", "recovery codes or sessions of somebody without an account")
        ("直接書き込んだ人を調べる。", "find out who wrote it");
    COSIGNATURE_FALSE Broken Witnesses
        ("立会いの署名が、その署名付き要約と合いません。", "a cosignature does not hold for its checkpoint")
        ("WITNESS.md の手順で立会いの機関に問い合わせる。", "ask the witness (WITNESS.md)");
    COSIGNATURE_ORPHAN Broken Witnesses
        ("立会いの署名に、対応する署名付き要約がありません。", "a cosignature has no checkpoint")
        ("署名付き要約を消した人を調べる。", "find out who deleted the checkpoint");
    WITNESS_REFUSES Broken Witnesses
        ("立会いが、台帳が巻き戻ったか分岐したとして署名を拒んでいます。", "a witness refuses: the ledger was rolled back or forked")
        ("止めて WITNESS.md へ。", "stop and read WITNESS.md");
    WITNESS_SILENT Warning Witnesses
        ("立会いの署名が一日以上ありません。", "a witness has not cosigned for a day")
        ("立会いまでの経路と WITNESS.md を確かめる。", "check the way to it and WITNESS.md");
    QUORUM_MISSING Warning Witnesses
        ("必要な数の立会いが署名していません。", "fewer witnesses cosign than are required")
        ("`ledger.quorum` と立会いの状態を確かめる。", "check `ledger.quorum` and the witnesses");
    NOT_SIGNED Warning Nodes
        ("署名されていない記録が一分以上あります。", "entries have waited for a signature for more than a minute")
        ("サーバーが動いていなければ起動する。動いていればログの「checkpoint not signed」を見る。",
         "start the server; if it runs, look for `checkpoint not signed` in its log");
    SHELF_UNUSABLE Broken Library
        ("検索の索引が開けません。その検索は使えません。", "a search index does not open")
        ("フォルダーを除き、取り込み直す（sekisho import）。", "delete the folder and import again");
    VECTORS_UNUSABLE Warning Library
        ("意味のベクトルのファイルが使えません。言葉だけの検索になります。", "the file of vectors cannot be used; words alone are searched")
        ("sekisho import vectors で作り直す。", "make it anew with sekisho import vectors");
    VECTORS_OTHER_MODEL Warning Library
        ("ベクトルを作ったモデルが、設定のものと違います。", "the vectors are of another model than configured")
        ("`[search] embeddings` を直すか、作り直す。", "mend `[search] embeddings` or make them anew");
    VECTORS_FEW Note Library
        ("ベクトルの数が、索引の一節の数と違います。", "there are not as many vectors as passages")
        ("sekisho import vectors を続ける。", "run sekisho import vectors again");
    DISK_LOW Warning Machine
        ("ディスクの空きが少なくなっています。書けなくなると、すべての利用を断ります。", "little disk space is left; without it every use is refused")
        ("空きを増やす。", "make room");
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn the_manual_has_every_code_and_no_other() {
        let manual = include_str!("../../../../docs/OPERATIONS.md");
        let rows = manual.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
        let listed: Vec<_> =
            rows.filter(|(_, rest)| ["異常", "注意", "参考"].iter().any(|s| rest.starts_with(s))).collect();
        for code in ALL {
            let (severity, _) = code.severity.label();
            assert!(
                listed.iter().any(|(id, rest)| *id == code.id && rest.starts_with(severity)),
                "`{}` ({severity}) is not in docs/OPERATIONS.md",
                code.id
            );
        }
        assert_eq!(listed.len(), ALL.len(), "docs/OPERATIONS.md has codes that there are not");
    }
}
