//! `sekisho import documents`: the body's own files, with their grade and who may read them.

use super::files::{Files, shelf_name};
use super::tell::tell;
use crate::cli::{Data, Ended, Failed, Voice};
use crate::command::scan::trouble::{is_harmless, unreadable};
use crate::sharing::Target;
use sekisho_detect::document::{self, Limits, PartKind};
use sekisho_search::shelf::Shelf;
use sekisho_search::source::document::{Document, Import, Mark, Part};
use sekisho_search::source::feed::Input;
use sekisho_search::source::{Place, Reject};
use sekisho_search::unit::Corpus;
use std::io::Read as _;
use std::path::PathBuf;
use std::time::Instant;

/// What help says at its end.
const MORE: &str = "\
文書は、指定したフォルダーの名前から下のパスで覚える。同じ文書は二度取り込まず、変わった文書は置き換える。
空になった文書、読めなくなった文書は、前の本文を検索から除く。消したファイルの文書は残るので --remove で除く。
読者の印がなければ、検索できる人はみな読める。隠れた文字・注釈・変更履歴は取り込まない。

注意: 「資料」を指定したときの「資料/人事/a.docx」と、「資料/人事」を指定したときの「人事/a.docx」は、同じファイルでも
別の文書として二つ載り、読者の印も別々に付く。いつも同じフォルダーを指定し、余分な方は --remove で除く。

A document is known by its path from the name of the given folder on. The same is not taken twice; a changed one is
replaced. One that became empty, or cannot be read any more, leaves the search; one whose file was deleted stays until
--remove. Without marks of readers, everybody who may search may read it. Hidden text, comments and changes are left out.

Beware: `資料/人事/a.docx` (given `資料`) and `人事/a.docx` (given `資料/人事`) are two documents though they are one file,
each with its own marks of readers. Always give the same folder, and take the other one away with --remove.";

#[derive(Debug, clap::Args)]
#[command(after_long_help = MORE)]
pub(crate) struct Args {
    /// ファイルまたはフォルダー / files or folders
    #[arg(value_name = "PATH", required_unless_present = "remove")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    data: Data,
    /// 格付け（例: 機密性2）/ grade of all of them
    #[arg(long, value_name = "LABEL", default_value = "", hide_default_value = true)]
    grade: String,
    /// 読める人の印（例: dept-a,dept-b）/ marks of who may read them
    #[arg(long, value_name = "MARK,…", value_delimiter = ',')]
    readers: Vec<String>,
    /// この名前の文書を検索から除く（例: 人事/a.docx）。繰り返せる / take the document of this name away; repeatable
    #[arg(long, value_name = "NAME", conflicts_with_all = ["paths", "grade", "readers"])]
    remove: Vec<String>,
}

pub(super) async fn run(voice: Voice, args: Args) -> Result<Ended, Failed> {
    let begun = Instant::now();
    let mark = Mark { grade: args.grade, readers: args.readers };
    if mark.readers.iter().any(|reader| reader.trim().is_empty()) {
        // An empty mark would be one that nobody has, or everybody: it is surely not meant.
        return Err(Failed::Usage("--readers に空の印があります / an empty mark in --readers".into()));
    }
    let target = Target::of(&args.data)?;
    target.begin(voice, &[Corpus::Document]).await?;
    let shelf = Shelf::open(&target.search(), Corpus::Document)?;
    let mut import = Import::begin(&shelf, mark)?;
    for name in &args.remove {
        import.remove(name)?;
    }
    for root in &args.paths {
        let files = Files::below(std::slice::from_ref(root));
        let (bar, progress) = files.bar(voice, 1);
        for input in &files.inputs {
            let name = shelf_name(root, &input.path);
            match read(input, &mut import) {
                Ok(Some(parts)) => import.put(&Document { name, parts })?,
                Ok(None) => import.pass_over(&name)?,
                Err(reject) => import.unread(&name, reject)?,
            }
            progress(std::fs::metadata(&input.path).map_or(0, |found| found.len()));
        }
        bar.finish_and_clear();
        files.rejects.into_iter().for_each(|reject| import.reject(reject));
    }
    let report = import.finish()?;
    let ended = tell(voice, &shelf, &report, begun.elapsed().as_secs_f64());
    target.publish(voice, &[Corpus::Document]).await?;
    Ok(ended)
}

/// The text of a file that a reader sees; `None` for a picture.
fn read(input: &Input, import: &mut Import<'_>) -> Result<Option<Vec<Part>>, Reject> {
    let limits = Limits::default();
    let place = || Place::file(&*input.name);
    let name = input.path.file_name().unwrap_or_default().to_string_lossy();
    let mut bytes = Vec::new();
    let most = limits.file_bytes as u64 + 1;
    let opened = std::fs::File::open(&input.path).and_then(|file| file.take(most).read_to_end(&mut bytes));
    if let Err(error) = opened {
        let trouble = crate::command::scan::trouble::Trouble::io(&error);
        return Err(Reject::new(place(), trouble.ja, trouble.en));
    }
    let document = match document::read(&name, &bytes, &limits) {
        Ok(document) => document,
        Err(error) if is_harmless(&error) => return Ok(None),
        Err(error) => {
            let trouble = unreadable(&name, error);
            return Err(Reject::new(place(), trouble.ja, trouble.en));
        }
    };
    for unseen in document.unseen.into_iter().filter(|unseen| !is_harmless(unseen)) {
        let trouble = unreadable(&name, unseen);
        let place = Place { member: (!trouble.path.is_empty()).then_some(trouble.path), ..place() };
        import.note(Reject::new(place, trouble.ja, trouble.en));
    }
    let shown = |kind: PartKind| matches!(kind, PartKind::Body | PartKind::Footnote | PartKind::Notes);
    let parts = document.parts.into_iter().filter(|part| shown(part.kind));
    Ok(Some(parts.map(|part| Part { place: part.place, text: part.text }).collect()))
}
