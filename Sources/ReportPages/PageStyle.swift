/// The style sheet of a page: light, dark, narrow and printed.
enum PageStyle {
    static var css: String {
        """
        :root{color-scheme:light dark;\(PagePalette.light.css)}
        @media (prefers-color-scheme:dark){:root{\(PagePalette.dark.css)}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}
        header,main,footer{max-width:1280px;margin:0 auto;padding:1rem 1.25rem}
        header{padding-top:2rem}
        h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem;overflow-wrap:anywhere}
        h2{font-size:1.25rem;margin:1.5rem 0 .5rem;padding-top:.75rem;border-top:1px solid var(--line);overflow-wrap:anywhere}
        h3{font-size:1rem;margin:1.25rem 0 .5rem}
        p{margin:.25rem 0 .75rem;max-width:80ch;overflow-wrap:anywhere}
        .soft,figcaption,caption,footer{color:var(--soft-ink)}
        a{color:var(--accent)}
        nav{margin:.5rem 0;display:flex;flex-wrap:wrap;gap:.25rem 1rem}
        nav a{white-space:nowrap}
        :focus-visible{outline:3px solid var(--accent);outline-offset:2px}
        pre{margin:.25rem 0 1rem;padding:.75rem 1rem;background:var(--panel);border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.875rem}
        .ok{color:var(--ok)}.doubtful{color:var(--doubtful)}.unusable{color:var(--unusable)}
        .verdict{font-weight:600}
        figure{margin:0}
        figcaption{font-size:.875rem}
        .panes{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,220px),1fr));gap:1rem;border-radius:6px}
        .pane{max-width:560px}
        .view{position:relative;overflow:hidden;background:var(--panel);border-radius:4px}
        .view img{position:absolute;inset:0;width:100%;height:100%;display:block;image-rendering:pixelated;transform-origin:0 0}
        .slider .view{max-width:640px}
        .slider .over{clip-path:inset(0 0 0 var(--split,50%))}
        .slider .seam{position:absolute;top:0;bottom:0;left:var(--split,50%);width:2px;margin-left:-1px;background:#fff;box-shadow:0 0 0 1px #000}
        .slider input[type=range]{display:block;width:100%;max-width:640px;margin:.5rem 0;accent-color:var(--accent)}
        .tools{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;margin:.75rem 0}
        button,select{font:inherit;color:var(--ink);background:var(--panel);border:1px solid var(--line);border-radius:4px;padding:.15rem .6rem;min-height:2rem}
        .bar{display:flex;align-items:center;gap:.5rem;font-size:.8125rem;color:var(--soft-ink);font-variant-numeric:tabular-nums}
        .bar i{flex:1;height:.6rem;max-width:160px;border-radius:2px;background:\(PageMap.gradient)}
        .strip{display:flex;gap:.75rem;overflow-x:auto;margin:0;padding:0 0 .75rem;list-style:none}
        .strip li{flex:0 0 160px}
        .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:1rem}
        .charts svg{width:100%;max-width:600px;height:auto}
        .facts{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:.15rem 1.25rem;margin:.5rem 0;font-size:.9375rem}
        .facts dt{color:var(--soft-ink)}
        .facts dd{margin:0;overflow-wrap:anywhere}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;font-size:.9375rem;font-variant-numeric:tabular-nums}
        caption{text-align:left;padding:.25rem 0;font-size:.875rem;max-width:calc(100vw - 2rem)}
        th,td{text-align:right;padding:.25rem .75rem;border-bottom:1px solid var(--line);white-space:nowrap}
        th:first-child,td:first-child,td.words{text-align:left}
        td.words{white-space:normal;min-width:12rem;overflow-wrap:anywhere}
        thead th{color:var(--soft-ink);font-weight:600}
        details{margin:.75rem 0}
        summary{cursor:pointer;color:var(--accent)}
        @media (max-width:600px){header,main,footer{padding-left:.75rem;padding-right:.75rem}.panes{grid-template-columns:1fr 1fr;gap:.5rem}\
        .facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:.4rem}}
        @media print{:root{color-scheme:light;\(PagePalette.light.css)}.tools,.slider,nav{display:none}body{font-size:11pt}\
        section,.pane,tr{break-inside:avoid}.strip{flex-wrap:wrap}.scroll{overflow:visible}}
        """
    }
}
