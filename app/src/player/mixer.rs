//! Mutes or isolates the channels of a recording: a small Web Audio graph, created at the listener's first request.
//! Without it the browser plays the element directly.

use wasm_bindgen::JsValue;
use web_sys::{AudioContext, ChannelMergerNode, ChannelSplitterNode, GainNode, HtmlAudioElement};

use super::lanes::LANES;

/// The time constant of gain changes in seconds: too short for an audible fade, long enough to avoid a click.
const SMOOTH: f64 = 0.01;

/// The graph of one audio element. It is permanent: an element can't be removed from its graph.
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
        // Last: from here on the element's sound passes through the graph only.
        context.create_media_element_source(audio)?.connect_with_audio_node(&splitter)?;
        Ok(Self { context, gains })
    }

    pub(super) fn set(&self, gains: [[f32; 2]; LANES]) {
        let now = self.context.current_time();
        for (node, gain) in self.gains.as_flattened().iter().zip(gains.as_flattened()) {
            // Only non-finite values are rejected.
            let _ = node.gain().set_target_at_time(*gain, now, SMOOTH);
        }
    }

    /// Resumes the context: one created before a user gesture, or suspended by a phone, is silent.
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
