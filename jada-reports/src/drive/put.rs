//! A file into its folder: found, made or replaced, and read back.

use std::path::Path;

use http::Method;
use jada_auth::{ApiUrl, Upload};
use serde_json::{Value, json};

use super::kept::Kept;
use super::wire::{Files, Found, Ids};
use super::{Drive, DriveFile, FILES, PAGES, ROUNDS, UPLOAD, failed};
use crate::error::Error;
use crate::uploaded::Uploaded;

impl Drive {
    /// Leaves one file of that name in the folder, with this content, and tells where.
    ///
    /// - The id of a new file is asked for and kept in the folder `state` before the file is made,
    ///   so that a call after a lost answer or a kill finds it and makes no second one. `state` is
    ///   to be the same for all who put the same file; who comes second waits for the first, for a
    ///   minute. An id that Drive does not take, as one of another account, is replaced once.
    /// - A file of that name in the folder is replaced in place: its id and link stay. One that a
    ///   person renamed, moved or put into the bin is left alone.
    /// - Where the same content is there already, nothing is sent.
    /// - The checksum is read back: what is returned is there.
    ///
    /// Dropping the future is safe; the next call goes on.
    ///
    /// # Errors
    /// [`Error::Google`], which tells whether it is worth a retry; [`Error::Drive`] for two files
    /// of that name, for one that cannot be replaced, and for a list that does not end; [`Error::NoStorage`];
    /// [`Error::NotAsWritten`] where Drive holds something else in the end; [`Error::Busy`], which is
    /// worth a retry, where another process is at work on the same file for longer than a minute;
    /// [`Error::File`] for `state`.
    pub async fn put(&self, file: &DriveFile, state: &Path) -> Result<Uploaded, Error> {
        let mut kept = Kept::of(file, state).await?;
        let (mut id, mut found) = self.locate(file, &mut kept).await?;
        let (mut uploaded, mut unread, mut renewed) = (false, None, false);
        for _ in 0..ROUNDS {
            if found.as_ref().is_some_and(|found| found.difference(file).is_none()) {
                break;
            }
            found.as_ref().map_or(Ok(()), |found| found.check_replaceable(file))?;
            unread = match self.upload(file, &id, found.is_some()).await {
                // The id may be one that another account was given.
                Err(error) if found.is_none() && !renewed && is_bad_request(&error) => {
                    (id, renewed) = (self.new_id(file).await?, true);
                    kept.keep(&id)?;
                    continue;
                }
                sent => sent?,
            };
            uploaded = true;
            found = self.look(file, &id).await?;
        }
        let found = match found {
            Some(found) if found.difference(file).is_none() => found,
            other => return Err(file.failure(&id, kept.path(), other.as_ref(), unread)),
        };
        self.share(file, &id).await?;
        let (link, sha256, bytes) = (found.link(), file.sha256.clone(), file.bytes.len() as u64);
        let (name, folder) = (file.name.clone(), Some(file.folder.clone()));
        Ok(Uploaded { id, name, folder, link, sha256, bytes, uploaded })
    }

    /// The id that the file has, or is to have, and the file if it is there.
    async fn locate(
        &self,
        file: &DriveFile,
        kept: &mut Kept,
    ) -> Result<(String, Option<Found>), Error> {
        let mut there = self.named(file).await?;
        let mut usable = None;
        if let Some(id) = kept.id()
            && !there.iter().any(|found| found.id == id)
        {
            // It may not be listed yet, or be made only now.
            match self.look(file, id).await? {
                None => usable = Some(id.to_owned()),
                Some(found) if found.is_in_place_of(file) => there.push(found),
                Some(_) => {}
            }
        }
        match (there.pop(), there.pop()) {
            (Some(one), Some(other)) => Err(file.twofold(&one, &other)),
            (Some(found), None) => {
                kept.keep(&found.id)?;
                Ok((found.id.clone(), Some(found)))
            }
            (None, _) => {
                let id = match usable {
                    Some(id) => id,
                    None => self.new_id(file).await?,
                };
                kept.keep(&id)?;
                Ok((id, None))
            }
        }
    }

    /// The files of that very name that the folder lists.
    async fn named(&self, file: &DriveFile) -> Result<Vec<Found>, Error> {
        let quoted = |text: &str| text.replace('\\', r"\\").replace('\'', r"\'");
        let q = format!(
            "name = '{}' and '{}' in parents and trashed = false and mimeType != '{FOLDER}'",
            quoted(&file.name),
            quoted(&file.folder)
        );
        let fields = format!("nextPageToken,files({})", Found::FIELDS);
        let (mut there, mut token) = (Vec::new(), None::<String>);
        for _ in 0..PAGES {
            let page: Files = self
                .read(|google| {
                    let list = google.get(FILES).query("q", &q).query("fields", &fields);
                    let list = list.query("includeItemsFromAllDrives", "true");
                    token.iter().fold(list, |list, token| list.query("pageToken", token))
                })
                .await
                .map_err(failed(format!("looking for `{}` in `{}`", file.name, file.folder)))?;
            // Drive does not tell capitals from small letters.
            there.extend(page.files.into_iter().filter(|found| found.is_in_place_of(file)));
            token = page.next_page_token;
            if token.is_none() {
                return Ok(there);
            }
        }
        Err(file.has_endless_list())
    }

