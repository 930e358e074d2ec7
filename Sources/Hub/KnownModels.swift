/// Published codecs that load as their repositories have them, by short names.
public enum KnownModels {
    /// Name to repository.
    public static let repositories: [String: String] = [
        "dac-16khz": "descript/dac_16khz",
        "dac-24khz": "descript/dac_24khz",
        "dac-44khz": "descript/dac_44khz",
        "encodec-24khz": "facebook/encodec_24khz",
        "encodec-32khz": "facebook/encodec_32khz",
        "encodec-48khz": "facebook/encodec_48khz",
        "mimi": "kyutai/mimi",
    ]
}
