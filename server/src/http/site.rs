//! The files that the browser needs: built by cargo-leptos, found under the site root.

use std::{
    fs,
    path::{Path, PathBuf},
};

use app::Assets;
use axum::{Router, routing::get_service};
use http::{HeaderValue, header::CACHE_CONTROL};
use tower::ServiceBuilder;
use tower_http::{
    compression::CompressionLayer,
    services::{ServeDir, ServeFile},
    set_header::SetResponseHeaderLayer,
};
use tracing::warn;

/// Where cargo-leptos says which hash each built file carries, beside the program.
const HASHES: &str = "hash.txt";

/// The built files.
pub struct Site {
    root: PathBuf,
    /// Their addresses.
    pub(super) assets: Assets,
}

impl Site {
    /// The files under `root`, named by the list in the program's folder, where there is one.
    pub fn open(root: &Path, program_folder: Option<&Path>) -> Self {
        let hashes = program_folder
            .and_then(|folder| fs::read_to_string(folder.join(HASHES)).ok())
            .unwrap_or_default();
        let file = |kind: &str| match hash_of(&hashes, kind) {
            Some(hash) => format!("/pkg/tapedeck.{hash}.{kind}"),
            None => format!("/pkg/tapedeck.{kind}"),
        };
        let assets = Assets { script: file("js"), wasm: file("wasm"), style: file("css") };
        let script = root.join(assets.script.trim_start_matches('/'));
        if !script.exists() {
            warn!(
                "the pages' files are not in {}: `cargo leptos build` makes them; until then \
                 the API works and the pages have no player",
                root.display()
            );
        }
        Self { root: root.to_owned(), assets }
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
            .service(ServeDir::new(self.root.join("pkg")).precompressed_br().precompressed_gzip());
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

/// The hash in a line such as `js: c4vO3d`.
fn hash_of<'a>(hashes: &'a str, kind: &str) -> Option<&'a str> {
    let line = hashes.lines().find_map(|line| line.trim().strip_prefix(kind)?.strip_prefix(':'))?;
    Some(line.trim()).filter(|hash| !hash.is_empty())
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
        let site: Router = Site::open(folder.path(), None).service();
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
    fn built_files_carry_their_hash_and_plain_names_without_a_list() {
        let folder = tempfile::tempdir().unwrap();
        let plain = Site::open(folder.path(), Some(folder.path()));
        assert_eq!(plain.assets.script, "/pkg/tapedeck.js");
        fs::write(folder.path().join(HASHES), "js: abc\nwasm: d_e-f\ncss: 123\n").unwrap();
        let assets = Site::open(folder.path(), Some(folder.path())).assets;
        assert_eq!(assets.script, "/pkg/tapedeck.abc.js");
        assert_eq!(assets.wasm, "/pkg/tapedeck.d_e-f.wasm");
        assert_eq!(assets.style, "/pkg/tapedeck.123.css");
    }
}
