//! The dictionary by which Chinese is cut into words.

use icu_provider::prelude::*;
use icu_segmenter::WordSegmenter;
use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::provider::{Baked, SegmenterDictionaryAutoV2, SegmenterDictionaryExtendedV2};

/// Cuts Chinese by the dictionary, and everything else at the bounds of words that Unicode names.
pub(crate) fn segmenter() -> WordSegmenter {
    let options = WordBreakInvariantOptions::default();
    let mut segmenter = WordSegmenter::new_for_non_complex_scripts(options).static_to_owned();
    segmenter
        .load_dictionary_unstable(&Chinese)
        .expect("the dictionary is compiled in");
    segmenter
}

/// The dictionary of Chinese and Japanese, of all that the segmenter has. Those of Burmese, Khmer, Lao and Thai would
/// make the program a megabyte larger, and nobody is answered in these.
struct Chinese;

impl DataProvider<SegmenterDictionaryAutoV2> for Chinese {
    fn load(&self, request: DataRequest<'_>) -> Result<DataResponse<SegmenterDictionaryAutoV2>, DataError> {
        Baked.load(request)
    }
}

impl DataProvider<SegmenterDictionaryExtendedV2> for Chinese {
    fn load(
        &self,
        request: DataRequest<'_>,
    ) -> Result<DataResponse<SegmenterDictionaryExtendedV2>, DataError> {
        Err(DataErrorKind::IdentifierNotFound.with_req(SegmenterDictionaryExtendedV2::INFO, request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        let segmenter = segmenter();
        let bounds: Vec<usize> = segmenter.as_borrowed().segment_str(text).collect();
        bounds.windows(2).map(|it| &text[it[0]..it[1]]).collect()
    }

    #[test]
    fn chinese_is_cut_into_words() {
        assert_eq!(cut("节点反复怎么排查"), ["节点", "反复", "怎么", "排", "查"]);
        assert_eq!(cut("節點反覆"), ["節點", "反覆"]);
    }

    #[test]
    fn what_has_no_dictionary_stays_whole() {
        assert_eq!(cut("โหนดรีสตาร์ท pod"), ["โหนดรีสตาร์ท", " ", "pod"]);
    }
}
