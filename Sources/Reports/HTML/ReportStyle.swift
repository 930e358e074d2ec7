import Plots

/// How a report looks.
enum ReportStyle {
    static var css: String {
        """
        :root { color-scheme: light dark; --background: #fff; --panel: #f5f5f7; --ink: #1d1d21; --grid: #dcdce2; --accent: #2456b8; \(series(onDark: false)) }
        @media (prefers-color-scheme: dark) { :root { --background: #16161a; --panel: #212127; --ink: #e8e8ee; --grid: #3b3b45; --accent: #8db4ff; \(series(onDark: true)) } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1rem 1.5rem 3rem; max-width: 86rem; background: var(--background); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
        h1 { margin: .5rem 0 0; overflow-wrap: anywhere; } h2 { margin: 2.5rem 0 .75rem; border-bottom: 1px solid var(--grid); } h3 { overflow-wrap: anywhere; }
        .grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1rem; }
        .pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem; }
        @media (max-width: 45rem) { .pair { grid-template-columns: 1fr; } }
        figure { margin: 0 0 1rem; min-width: 0; } figcaption { font-weight: 600; overflow-wrap: anywhere; } figcaption small { font-weight: 400; }
        svg, img { display: block; width: 100%; height: auto; } img { border-radius: 4px; background: #fff; } svg text { font-family: inherit; }
        .chart svg { max-width: 46rem; }
        .scroll { overflow-x: auto; max-height: 36rem; overflow-y: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--grid); text-align: left; white-space: nowrap; }
        td.number { text-align: right; } td small { opacity: .75; } th, td { vertical-align: top; } td.absent { text-align: right; cursor: help; opacity: .7; }
        thead th { position: sticky; top: 0; background: var(--panel); white-space: normal; vertical-align: bottom; } tbody th { font-weight: 600; }
        thead button { all: unset; cursor: pointer; font-weight: 600; } thead button:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; }
        th[aria-sort] button::after { content: " ▲"; font-size: .7em; } th[aria-sort="descending"] button::after { content: " ▼"; }
        .player, .abx { background: var(--panel); border-radius: 6px; padding: .75rem 1rem; margin: 0 0 1rem; }
        .player:focus-visible { outline: 2px solid var(--accent); } .seek { width: min(28rem, 50%); vertical-align: middle; }
        fieldset { border: 0; padding: .5rem 0 0; margin: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; } legend { float: left; margin-right: 1rem; }
        kbd { border: 1px solid var(--grid); border-radius: 3px; padding: 0 .3em; font-size: .8em; } details { margin: .5rem 0 1rem; } summary { cursor: pointer; font-weight: 600; }
        """
    }

    /// The colours of curves, as custom properties.
    private static func series(onDark: Bool) -> String {
        (0..<SeriesColors.count).map { "--series-\($0): \(SeriesColors.color($0, onDark: onDark).hexadecimal);" }.joined(separator: " ")
    }
}
