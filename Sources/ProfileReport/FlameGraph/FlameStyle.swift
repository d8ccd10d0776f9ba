/// The style sheet of the picture: light, and dark where the viewer prefers that.
enum FlameStyle {
    static let text: String = {
        var style = """
            svg{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;--bg:#fff;--ink:#16191d;--dim:#59636e;--edge:#fff;--s:65%;--l:76%;--hit:#b5179e;--tip:#fffbe8;background:var(--bg)}
            @media (prefers-color-scheme:dark){svg{--bg:#14171a;--ink:#f1f3f5;--dim:#a3adb8;--edge:#14171a;--s:38%;--l:34%;--hit:#ff7ae0;--tip:#2b3036}}
            #bg{fill:var(--bg)}
            text{fill:var(--ink);pointer-events:none}
            .dim{fill:var(--dim)}
            #title{font-weight:600;font-size:14px}
            .box rect,#static path{fill:hsl(var(--h) var(--s) var(--l));stroke:var(--edge);stroke-width:.6}
            .box{cursor:pointer;outline:none}
            .box:hover rect,.box:focus rect{stroke:var(--ink);stroke-width:1.4}
            .above rect{opacity:.55}
            .hit rect{stroke:var(--hit);stroke-width:1.8}
            .cut rect,#static path.cut{fill:url(#hatch);stroke:var(--dim);stroke-dasharray:2 2}
            #hatch path{stroke:var(--dim);fill:none}
            .button{cursor:pointer;outline:none}
            .button rect{fill:none;stroke:var(--dim)}
            .button:focus rect,.button:hover rect{stroke:var(--ink);stroke-width:1.6}
            #search{font:inherit;width:100%;box-sizing:border-box;height:24px;border:1px solid var(--dim);border-radius:4px;padding:0 6px;background:var(--bg);color:var(--ink)}
            #tip{pointer-events:none}
            #tip rect{fill:var(--tip);stroke:var(--dim)}
            .n rect,#static .n{fill:hsl(0 0% var(--l))}

            """
        for hue in 0..<FlameColor.hueCount { style += ".c\(hue){--h:\(hue * 15 + 8)}" }
        for step in 1...FlameColor.stepCount {
            let saturation = 15 + step * 14
            style += ".g\(step){--h:6;--s:\(saturation)%}.l\(step){--h:218;--s:\(saturation)%}"
        }
        return style
    }()
}
