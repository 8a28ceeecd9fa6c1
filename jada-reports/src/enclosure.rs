//! Where the workbook of a mail is.

/// What a mail says about a workbook that can be opened elsewhere as well.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Enclosure<'a> {
    /// Where it is opened.
    pub(crate) link: &'a str,
    /// Whether the mail has it too.
    pub(crate) attached: bool,
}

impl Enclosure<'_> {
    /// A sentence, behind which the link stands.
    pub(crate) fn says(self) -> &'static str {
        if self.attached {
            "The workbook is attached, and can be opened here:"
        } else {
            "The workbook is too large to be attached, and can be opened here:"
        }
    }
}
