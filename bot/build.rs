//! How the program is linked.

use std::env;

fn main() {
    if is_static_linux() {
        // A tenth of the program would be lists of addresses to mend when it is loaded; packed they are almost
        // nothing. Only where the C library is inside: one older than 2.36 could not read them.
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script of the target in no other way"
)]
fn is_static_linux() -> bool {
    let of_target = |name: &str| env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    let features = of_target("FEATURE");
    of_target("OS") == "linux" && features.split(',').any(|it| it == "crt-static")
}
