//! Whether a value is a secret at all: what stands for one, what is a name, a path or a time, and what looks
//! as if it was made by chance.

/// What stands for a value and is none: nothing, a variable, a gap to fill, a mask, a word such as `null`.
pub(super) fn is_placeholder(value: &str) -> bool {
    let bare =
        value.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '\\' | ',' | ';'));
    if bare.len() > 256 {
        return false;
    }
    bare.is_empty()
        || is_marker(bare)
        || is_variable(bare)
        || is_mask(bare)
        || is_word_for_nothing(bare)
        || is_digest(bare)
}

fn is_marker(bare: &str) -> bool {
    bare.starts_with("[redacted:") && bare.ends_with(']') && bare.matches(']').count() == 1
}

fn is_variable(bare: &str) -> bool {
    let between = |open: &str, close: &str| bare.len() > 2 && bare.starts_with(open) && bare.ends_with(close);
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    between("$(", ")")
        || between("${", "}")
        || between("{{", "}}")
        || between("<", ">")
        || between("{", "}")
        || between("%(", ")s")
        || bare.strip_prefix('$').is_some_and(is_name)
        || bare.strip_prefix("$env:").is_some_and(|name| !name.is_empty())
        || bare
            .strip_prefix('%')
            .and_then(|it| it.strip_suffix('%'))
            .is_some_and(is_name)
        || bare.starts_with("<set to ")
        || bare.starts_with("<nil")
        || is_code(bare)
}

