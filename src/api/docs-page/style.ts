/** The look of the page: quiet, dense, hairlines; follows the system's theme; nothing is loaded from anywhere. */
export const STYLE = `
:root { color-scheme: light dark; --bg: light-dark(#fcfcfd, #14171a); --text: light-dark(#1b1f24, #e4e7eb);
  --muted: light-dark(#5a626c, #9aa4b0); --line: light-dark(#d5d9de, #2c3238); --edge: light-dark(#7d8590, #6b7480);
  --code: light-dark(#f1f3f5, #1d2226); --ok: light-dark(#17703a, #4cc27a); --wait: light-dark(#1f5fbf, #6fb0ff);
  --warn: light-dark(#8a5a00, #e0a83a); --bad: light-dark(#b3261e, #ff7a70); }
* { box-sizing: border-box; }
html { scroll-padding-top: 16px; }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
body { margin: 0; background: var(--bg); color: var(--text); font: 14px/1.5 system-ui, sans-serif; }
a { color: var(--wait); text-underline-offset: 4px; text-decoration-thickness: 1px; }
:focus-visible { outline: 2px solid var(--wait); outline-offset: 2px; }
code, pre { font: 12.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
:not(pre) > code { background: var(--code); padding: 1px 4px; border-radius: 3px; overflow-wrap: anywhere; }
pre { margin: 8px 0; padding: 12px; background: var(--code); border: 1px solid var(--line); border-radius: 4px; overflow-x: auto; }
.skip { position: absolute; left: -999px; } .skip:focus { left: 8px; top: 8px; background: var(--bg); padding: 8px; }
.page { display: grid; grid-template-columns: 272px minmax(0, 1fr); }
nav { border-right: 1px solid var(--line); height: 100vh; position: sticky; top: 0; overflow-y: auto; padding: 16px; font-size: 13px; }
nav .mark { font-weight: 650; font-size: 15px; color: var(--text); text-decoration: none; }
nav details { margin-top: 4px; } nav summary { cursor: pointer; padding: 4px 0; font-weight: 600; }
nav ul { list-style: none; margin: 0 0 8px; padding: 0; }
nav li a { display: flex; gap: 8px; padding: 3px 4px; color: var(--text); text-decoration: none; border-radius: 3px; }
nav li a:hover { background: var(--code); }
nav .method { width: 44px; flex: none; font-size: 10.5px; line-height: 18px; }
main { padding: 32px 40px 96px; max-width: 1040px; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 4px; } .lead { color: var(--muted); margin: 0 0 24px; }
h2 { font-size: 18px; margin: 56px 0 4px; padding-top: 16px; border-top: 1px solid var(--edge); }
h3 { font-size: 15px; margin: 0 0 4px; } h3 a { color: inherit; text-decoration: none; } h3 a:hover { text-decoration: underline; }
h4 { font-size: 12px; font-weight: 600; color: var(--muted); margin: 16px 0 4px; }
p { margin: 4px 0 8px; max-width: 76ch; }
.operation, .shape { padding: 20px 0; border-bottom: 1px solid var(--line); }
.operation:target h3, .shape:target h3 { color: var(--wait); }
.endpoint { margin: 0 0 8px; }
.method { font: 600 11.5px/1.5 ui-monospace, Menlo, Consolas, monospace; }
.get { color: var(--wait); } .post, .put, .patch { color: var(--ok); } .delete { color: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
.fields { font-size: 13px; }
.fields th, .fields td { text-align: left; vertical-align: top; padding: 5px 16px 5px 0; border-bottom: 1px solid var(--line); font-weight: 400; }
.fields thead th { color: var(--muted); font-size: 12px; }
.fields th[scope=row] { white-space: nowrap; } .fields td { min-width: 120px; } .fields td:last-child { width: 50%; }
.fields tr.variant th { color: var(--muted); white-space: normal; padding-top: 12px; }
p.variant { margin-top: 12px; color: var(--muted); }
details.variant { padding: 4px 0; border-bottom: 1px solid var(--line); } details.variant > .scroll { padding-left: 16px; }
.opt, .note { color: var(--muted); font-size: 12px; }
details.answer, p.answer { margin: 0; padding: 5px 0; max-width: none; border-bottom: 1px solid var(--line); }
details > summary { cursor: pointer; } details.curl { margin-top: 12px; }
.status { display: inline-block; min-width: 36px; font: 600 12.5px/1.5 ui-monospace, Menlo, Consolas, monospace; font-variant-numeric: tabular-nums; }
.good { color: var(--ok); } .bad { color: var(--bad); }
p.answer .status { margin-left: 16px; }
footer { color: var(--muted); margin-top: 48px; font-size: 13px; }
@media (max-width: 860px) {
  .page { display: block; } nav { position: static; height: auto; max-height: none; border-right: 0; border-bottom: 1px solid var(--line); }
  main { padding: 24px 16px 64px; } nav li a { padding: 8px 4px; } nav summary { padding: 8px 0; }
  .fields thead { display: none; } .fields tr { display: block; padding: 8px 0; border-bottom: 1px solid var(--line); }
  .fields th[scope=row], .fields td, .fields td:last-child { display: block; width: auto; padding: 0; border: 0; white-space: normal; }
}
@media print { nav { display: none; } .page { display: block; } }
`;
