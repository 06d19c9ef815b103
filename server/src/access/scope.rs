//! Scopes: what a credential allows. Roles are named sets of scopes.

use std::{fmt, str::FromStr};

/// One permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Plays recordings, and reads calls.
    Listen,
    /// Saves recordings to a file.
    Download,
    /// Registers calls and recordings.
    Register,
    /// Retries, and reads the queue and the status.
    Operate,
    /// Deletes recordings and erases calls.
    Delete,
    /// Makes signed links, and marks calls as public.
    Share,
    /// Reads the audit log.
    Audit,
    /// Sees telephone numbers.
    Numbers,
    /// Holds calls, and releases them.
    Hold,
    /// Everything, keys and sessions included.
    Admin,
}

impl Scope {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 10] = [
        Self::Listen,
        Self::Download,
        Self::Register,
        Self::Operate,
        Self::Delete,
        Self::Share,
        Self::Audit,
        Self::Numbers,
        Self::Hold,
        Self::Admin,
    ];

    /// The word used in settings, bodies and columns.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Listen => "listen",
            Self::Download => "download",
            Self::Register => "register",
            Self::Operate => "operate",
            Self::Delete => "delete",
            Self::Share => "share",
            Self::Audit => "audit",
            Self::Numbers => "numbers",
            Self::Hold => "hold",
            Self::Admin => "admin",
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let known = Self::ALL.into_iter().find(|scope| scope.as_str() == text);
        known.ok_or_else(|| UnknownScope(text.chars().take(32).collect()))
    }
}

/// A word that names no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no scope; the scopes are {}", .0.escape_debug(), Scopes::EVERY)]
pub struct UnknownScope(String);

/// A set of scopes. [`Scope::Admin`] contains every other scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u16);

impl Scopes {
    /// No scope.
    pub const NONE: Self = Self(0);
    /// Every scope.
    pub const EVERY: Self = Self((1 << Scope::ALL.len()) - 1);

    /// Whether the set allows this.
    pub const fn allow(self, scope: Scope) -> bool {
        self.0 & (scope.bit() | Scope::Admin.bit()) != 0
    }

    /// Whether the set names no scope.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The scopes that it names.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.0 & scope.bit() != 0)
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<T: IntoIterator<Item = Scope>>(scopes: T) -> Self {
        Self(scopes.into_iter().fold(0, |set, scope| set | scope.bit()))
    }
}

/// Comma-separated, as `--scope` and the column have it.
impl FromStr for Scopes {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::parse).collect()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, scope) in self.iter().enumerate() {
            write!(f, "{}{}", if at > 0 { "," } else { "" }, scope.as_str())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_written_as_it_is_read() {
        let scopes: Scopes = "share, listen".parse().unwrap();
        assert_eq!(scopes.to_string(), "listen,share");
        assert!(scopes.allow(Scope::Listen) && !scopes.allow(Scope::Download));
        assert_eq!(scopes.to_string().parse(), Ok(scopes));
        assert_eq!("".parse(), Ok(Scopes::NONE));
    }

    #[test]
    fn admin_contains_every_scope() {
        let admin: Scopes = "admin".parse().unwrap();
        assert!(Scope::ALL.into_iter().all(|scope| admin.allow(scope)));
        assert_eq!(admin.to_string(), "admin");
    }

    #[test]
    fn an_unknown_word_is_named_beside_the_known_ones() {
        let error = "listen,hear".parse::<Scopes>().unwrap_err().to_string();
        assert_eq!(
            error,
            "`hear` is no scope; the scopes are listen,download,register,operate,delete,share,\
             audit,numbers,hold,admin"
        );
    }
}