/// `os.environ["X"]`, `get_token()`, `config.db.password`: it is fetched from elsewhere.
fn is_code(bare: &str) -> bool {
    let name = bare
        .bytes()
        .take_while(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.'))
        .count();
    let rest = &bare[name..];
    let dotted = bare[..name].contains(['_', '.']);
    let calls = name >= 3
        && (rest.starts_with("()")
            || rest.starts_with("(\"")
            || rest.starts_with("('")
            || rest.starts_with("[\"")
            || (dotted && rest.starts_with(['(', '['])));
    let known = [
        "os.",
        "process.env.",
        "env.",
        "secrets.",
        "vars.",
        "self.",
        "config.",
        "var.",
        "data.",
        "local.",
        "System.",
        "this.",
        "module.",
        "ref+",
        "vault:",
        "op://",
        "vault://",
        "arn:aws:",
        "keyvault:",
    ];
    calls
        || known
            .iter()
            .any(|prefix| bare.starts_with(prefix) && bare.len() > prefix.len())
}

/// `****`, `xxxx`, `...`, `<hidden>`, `REDACTED`.
fn is_mask(bare: &str) -> bool {
    let core = bare.trim_matches(['[', ']', '(', ')', '<', '>', '*', '{', '}', '#', '-', '_', '.']);
    let mut letters = bare.chars();
    let first = letters.next();
    let same = first.is_some_and(|first| {
        matches!(
            first,
            '*' | 'x' | 'X' | '.' | '…' | '•' | '●' | '#' | '-' | '_' | '?' | '~' | '=' | '^'
        )
    }) && letters.all(|letter| Some(letter) == first);
    let words = [
        "redacted",
        "masked",
        "hidden",
        "omitted",
        "removed",
        "filtered",
        "sanitized",
        "data+omitted",
        "secret hidden",
        "sensitive",
        "scrubbed",
        "elided",
    ];
    same || words.iter().any(|word| core.eq_ignore_ascii_case(word))
        || bare.to_ascii_uppercase().starts_with("YOUR_")
        || bare.to_ascii_uppercase().starts_with("YOUR-")
}

fn is_word_for_nothing(bare: &str) -> bool {
    let words = [
        "null",
        "nil",
        "none",
        "undefined",
        "true",
        "false",
        "yes",
        "no",
        "n/a",
        "unknown",
        "empty",
        "unset",
        "required",
        "optional",
        "enabled",
        "disabled",
        "string",
        "missing",
        "|",
        ">",
        "|-",
        ">-",
        "|+",
        "&",
        "-",
        "present",
        "absent",
        "set",
        "configured",
        "(nil)",
        "0",
    ];
    words.iter().any(|word| bare.eq_ignore_ascii_case(word)) || is_size(bare)
}

/// `12 bytes`, as `kubectl describe secret` says it.
fn is_size(bare: &str) -> bool {
    bare.split_once(' ').is_some_and(|(number, unit)| {
        matches!(unit, "bytes" | "byte") && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// `sha256:…`: a digest is public.
fn is_digest(bare: &str) -> bool {
    let hex = ["sha256:", "sha512:", "sha1:", "SHA256:"]
        .iter()
        .find_map(|kind| bare.strip_prefix(kind));
    hex.is_some_and(|hex| {
        !hex.is_empty()
            && hex
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
    })
}

/// A path, an address, or the name of a file.
pub(super) fn is_path(value: &str) -> bool {
    let bare = value.trim_end_matches([',', ';', ')', ':']);
    if ["http://", "https://", "file://", "unix://", "tcp://", "oci://"]
        .iter()
        .any(|scheme| bare.starts_with(scheme))
    {
        return !bare.contains('@');
    }
    let is_rooted = ["/", "./", "../", "~/", "C:\\"]
        .iter()
        .any(|root| bare.starts_with(root));
    let segments: Vec<&str> = bare.split('/').filter(|segment| !segment.is_empty()).collect();
    is_rooted
        && !segments.is_empty()
        && segments.iter().all(|segment| {
            segment.len() <= 80
                && !has_run_of_mixed(segment)
                && segment.bytes().all(|byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'@' | b':' | b'*')
                })
        })
}

/// A name of an object of Kubernetes, perhaps with its namespace: `shop/db-password`, `regcred`.
pub(super) fn is_object_name(value: &str) -> bool {
    let bare = value.trim_matches(['"', '\'', '\\', ',', ':', ';', '(', ')', '.']);
    let legal = !bare.is_empty()
        && bare.len() <= 253
        && bare.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b'/' | b'"')
        });
    let segments = || bare.split(['-', '.', '/', '"']);
    let parted = segments().count() > 1;
    let plain = |segment: &str| {
        let digits = segment.bytes().filter(u8::is_ascii_digit).count();
        segment.len() <= 16 && (digits == 0 || segment.len() <= 10)
    };
    legal && segments().all(plain) && (parted || bare.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// Whether `value` looks like something made by chance or to be kept: long enough, of several kinds of
/// letters, and none of the things of Kubernetes that look so too.
pub(super) fn is_random(value: &str) -> bool {
    let bare = value.trim_matches(['"', '\'', '\\', '`', ',', ';', ')', '(']);
    if bare.len() < 8
        || is_placeholder(bare)
        || is_path(bare)
        || is_uuid(bare)
        || is_time(bare)
        || is_object_name(bare)
    {
        return false;
    }
    let is_field = bare.split_once('=').is_some_and(|(name, value)| {
        !value.trim_matches('=').is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase())
    });
    if is_field {
        return false;
    }
    if bare.len() >= 16 && bare.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return true;
    }
    let has = |test: fn(&u8) -> bool| bare.bytes().any(|byte| test(&byte));
    let (upper, lower, digit) = (
        has(u8::is_ascii_uppercase),
        has(u8::is_ascii_lowercase),
        has(u8::is_ascii_digit),
    );
    let sign = bare.bytes().any(|byte| {
        matches!(
            byte,
            b'!' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'+' | b'=' | b'@' | b'~' | b'?'
        )
    });
    let is_word = bare
        .chars()
        .all(|letter| letter.is_alphabetic() || matches!(letter, '.' | '_' | '-' | ':' | '/'));
    !is_word
        && (digit || sign)
        && (upper || lower)
        && (usize::from(upper) + usize::from(lower) + usize::from(digit) + usize::from(sign) >= 2)
        && entropy(bare) >= 2.5
}

/// A run of sixteen letters with capitals, small ones and digits among them.
fn has_run_of_mixed(segment: &str) -> bool {
    segment.len() >= 16
        && segment.bytes().any(|byte| byte.is_ascii_uppercase())
        && segment.bytes().any(|byte| byte.is_ascii_lowercase())
        && segment.bytes().filter(u8::is_ascii_digit).count() >= 2
}

fn is_uuid(bare: &str) -> bool {
    let parts: Vec<usize> = bare.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && bare.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// A date, a time, a duration, a quantity, an address with a port, or a version.
fn is_time(bare: &str) -> bool {
    let core = bare.strip_prefix('v').unwrap_or(bare);
    core.starts_with(|c: char| c.is_ascii_digit())
        && core.bytes().filter(u8::is_ascii_alphabetic).count() <= 4
        && core.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b':' | b'.' | b'+' | b'/' | b'T' | b'Z')
        })
        && core.bytes().any(|byte| matches!(byte, b'-' | b':' | b'.'))
}

/// Bits for each letter: how evenly the letters of `text` are spread.
fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "no value is that long")]
    let length = text.len() as f64;
    let shares = counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length);
    -shares.map(|share| share * share.log2()).sum::<f64>()
}
