//! The names of the standard law XML, version 3.

/// Whether the schema has an element of this name.
pub(crate) fn has(name: &str) -> bool {
    ELEMENTS.binary_search(&name).is_ok()
}

/// Sorted by byte.
#[rustfmt::skip]
const ELEMENTS: &[&str] = &[
    "AmendProvision", "AmendProvisionSentence", "Appdx", "AppdxFig", "AppdxFigTitle",
    "AppdxFormat", "AppdxFormatTitle", "AppdxNote", "AppdxNoteTitle", "AppdxStyle",
    "AppdxStyleTitle", "AppdxTable", "AppdxTableTitle", "ArithFormula", "ArithFormulaNum",
    "Article", "ArticleCaption", "ArticleRange", "ArticleTitle", "Chapter",
    "ChapterTitle", "Class", "ClassSentence", "ClassTitle", "Column",
    "Division", "DivisionTitle", "EnactStatement", "Fig", "FigStruct",
    "FigStructTitle", "Format", "FormatStruct", "FormatStructTitle", "Item",
    "ItemSentence", "ItemTitle", "Law", "LawBody", "LawNum",
    "LawTitle", "Line", "List", "ListSentence", "MainProvision",
    "NewProvision", "Note", "NoteStruct", "NoteStructTitle", "Paragraph",
    "ParagraphCaption", "ParagraphNum", "ParagraphSentence", "Part", "PartTitle",
    "Preamble", "QuoteStruct", "RelatedArticleNum", "Remarks", "RemarksLabel",
    "Rt", "Ruby", "Section", "SectionTitle", "Sentence",
    "Style", "StyleStruct", "StyleStructTitle", "Sub", "Subitem1",
    "Subitem10", "Subitem10Sentence", "Subitem10Title", "Subitem1Sentence", "Subitem1Title",
    "Subitem2", "Subitem2Sentence", "Subitem2Title", "Subitem3", "Subitem3Sentence",
    "Subitem3Title", "Subitem4", "Subitem4Sentence", "Subitem4Title", "Subitem5",
    "Subitem5Sentence", "Subitem5Title", "Subitem6", "Subitem6Sentence", "Subitem6Title",
    "Subitem7", "Subitem7Sentence", "Subitem7Title", "Subitem8", "Subitem8Sentence",
    "Subitem8Title", "Subitem9", "Subitem9Sentence", "Subitem9Title", "Sublist1",
    "Sublist1Sentence", "Sublist2", "Sublist2Sentence", "Sublist3", "Sublist3Sentence",
    "Subsection", "SubsectionTitle", "Sup", "SupplNote", "SupplProvision",
    "SupplProvisionAppdx", "SupplProvisionAppdxStyle", "SupplProvisionAppdxStyleTitle", "SupplProvisionAppdxTable", "SupplProvisionAppdxTableTitle",
    "SupplProvisionLabel", "TOC", "TOCAppdxTableLabel", "TOCArticle", "TOCChapter",
    "TOCDivision", "TOCLabel", "TOCPart", "TOCPreambleLabel", "TOCSection",
    "TOCSubsection", "TOCSupplProvision", "Table", "TableColumn", "TableHeaderColumn",
    "TableHeaderRow", "TableRow", "TableStruct", "TableStructTitle",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_sorted_and_found() {
        assert!(ELEMENTS.is_sorted());
        assert!(has("Sentence") && has("Law") && !has("Blink"));
    }
}
