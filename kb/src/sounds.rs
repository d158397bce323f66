//! Which characters sound alike: people type Chinese by its sound, and take the wrong character.

use pinyin::ToPinyinMulti as _;

/// Every way to read a character, as many people say it: without tones, `zh` as `z`, `ing` as `in`. None
/// for what is not Chinese.
pub(crate) fn readings(char: char) -> impl Iterator<Item = String> {
    let all = char.to_pinyin_multi().into_iter().flatten();
    all.map(|it| as_spoken(it.plain()))
}

fn as_spoken(sound: &str) -> String {
    let mut chars = sound.chars();
    let begin: String = match (chars.next(), chars.as_str()) {
        (Some(first @ ('z' | 'c' | 's')), rest) => {
            format!("{first}{}", rest.strip_prefix('h').unwrap_or(rest))
        }
        _ => sound.to_owned(),
    };
    match begin.strip_suffix("ing").map(|it| format!("{it}in")) {
        Some(flat) => flat,
        None => begin
            .strip_suffix("eng")
            .map(|it| format!("{it}en"))
            .unwrap_or(begin),
    }
}

/// Whether two words may be read in the same way, character by character.
pub(crate) fn alike(a: &str, b: &str) -> bool {
    a.chars().count() == b.chars().count() && a.chars().zip(b.chars()).all(|(a, b)| chars_alike(a, b))
}

fn chars_alike(a: char, b: char) -> bool {
    a == b || readings(a).any(|one| readings(b).any(|other| one == other))
}

#[cfg(test)]
mod tests {
    use super::alike;

    #[test]
    fn a_character_with_several_readings_sounds_like_each() {
        assert!(alike("从启", "重启") && alike("仲要", "重要"));
        assert!(alike("竟像", "镜像") && alike("结点", "节点"));
        assert!(alike("陪植", "配置") && alike("进像", "镜像"), "as in the south");
        assert!(!alike("重启", "节点") && !alike("重", "重启") && !alike("pod", "pot"));
    }
}
