//! The files that the browser needs: built by cargo-leptos, found under the site root.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use app::Assets;
use axum::{Router, routing::get_service};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderValue, header::CACHE_CONTROL};
use sha2::{Digest as _, Sha256};
use tower::ServiceBuilder;
use tower_http::{
    compression::CompressionLayer,
    services::{ServeDir, ServeFile},
    set_header::SetResponseHeaderLayer,
};
use tracing::warn;

/// Where cargo-leptos puts the files whose names hold a hash.
const PACKAGE: &str = "pkg";

/// The built files.
pub struct Site {
    root: PathBuf,
    /// Their addresses.
    pub(super) assets: Assets,
    /// The directives of the Content-Security-Policy for scripts and styles.
    pub(super) policy: String,
}

impl Site {
    /// The files under `root`. Their names are read from the folder, so that program and site can be
    /// copied each on its own. Logs which are missing: without them the API works and the pages have no
    /// player.
    pub fn open(root: &Path) -> Self {
        let names = ["js", "wasm", "css"].map(|kind| built_file(&root.join(PACKAGE), kind));
        let fixed = app::STATIC_FILES.iter().filter(|name| !root.join(&name[1..]).is_file());
        let missing: Vec<_> = names
            .iter()
            .zip(["js", "wasm", "css"])
            .filter(|(name, _)| name.is_none())
            .map(|(_, kind)| format!("{PACKAGE}/tapedeck.*.{kind}"))
            .chain(fixed.map(|name| name[1..].to_owned()))
            .collect();
        if !missing.is_empty() {
            warn!(
                "LEPTOS_SITE_ROOT={}: the pages' files are incomplete; missing: {}. Copy the whole folder \
                 of the build, or run `cargo leptos build`",
                root.display(),
                missing.join(", ")
            );
        }
        let [script, wasm, style] = names;
        // A page names a file that answers 404 rather than none: a later build may bring it.
        let address = |name: Option<String>, kind| {
            format!("/{PACKAGE}/{}", name.unwrap_or_else(|| format!("tapedeck.{kind}")))
        };
        let style = address(style, "css");
        let inline_style = fs::read_to_string(root.join(&style[1..])).ok();
        let assets = Assets {
            script: address(script, "js"),
            wasm: address(wasm, "wasm"),
            style,
            inline_style: inline_style.map(Into::into),
        };
        let policy = policy(assets.inline_style.as_deref());
        Self { root: root.to_owned(), assets, policy }
    }

    /// Serves them: as the build compressed them, where it did, else compressed on the way. Audio never
    /// comes this way.
    pub(super) fn service<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let cached = |value| {
            SetResponseHeaderLayer::overriding(
                CACHE_CONTROL,
                move |response: &http::Response<_>| {
                    response.status().is_success().then(|| HeaderValue::from_static(value))
                },
            )
        };
        // A hash in the name: what is under it never changes.
        let built = ServiceBuilder::new()
            .layer(cached("public, max-age=31536000, immutable"))
            .layer(CompressionLayer::new())
            .service(
                ServeDir::new(self.root.join(PACKAGE)).precompressed_br().precompressed_gzip(),
            );
        let mut router = Router::new().nest_service("/pkg", built);
        for name in app::STATIC_FILES {
            let path = self.root.join(name.trim_start_matches('/'));
            let file = ServeFile::new(path).precompressed_br().precompressed_gzip();
            let fixed = ServiceBuilder::new()
                .layer(cached("no-cache"))
                .layer(CompressionLayer::new())
                .service(file);
            router = router.route(name, get_service(fixed));
        }
        router
    }
}

/// Allows our own scripts and styles, WebAssembly, and the two inline constants by their hashes (CSP Level 3, section
/// 2.3.1, `hash-source`).
fn policy(inline_style: Option<&str>) -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let script = hash(app::FIRST_PRESS);
    let style = inline_style.map(hash).unwrap_or_default();
    format!("script-src 'self' 'wasm-unsafe-eval' {script}; style-src 'self' {style}")
}

