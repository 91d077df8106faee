/** How the page looks. Colours tell kinds of ranges apart; every one of them is also named in words. */
export const STYLE = `:root { --hosts: light-dark(#1f6feb, #58a6ff); --pods: light-dark(#1a7f37, #3fb950);
  --services: light-dark(#8250df, #bc8cff); --reserved: light-dark(#6e7781, #8b949e); --pale: light-dark(#eaeef2, #2a2f36); }
h4 { font-size: .9rem; margin: .8rem 0 .3rem; }
.facts { display: flex; flex-wrap: wrap; gap: .4rem; padding: 0; }
.facts span, .badge { border: 1px solid var(--line); border-radius: 1rem; padding: .05rem .7rem; font-size: .9rem; }
.facts .good, .facts .bad { border-color: currentColor; font-weight: 600; }
.good { color: var(--green); } .bad { color: var(--red); }
.note { font-size: .9rem; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem; }
.card { border: 1px solid var(--line); border-radius: .5rem; padding: .2rem 1rem 1rem; min-width: 0; }
.frame-group { margin: 1rem 0; }
.ranges { list-style: none; padding: 0; margin: 0; }
.ranges p { margin: .7rem 0 .2rem; font-size: .9rem; }
.strip { position: relative; height: 1.1rem; background: var(--pale); border-radius: .2rem; overflow: hidden; }
.frame { height: 1.6rem; }
.strip i { position: absolute; top: 0; bottom: 0; min-width: 2px; }
i.hosts, .key.hosts { background: var(--hosts); } i.pods, .key.pods { background: var(--pods); }
i.services, .key.services { background: var(--services); } i.reserved, .key.reserved { background: var(--reserved); }
.whole.hosts { border-bottom: 3px solid var(--hosts); } .whole.pods { border-bottom: 3px solid var(--pods); }
.whole.services { border-bottom: 3px solid var(--services); } .whole.reserved { border-bottom: 3px solid var(--reserved); }
i.tick { width: 2px; background: CanvasText; }
.key { display: inline-block; width: .8em; height: .8em; border-radius: .2em; margin-right: .4em; }
.ends, .ranges .marks { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 .8rem; margin: .2rem 0; font-size: .8rem; }
.ranges .marks { justify-content: flex-start; }
code { font-size: .9em; } .number { text-align: right; }
th { font-weight: 600; } table { font-size: .92rem; }
.path { list-style: none; padding: 0; margin: 0; font-size: .88rem; }
.path li { position: relative; padding: .15rem 0 .45rem 1.4rem; }
.path li::before { content: ""; position: absolute; left: .2rem; top: .5rem; width: .6rem; height: .6rem; border-radius: 50%; background: var(--hosts); }
.path li:not(:last-child)::after { content: ""; position: absolute; left: .45rem; top: 1.1rem; bottom: -.5rem; border-left: 2px solid var(--line); }
.path b { margin-right: .6rem; }
.warned { border-left: 4px solid var(--amber); padding-left: 1rem; } .failed { border-left: 4px solid var(--red); padding-left: 1rem; }
:focus-visible { outline: 3px solid var(--hosts); outline-offset: 2px; }
@media print { details { break-inside: avoid; } }
`;
