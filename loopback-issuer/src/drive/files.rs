//! The methods of files that read.

use serde_json::json;

use super::fields::select;
use super::file::File;
use super::method::DriveMethod;
use super::query::Query;
use super::state::{Done, State};
use crate::google::refusal::Refusal;
use crate::loopback::{Head, Reply};

impl State {
    pub(super) fn generate_ids(&mut self, head: &Head) -> Result<Done, Refusal> {
        let count = head.query("count").map_or(Ok(10), str::parse);
        let count = count.ok().filter(|count| (1..=1000).contains(count));
        let count: usize = count.ok_or_else(|| Refusal::invalid("Invalid value for 'count'"))?;
        let ids: Vec<String> = (0..count).map(|_| self.new_id()).collect();
        self.generated.extend(ids.iter().cloned());
        let answer = json!({ "kind": "drive#generatedIds", "space": "drive", "ids": ids });
        Ok(Done::new(Reply::new(200).json(&answer), format!("ids {}", ids.join(" "))))
    }

    pub(super) fn get_file(&self, head: &Head, id: &str) -> Result<Done, Refusal> {
        let file = self.file(head, id)?;
        let answer = select(&file.json(), head.query("fields").unwrap_or(DEFAULT))?;
        Ok(Done::new(Reply::new(200).json(&answer), format!("got {id}")))
    }

    /// The newest first, in pages.
    pub(super) fn list_files(&self, head: &Head) -> Result<Done, Refusal> {
        let query = Query::parse(head.query("q").unwrap_or_default())?;
        let everywhere = ["supportsAllDrives", "includeItemsFromAllDrives"]
            .iter()
            .all(|flag| head.query(flag) == Some("true"));
        let found = |file: &&File| {
            query.matches(file)
                && self.shows(head, file)
                && Self::is_indexed(file)
                && (everywhere || file.shared_drive.is_none())
        };
        let files: Vec<&File> = self.files.iter().rev().filter(found).collect();
        let number = |name: &str, default: usize| {
            let given =
                head.query(name).filter(|it| !it.is_empty()).map_or(Ok(default), str::parse);
            given.map_err(|_| Refusal::invalid(format!("Invalid value for '{name}'")))
        };
        let (size, start) = (number("pageSize", 100)?.clamp(1, 1000), number("pageToken", 0)?);
        let page: Vec<_> = files.iter().skip(start).take(size).map(|file| file.json()).collect();
        let mut answer =
            json!({ "kind": "drive#fileList", "incompleteSearch": false, "files": page });
        if start + size < files.len() || self.endless == Some(DriveMethod::FilesList) {
            answer["nextPageToken"] = (start + size).to_string().into();
        }
        let default = format!("kind,incompleteSearch,nextPageToken,files({DEFAULT})");
        let answer = select(&answer, head.query("fields").unwrap_or(&default))?;
        Ok(Done::new(Reply::new(200).json(&answer), format!("{} files", files.len())))
    }
}

pub(super) const DEFAULT: &str = "kind,id,name,mimeType";
