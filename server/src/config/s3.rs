//! The `AWS_*` variables, read where the storage is a bucket: those that other programs know, with
//! the same meaning. Files of profiles are not read.

use http::Uri;
use object_store::{aws::AmazonS3ConfigKey as Key, client::ClientConfigKey};

use super::{
    error::{InvalidSetting, Value},
    reader::Reader,
};
use crate::storage::S3Options;

/// What a variable may be.
enum Kind {
    Text,
    Secret,
    Url,
    Flag,
    OneOf(&'static [&'static str]),
}

use Kind::{Flag, OneOf, Secret, Text, Url};

const VARIABLES: [(&str, Kind); 20] = [
    ("AWS_REGION", Text),
    ("AWS_DEFAULT_REGION", Text),
    ("AWS_ENDPOINT_URL", Url),
    ("AWS_ENDPOINT_URL_S3", Url),
    ("AWS_ALLOW_HTTP", Flag),
    ("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", Flag),
    ("AWS_CONDITIONAL_PUT", OneOf(&["etag", "disabled"])),
    ("AWS_UNSIGNED_PAYLOAD", Flag),
    ("AWS_ACCESS_KEY_ID", Secret),
    ("AWS_SECRET_ACCESS_KEY", Secret),
    ("AWS_SESSION_TOKEN", Secret),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", Text),
    ("AWS_ROLE_ARN", Text),
    ("AWS_ROLE_SESSION_NAME", Text),
    ("AWS_ENDPOINT_URL_STS", Url),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", Text),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", Url),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", Text),
    ("AWS_SERVER_SIDE_ENCRYPTION", OneOf(&["AES256", "aws:kms", "aws:kms:dsse"])),
    ("AWS_SSE_KMS_KEY_ID", Text),
];

/// Reads them, and checks that they go together.
pub(super) fn read(reader: &mut Reader) -> Result<S3Options, InvalidSetting> {
    let mut variables = Vec::new();
    for (name, kind) in VARIABLES {
        let value = match kind {
            Secret => reader.secret(name, |text| check(&kind, text))?,
            _ => reader.checked(name, |text| check(&kind, text))?,
        };
        let key = name.to_ascii_lowercase().parse::<Key>();
        variables.extend(value.map(|value| (key.expect("the library knows them all"), value)));
    }
    together(variables)
}

fn check(kind: &Kind, text: &str) -> Result<String, String> {
    let is_url = || {
        let url = text.parse::<Uri>().ok();
        url.is_some_and(|url| matches!(url.scheme_str(), Some("http" | "https")))
            && !text.contains(['@', '?', '#'])
    };
    match kind {
        _ if text.trim().is_empty() => Err("is empty; unset it or give it a value".to_owned()),
        Url if !is_url() => {
            Err("is not a URL of a server; write it as https://host:port".to_owned())
        }
        Flag if !["true", "false"].contains(&text) => Err("is neither true nor false".to_owned()),
        OneOf(words) if !words.contains(&text) => Err(format!("is none of {}", words.join(", "))),
        _ => Ok(text.to_owned()),
    }
}

fn together(mut variables: Vec<(Key, String)>) -> Result<S3Options, InvalidSetting> {
    let value_of =
        |key| variables.iter().find(|(known, _)| *known == key).map(|(_, value)| value.as_str());
    let (id, secret) = (value_of(Key::AccessKeyId), value_of(Key::SecretAccessKey));
    for (name, is_missing) in [
        ("AWS_SECRET_ACCESS_KEY", id.is_some() && secret.is_none()),
        ("AWS_ACCESS_KEY_ID", id.is_none() && secret.is_some()),
    ] {
        if is_missing {
            let advice = "is not set, though the other half of the key is; set both or neither";
            return Err(InvalidSetting::new(name, Value::NotShown, advice));
        }
    }
    let (url, name) = match (value_of(Key::S3Endpoint), value_of(Key::Endpoint)) {
        (Some(url), _) => (Some(url), "AWS_ENDPOINT_URL_S3"),
        (None, url) => (url, "AWS_ENDPOINT_URL"),
    };
    let has_region = [Key::Region, Key::DefaultRegion].map(value_of).iter().any(Option::is_some);
    if url.is_none() && !has_region {
        let advice = "is not set; set it to the bucket's region such as eu-central-1, or \
                      AWS_ENDPOINT_URL to the server's address";
        return Err(InvalidSetting::new("AWS_REGION", Value::NotShown, advice));
    }
    // Who writes http:// means it; nothing else is ever asked without TLS.
    let may = Key::Client(ClientConfigKey::AllowHttp);
    let is_http = url.filter(|url| url.starts_with("http://"));
    if let (Some(url), Some("false")) = (is_http, value_of(may)) {
        let advice = "is without TLS, which AWS_ALLOW_HTTP=false forbids; write https:// or unset \
                      AWS_ALLOW_HTTP";
        return Err(InvalidSetting::new(name, Value::Shown(url.to_owned()), advice));
    }
    let allow_http = is_http.is_some();
    variables.retain(|(key, _)| *key != may);
    Ok(S3Options { variables, allow_http })
}
