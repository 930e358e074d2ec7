import Checkpoints
import Codecs
import Foundation
import Testing

/// Configs as other tools save them today.
@Suite struct ResavedConfigTests {
    /// transformers 5 saves Mimi's frame rate as `_frame_rate`, and goes by that where both are there.
    @Test(arguments: [
        (["_frame_rate": "100.0"], true), (["_frame_rate": "100", "frame_rate": "200.0"], true), (["_frame_rate": "null", "frame_rate": "null"], true),
        (["_frame_rate": "200.0"], false), (["_frame_rate": "200.0", "frame_rate": "100.0"], false), (["_frame_rate": "\"100\""], false),
    ])
    func mimisFrameRateMayBeSavedUnderItsOtherName(fields: [String: String], isGood: Bool) throws {
        let golden = try PublishedGolden("tiny-mimi")
        func load() throws -> any Codec { try loadTinyModel("tiny-mimi", changes: fields, mayAdd: true) }
        guard isGood else {
            #expect { try load() } throws: { "\($0)".contains("_frame_rate") }
            return
        }
        #expect(try load().codes(of: golden.audio(41), codebooks: 4) == golden.codes(41))
    }

    /// Fields that are derived from others, say how the file was saved, or are null.
    @Test(arguments: ["tiny-mimi", "tiny-dac", "tiny-encodec-causal"]) func fieldsThatOthersAddAreLeftAlone(name: String) throws {
        let golden = try PublishedGolden(name)
        let fields = [
            "dtype": "\"float32\"", "torch_dtype": "null", "transformers_version": "\"5.0.0\"", "architectures": "[\"Model\"]", "hop_length": "null",
            "id2label": "{\"0\": \"LABEL_0\"}", "quantizer_dropout": "0.0", "use_streaming": "false", "_name_or_path": "\"\"", "rope_parameters": "null",
        ]
        let codec = try loadTinyModel(name, changes: fields, mayAdd: true)
        #expect(try codec.codes(of: golden.audio(41), codebooks: 1) == golden.codec.codes(of: golden.audio(41), codebooks: 1))
    }
}
