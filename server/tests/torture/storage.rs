//! What is in the storage, whoever put it there.

use std::{fs, path::Path};

use crate::world::World;

/// The keys of all objects, temporary ones too.
pub(crate) fn objects(world: &World) -> Vec<String> {
    let root = world.folder.path().join("recordings");
    let mut keys = Vec::new();
    collect(&root, &root, &mut keys);
    keys.retain(|key| key != ".tapedeck-storage-id");
    keys
}

fn collect(root: &Path, folder: &Path, keys: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, keys);
        } else {
            keys.push(path.strip_prefix(root).unwrap().display().to_string());
        }
    }
}
