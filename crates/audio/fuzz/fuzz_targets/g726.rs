//! G.726 at each rate, in both bit orders: the first byte chooses.
#![no_main]

mod feed;

use audio::codec::{BitOrder, G726Decoder, G726Rate};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((choice, data)) = data.split_first() else { return };
    let rate = G726Rate::of_bits(2 + u16::from(choice & 3)).expect("2 to 5 bits");
    let order = if choice & 4 == 0 {
        BitOrder::LeastSignificantFirst
    } else {
        BitOrder::MostSignificantFirst
    };
    feed::feed(&mut G726Decoder::new(rate, order), data);
});