    async fn new_id(&self, file: &DriveFile) -> Result<String, Error> {
        let url = format!("{FILES}/generateIds");
        let call = |google: &jada_auth::GoogleClient| google.get(&*url).query("count", "1");
        let ids: Ids = self.read(call).await.map_err(failed("asking Drive for an id"))?;
        let id = ids.ids.into_iter().next();
        id.ok_or_else(|| file.refused("was given no id by Drive: try again".to_owned()))
    }

    async fn look(&self, file: &DriveFile, id: &str) -> Result<Option<Found>, Error> {
        let found = self.found(id).await;
        found.map_err(failed(format!("looking at `{}` ({id})", file.name)))
    }

    /// The file of this id, if there is one, in the bin or not.
    pub(super) async fn found(&self, id: &str) -> Result<Option<Found>, jada_auth::Error> {
        let url = ApiUrl::fill(&format!("{FILES}/{{}}"), [id])?;
        match self.read(|google| google.get(url.clone()).query("fields", Found::FIELDS)).await {
            Err(jada_auth::Error::Api { status: 404, .. }) => Ok(None),
            read => read.map(Some),
        }
    }

    /// Sends the content. What came of it is looked at by the caller: an answer that cannot be
    /// read, which is given back, and 409 to an id that an earlier try has taken, say nothing.
    async fn upload(
        &self,
        file: &DriveFile,
        id: &str,
        replace: bool,
    ) -> Result<Option<Error>, Error> {
        let failed = failed(format!("uploading `{}` into `{}`", file.name, file.folder));
        let uploaded = match self.uploading(file, id, replace) {
            // As in `read`.
            Ok(upload) => {
                Box::pin(upload.bytes(file.content_type.as_str(), file.bytes.clone())).await
            }
            Err(error) => Err(error),
        };
        match uploaded {
            Ok(_) => Ok(None),
            Err(unread @ jada_auth::Error::Decode { .. }) => Ok(Some(failed(unread))),
            Err(jada_auth::Error::Api { status: 409, .. }) if !replace => Ok(None),
            Err(source) if is_for_want_of_room(&source) => {
                let (file, folder) = (file.name.clone(), file.folder.clone());
                Err(Error::NoStorage { file, folder, source: Box::new(source) })
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Both do nothing twice: the one names what it makes, the other what it replaces.
    fn uploading(
        &self,
        file: &DriveFile,
        id: &str,
        replace: bool,
    ) -> Result<Upload<'_>, jada_auth::Error> {
        let media_type = file.content_type.as_str();
        let (method, url, metadata): (_, _, Value) = if replace {
            let url = ApiUrl::fill(&format!("{UPLOAD}/{{}}"), [id])?;
            (Method::PATCH, url, json!({ "mimeType": media_type }))
        } else {
            let metadata = json!({
                "id": id,
                "name": file.name,
                "parents": [file.folder],
                "mimeType": media_type,
            });
            (Method::POST, ApiUrl::parse(UPLOAD)?, metadata)
        };
        let url = url.with_query("supportsAllDrives", "true").with_query("fields", "id");
        let upload = self.google.upload(method, url).metadata(&metadata).repeatable();
        let progress = self.progress.clone();
        Ok(upload.chunk_size(self.chunk_size).progress(move |progressed| {
            progress.iter().for_each(|progress| progress(progressed));
        }))
    }
}

impl DriveFile {
    pub(super) fn refused(&self, what: String) -> Error {
        Error::Drive { file: self.name.clone(), what }
    }

    pub(super) fn has_endless_list(&self) -> Error {
        self.refused(format!("has more than {PAGES} pages in Drive's list"))
    }

    fn twofold(&self, one: &Found, other: &Found) -> Error {
        let (one, other) = (one.link(), other.link());
        self.refused(format!(
            "is there twice in the folder `{}`: {one} and {other}: rename or remove one",
            self.folder
        ))
    }

    /// Why it is not there in the end; `unread` if it was because of answers that nobody can read.
    fn failure(
        &self,
        id: &str,
        kept: &Path,
        found: Option<&Found>,
        unread: Option<Error>,
    ) -> Error {
        let gone = format!(
            "Drive calls its id taken and shows no such file; if somebody deleted it for good, \
             remove `{}`, and it gets another id",
            kept.display()
        );
        let found = found.and_then(|found| found.difference(self)).unwrap_or(gone);
        let what = format!("file `{}` ({id})", self.name);
        unread.unwrap_or(Error::NotAsWritten { what, found })
    }
}

fn is_bad_request(error: &Error) -> bool {
    let Error::Google { source, .. } = error else { return false };
    matches!(**source, jada_auth::Error::Api { status: 400, .. })
}

fn is_for_want_of_room(error: &jada_auth::Error) -> bool {
    let jada_auth::Error::Api { reason: Some(reason), .. } = error else { return false };
    NO_ROOM.contains(&reason.as_str())
}

const FOLDER: &str = "application/vnd.google-apps.folder";
/// Of an account, of a shared drive, and of a folder.
const NO_ROOM: [&str; 3] =
    ["storageQuotaExceeded", "teamDriveFileLimitExceeded", "numChildrenInNonRootLimitExceeded"];
