import Checkpoints

/// The fields of `config.json` that describe EnCodec's encoder and codebooks before Vocos's decoder, which several codecs have.
struct SEANetVocosConfig: ModelConfig {
    @Field(in: 1000...384_000) var samplingRate: Int
    /// Channels of the latents and of the codewords.
    @Field(in: 1...8192) var hiddenSize: Int
    @Field(in: 2...65_536) var codebookSize: Int
    /// The encoder.
    @Embedded var network: SEANetConfig
    @Embedded var decoder: VocosConfig

    /// Samples per frame.
    var hopLength: Int { network.hopLength }

    func check() throws(InvalidField) {
        try network.requireWeightNorm()
        try decoder.$hopLength.require(in: hopLength...hopLength)
        // Centred frames give a hop less of audio than there are frames of codes.
        if decoder.isCentred { throw decoder.$padding.invalid("is \"center\", expected same") }
    }
}
