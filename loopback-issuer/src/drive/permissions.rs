//! The methods of permissions.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::fields::select;
use super::file::DrivePermission;
use super::method::DriveMethod;
use super::state::{Done, State, file_not_found};
use crate::google::refusal::Refusal;
use crate::loopback::{Head, Reply, Request};

impl State {
    /// The same beneficiary has one permission, which another call changes.
    pub(super) fn create_permission(
        &mut self,
        request: &Request,
        id: &str,
    ) -> Result<Done, Refusal> {
        let permission = wanted(&request.json().unwrap_or_default())?;
        if !self.file(request, id)?.editable {
            let message = "The user does not have sufficient permissions for this file.";
            return Err(Refusal::new(403, "insufficientFilePermissions", message));
        }
        let answer = select(&permission.json(), request.query("fields").unwrap_or(DEFAULT))?;
        let what = format!("{} {} may see {id}", permission.kind, permission.id);
        let file = self.files.iter_mut().find(|file| file.id == id);
        let permissions = &mut file.ok_or_else(|| file_not_found(id))?.permissions;
        permissions.retain(|given| given.id != permission.id);
        permissions.push(permission);
        Ok(Done::new(Reply::new(200).json(&answer), what))
    }

    pub(super) fn list_permissions(&self, head: &Head, id: &str) -> Result<Done, Refusal> {
        let file = self.file(head, id)?;
        let owner =
            json!({ "kind": "drive#permission", "id": "1", "type": "user", "role": "owner" });
        let given = file.permissions.iter().map(DrivePermission::json);
        let permissions: Vec<Value> = std::iter::once(owner).chain(given).collect();
        let mut answer = json!({ "kind": "drive#permissionList", "permissions": permissions });
        if self.endless == Some(DriveMethod::PermissionsList) {
            answer["nextPageToken"] = "more".into();
        }
        let default = format!("kind,nextPageToken,permissions({DEFAULT})");
        let answer = select(&answer, head.query("fields").unwrap_or(&default))?;
        Ok(Done::new(Reply::new(200).json(&answer), format!("{} permissions", permissions.len())))
    }
}

fn wanted(json: &Value) -> Result<DrivePermission, Refusal> {
    let text = |name: &str| json[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let required = |name: &str| {
        text(name).ok_or_else(|| {
            Refusal::new(400, "required", format!("The permission {name} field is required."))
        })
    };
    let (kind, role) = (required("type")?, required("role")?);
    let to = match kind.as_str() {
        "anyone" => None,
        "domain" => Some(required("domain")?),
        "user" | "group" => Some(required("emailAddress")?),
        _ => return Err(Refusal::new(400, "invalid", format!("Invalid permission type {kind}"))),
    };
    if !["reader", "commenter", "writer"].contains(&role.as_str()) {
        return Err(Refusal::new(400, "invalid", format!("Invalid permission role {role}")));
    }
    let id = match &to {
        None => "anyoneWithLink".to_owned(),
        Some(to) => Sha256::digest(to)[..8].iter().map(|it| format!("{it:03}")).collect(),
    };
    Ok(DrivePermission { id, kind, role, to })
}

const DEFAULT: &str = "kind,id,type,role";
