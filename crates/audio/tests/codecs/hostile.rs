//! Bytes that no encoder wrote: no decoder panics, keeps more than its output, or gives another
//! number of frames than it promised.

use audio::codec::Damaged;
use proptest::prelude::*;

use crate::decoders;

/// No packet has more frames for each channel.
const MOST_FRAMES: usize = 65_536;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]
    #[test]
    fn any_packets_are_decoded_or_damaged(
        packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 1..12),
        whole in any::<bool>(),
    ) {
        for (name, mut decoder) in decoders() {
            let channels = usize::from(decoder.spec().channels);
            for packet in &packets {
                let size = decoder.packet_size().map_or(1, |size| size.bytes);
                // Half of the time whole packets, so that more than their length is tried.
                let packet = if whole { &packet[..packet.len() / size * size] } else { packet };
                let mut samples = vec![1, 2];
                let promised = decoder.frames_in(packet).unwrap();
                prop_assert!(promised <= MOST_FRAMES, "{}", name);
                let expected = match decoder.decode(packet, &mut samples) {
                    Ok(()) => 2 + promised * channels,
                    Err(Damaged) => 2,
                };
                prop_assert_eq!(samples.len(), expected, "{}", name);
                prop_assert_eq!(&samples[..2], &[1, 2], "{}", name);
            }
            decoder.reset();
        }
    }
}
