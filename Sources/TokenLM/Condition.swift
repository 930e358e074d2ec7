/// What the output of a language model should be like. It has an effect only if the model was trained with such conditions.
public struct Condition: Sendable, Hashable {
    /// A class (speaker, language, …); nil = none in particular.
    public var classIndex: Int?
    /// Characters or phonemes from the config's `text_symbols`; nil = none in particular.
    public var symbols: [String]?

    /// No condition.
    public init() {}

    /// A class, symbols, both or neither.
    public init(classIndex: Int? = nil, symbols: [String]? = nil) {
        self.classIndex = classIndex
        self.symbols = symbols
    }

    /// One symbol a character of `text`.
    public init(classIndex: Int? = nil, text: String) {
        self.init(classIndex: classIndex, symbols: text.map { String($0) })
    }
}
