//! Telling a network file system, on which a lock may not be one, from a disk.

use std::path::Path;

/// What a human should know about the place; none where it is a local disk, or cannot be told.
#[cfg(target_os = "linux")]
pub(super) fn warning(path: &Path) -> Option<String> {
    let found = rustix::fs::statfs(super::private::folder_of(path)).ok()?;
    // The width and sign of the field differ by architecture; the numbers have 32 bits.
    let kind = name(found.f_type as u32)?;
    Some(format!(
        "`{}` is on {kind}, where locks may not hold between hosts: keep it on a local disk",
        path.display()
    ))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn warning(_: &Path) -> Option<String> {
    None
}

/// The numbers of [`statfs(2)`](https://man7.org/linux/man-pages/man2/statfs.2.html).
#[cfg(target_os = "linux")]
fn name(kind: u32) -> Option<&'static str> {
    Some(match kind {
        0x0000_6969 => "NFS",
        0x0000_517B | 0xFE53_4D42 => "SMB",
        0xFF53_4D42 => "CIFS",
        0x6573_5546 => "FUSE",
        0x0102_1997 => "9P",
        0x5346_414F | 0x6B41_4653 => "AFS",
        0x00C3_6400 => "CephFS",
        0x7375_7245 => "Coda",
        0x0BD0_0BD0 => "Lustre",
        0x0116_1970 => "GFS2",
        0x7461_636F => "OCFS2",
        _ => return None,
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_named_and_disks_are_not() {
        assert_eq!(name(0x6969), Some("NFS"));
        assert_eq!(name((-11_317_950_i32).cast_unsigned()), Some("CIFS"));
        let disks = [0xEF53, 0x0102_1994, 0x5846_5342, 0x9123_683E, 0x794C_7630, 0x2FC1_2FC1];
        assert_eq!(disks.map(name), [None; 6]);
    }

    #[test]
    fn a_place_that_does_not_exist_has_no_warning() {
        assert_eq!(warning(Path::new("/none/such/token.json")), None);
        assert_eq!(warning(Path::new("/proc/token.json")), None);
    }
}