/// `tapedeck.HASH.js` or, from a build without hashes, `tapedeck.js`. The newest, if an older build left
/// its own: a build empties the folder, a copy over it does not.
fn built_file(folder: &Path, kind: &str) -> Option<String> {
    let entries = fs::read_dir(folder).ok()?.flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let middle = name.strip_prefix("tapedeck")?.strip_suffix(kind)?;
        // `.` or `.HASH.`, and nothing such as the `.d.` of `tapedeck.d.ts`.
        let is_ours = middle == "." || (middle.starts_with('.') && middle.ends_with('.'));
        let modified = entry.metadata().and_then(|file| file.modified());
        is_ours.then(|| (modified.unwrap_or(SystemTime::UNIX_EPOCH), name))
    });
    entries.max().map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::{
        Request,
        header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE},
    };
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    #[test]
    fn the_policy_allows_the_inline_script_and_style_by_their_hashes() {
        // printf '' | openssl dgst -sha256 -binary | base64
        let empty = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";
        assert!(policy(Some("")).ends_with(&format!("style-src 'self' {empty}")));
        assert!(policy(None).starts_with("script-src 'self' 'wasm-unsafe-eval' 'sha256-"));
    }

    #[tokio::test]
    async fn what_the_build_compressed_is_sent_so_and_the_rest_is_compressed_on_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let built = folder.path().join("pkg");
        fs::create_dir(&built).unwrap();
        for (name, text) in
            [("a.wasm", "plain"), ("a.wasm.br", "by the build"), ("b.wasm", &"long ".repeat(99))]
        {
            fs::write(built.join(name), text).unwrap();
        }
        let site: Router = Site::open(folder.path()).service();
        let get = async |name: &str, accepted: &str| {
            let request = Request::get(format!("/pkg/{name}"))
                .header(ACCEPT_ENCODING, accepted)
                .body(Body::empty());
            let answer = site.clone().oneshot(request.unwrap()).await.unwrap();
            let header =
                |name| answer.headers().get(&name).map(|it| it.to_str().unwrap().to_owned());
            assert_eq!(header(CONTENT_TYPE).as_deref(), Some("application/wasm"));
            let encoding = header(CONTENT_ENCODING);
            (encoding, answer.into_body().collect().await.unwrap().to_bytes())
        };
        assert_eq!(get("a.wasm", "gzip, br").await, (Some("br".into()), "by the build".into()));
        assert_eq!(get("a.wasm", "identity").await, (None, "plain".into()));
        assert_eq!(get("b.wasm", "gzip").await.0.as_deref(), Some("gzip"));
    }

    #[test]
    fn names_come_from_the_folder_with_their_hash_or_without_one() {
        let folder = tempfile::tempdir().unwrap();
        let built = folder.path().join(PACKAGE);
        fs::create_dir(&built).unwrap();
        let write = |name: &str| fs::write(built.join(name), "").unwrap();
        assert_eq!(Site::open(folder.path()).assets.script, "/pkg/tapedeck.js");
        for name in ["tapedeck.js", "tapedeck.wasm", "tapedeck.d.ts", "other.css"] {
            write(name);
        }
        let plain = Site::open(folder.path()).assets;
        assert_eq!(
            [plain.script, plain.wasm, plain.style],
            ["/pkg/tapedeck.js", "/pkg/tapedeck.wasm", "/pkg/tapedeck.css"]
        );
        for name in ["tapedeck.js", "tapedeck.wasm"] {
            fs::remove_file(built.join(name)).unwrap();
        }
        for name in
            ["tapedeck.abc.js", "tapedeck.abc.js.br", "tapedeck.d_e-f.wasm", "tapedeck.1.css"]
        {
            write(name);
        }
        let hashed = Site::open(folder.path()).assets;
        assert_eq!(
            [hashed.script, hashed.wasm, hashed.style],
            ["/pkg/tapedeck.abc.js", "/pkg/tapedeck.d_e-f.wasm", "/pkg/tapedeck.1.css"]
        );
    }
}
