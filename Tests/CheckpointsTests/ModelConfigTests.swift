import Checkpoints
import Testing

/// Configs whose fields say what they may hold.
@Suite struct ModelConfigTests {
    private struct Inner: ModelConfig {
        @Field(in: 1...8) var numLSTMLayers: Int
        @Field var width: Int

        func check() throws(InvalidField) { try $width.require(in: 1...(8 >> numLSTMLayers)) }
    }

    private struct Outer: ModelConfig {
        @Field(in: 1000...384_000) var samplingRate: Int
        @Field("n_codes", in: 2...16) var codes: Int
        @Field(default: 7, in: 1...255) var kernelSize: Int
        @Field var rate: Double?
        @Field("head", in: 2...64) var headSize: Int?
        @Field(count: 1...3, in: 2...9) var ratios: [Int]
        @Field(default: "weight_norm") var normType: String
        @Field(only: false) var bias: Bool
        @Field(in: 0...1) var slope: Float
        @Field(above: 0, below: 1) var epsilon: Double
        @Field var part: Inner
        @Embedded var same: Inner
    }

    private static let good: [String: JSONValue] = [
        "sampling_rate": .integer(24_000), "n_codes": .integer(4), "ratios": .array([.integer(2), .integer(3)]),
        "bias": .bool(false), "slope": .number(0.25), "epsilon": .number(1e-5),
        "part": .object(["num_lstm_layers": .integer(1), "width": .integer(4)]), "num_lstm_layers": .integer(2), "width": .integer(2),
    ]

    private func read(_ changes: [String: JSONValue?] = [:]) throws -> Outer {
        var members = Self.good
        for (name, value) in changes { members[name] = value }
        return try JSONValue.object(members).decoded(as: Outer.self, file: "config.json")
    }

    @Test func fieldsAreReadByTheirNames() throws {
        let config = try read()
        #expect(config.samplingRate == 24_000 && config.codes == 4 && config.ratios == [2, 3] && !config.bias && config.slope == 0.25)
        #expect(config.part.numLSTMLayers == 1 && config.part.width == 4 && config.same.numLSTMLayers == 2 && config.same.width == 2)
        #expect(try config == read() && config != read(["n_codes": .integer(5)]))
    }

    @Test func whatIsMissingHasItsDefault() throws {
        let config = try read()
        #expect(config.kernelSize == 7 && config.rate == nil && config.headSize == nil && config.normType == "weight_norm")
        let nulls = try read(["kernel_size": .some(.null), "rate": .some(.null), "head": .some(.null), "norm_type": .some(.null)])
        #expect(nulls == config)
        let given = try read([
            "kernel_size": .integer(3), "rate": .integer(2), "head": .integer(2), "norm_type": .string("none"),
        ])
        #expect(given.kernelSize == 3 && given.rate == 2 && given.headSize == 2 && given.normType == "none")
    }

    @Test(arguments: [
        ("sampling_rate", JSONValue.integer(1), "sampling_rate holds 1, expected 1000...384000"),
        ("sampling_rate", .number(24_000.5), "sampling_rate must be an integer, not 24000.5"),
        ("n_codes", nil, "n_codes is missing"),
        ("n_codes", .null, "n_codes must be an integer, not null"),
        ("kernel_size", .integer(0), "kernel_size holds 0, expected 1...255"),
        ("rate", .string("fast"), "rate must be a number, not \"fast\""),
        ("head", .integer(1), "head holds 1, expected 2...64"),
        ("ratios", .array([]), "ratios has 0 entries, expected 1...3"),
        ("ratios", .array([.integer(2), .integer(1)]), "ratios holds 1, expected 2...9"),
        ("ratios", .array([.integer(2), .bool(true)]), "ratios[1] must be an integer, not true"),
        ("bias", .bool(true), "bias is true, only false is supported"),
        ("slope", .integer(2), "slope is 2.0, expected 0.0...1.0"),
        ("epsilon", .integer(0), "epsilon is 0.0, expected more than 0.0 and less than 1.0"),
        ("part", .array([]), "part must be an object, not an array"),
        ("part", .object(["width": .integer(1)]), "part.num_lstm_layers is missing"),
        ("part", .object(["num_lstm_layers": .integer(3), "width": .integer(2)]), "part.width holds 2, expected 1...1"),
        ("width", .integer(3), "width holds 3, expected 1...2"),
    ])
    func aBadFieldIsNamed(field: String, value: JSONValue?, message: String) {
        #expect { try read([field: value]) } throws: {
            ($0 as? CheckpointError)?.kind == .badConfig && "\($0)" == "config.json: \(message)"
        }
    }

    @Test(arguments: [
        ("hopLength", "hop_length"), ("numLSTMLayers", "num_lstm_layers"), ("ngf", "ngf"), ("layerNormEps", "layer_norm_eps"),
        ("useLSTM", "use_lstm"), ("nCodes", "n_codes"),
    ])
    func propertiesHaveNamesInSnakeCase(property: String, name: String) { #expect(snakeCase(property) == name) }
}
