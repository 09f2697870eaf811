//! The demo workspace: an order story that runs without anything installed. It is part of the program and copied to the
//! data folder once; after that it belongs to the person.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::load::FILE_NAME;
use super::locate;

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../assets/demo/", $path)))),*]
    };
}

/// Path and text of each file. The workspace file is last, so that a copy that was cut off is taken up again.
pub const FILES: &[(&str, &str)] = files![
    "functions/confirm.mjs",
    "functions/notify.mjs",
    "functions/billing.mjs",
    "functions/shop-api.mjs",
    "functions/slow.mjs",
    "functions/track.mjs",
    "events/confirm/order placed, expired card.json",
    "events/confirm/order placed, valid card.json",
    "events/confirm/order placed, no amount.json",
    "events/notify/order on its way.json",
    "events/notify/nobody to greet.json",
    "events/billing/three records, one poison.json",
    "events/billing/two payments.json",
    "events/shop-api/list of products.json",
    "events/shop-api/new order.json",
    "events/shop-api/unknown path.json",
    "events/track/order 1042.json",
    "events/track/an order that is not there.json",
    "events/slow/one second, in time.json",
    "events/slow/ten seconds, too long.json",
    "invokelab.toml",
];

/// Where the demo lies in a data folder.
#[must_use]
pub fn folder_in(data_folder: &Path) -> PathBuf {
    data_folder.join("demo")
}

/// Copies the demo to `into`, unless it is there already. What a person changed or removed stays as it is.
///
/// # Errors
/// The folder cannot be written.
pub fn unpack(into: &Path) -> io::Result<PathBuf> {
    if !into.join(FILE_NAME).is_file() {
        for (path, text) in FILES {
            let file = into.join(path);
            if let Some(folder) = file.parent() {
                fs::create_dir_all(folder)?;
            }
            if !file.exists() {
                fs::write(&file, text)?;
            }
        }
    }
    fs::canonicalize(into)
}

/// Whether `workspace` is the demo of this data folder.
pub(super) fn is_demo_of(data_folder: &Path, workspace: &Path) -> bool {
    let demo = folder_in(data_folder);
    fs::canonicalize(&demo).unwrap_or(demo) == workspace
}

/// Whether `workspace` is the demo of the data folder in use.
pub(super) fn is_demo(workspace: &Path) -> bool {
    let folder = locate::data_folder_path(std::env::var_os(locate::DATA_FOLDER_VARIABLE));
    folder.is_ok_and(|folder| is_demo_of(&folder, workspace))
}
