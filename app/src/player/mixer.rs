//! Hears the two channels of a recording apart: a small Web Audio graph, made when a listener first asks for it.
//! Without it the browser plays as it always does.

use wasm_bindgen::JsValue;
use web_sys::{AudioContext, ChannelMergerNode, ChannelSplitterNode, GainNode, HtmlAudioElement};

use super::lanes::LANES;

/// Seconds in which a gain changes by two thirds: too short to be reply as a fade, long enough not to click.
const SMOOTH: f64 = 0.01;

/// See the module. Once made it stays: an audio element can't be taken out of a graph again.
pub(super) struct Mixer {
    context: AudioContext,
    /// From each lane to each ear.
    gains: [[GainNode; 2]; LANES],
}

impl Mixer {
    pub(super) fn new(audio: &HtmlAudioElement) -> Result<Self, JsValue> {
        let context = AudioContext::new()?;
        let splitter = context.create_channel_splitter_with_number_of_outputs(2)?;
        let merger = context.create_channel_merger_with_number_of_inputs(2)?;
        merger.connect_with_audio_node(&context.destination())?;
        let gain = |lane, ear| path(&context, &splitter, lane, &merger, ear);
        let gains = [[gain(0, 0)?, gain(0, 1)?], [gain(1, 0)?, gain(1, 1)?]];
        // Last: from here on the element is reply through the graph alone.
        context.create_media_element_source(audio)?.connect_with_audio_node(&splitter)?;
        Ok(Self { context, gains })
    }

    pub(super) fn set(&self, gains: [[f32; 2]; LANES]) {
        let now = self.context.current_time();
        for (node, gain) in self.gains.as_flattened().iter().zip(gains.as_flattened()) {
            // Only a time or a number that is none can be refused.
            let _ = node.gain().set_target_at_time(*gain, now, SMOOTH);
        }
    }

    /// A context that began before anybody had tapped, or that a phone put to sleep, is silent.
    pub(super) fn wake(&self) {
        let _ = self.context.resume();
    }
}

fn path(
    context: &AudioContext,
    from: &ChannelSplitterNode,
    lane: u32,
    to: &ChannelMergerNode,
    ear: u32,
) -> Result<GainNode, JsValue> {
    let gain = context.create_gain()?;
    from.connect_with_audio_node_and_output(&gain, lane)?;
    gain.connect_with_audio_node_and_output_and_input(to, 0, ear)?;
    Ok(gain)
}
