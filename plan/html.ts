/** HTML as text: values are escaped unless they are HTML already. Pages stand alone: no script, no network, light and dark. */

/** Text that is HTML already. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | bigint | Html | undefined | readonly Part[];

/** Tag of a template: html`<b>${anything}</b>`; undefined is nothing, a list is its parts one after the other. */
export function html(texts: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(texts.map((text, index) => text + inner(parts[index])).join(""));
}

function inner(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Html) return part.text;
  return typeof part === "object" ? part.map(inner).join("") : escaped(String(part));
}

/** Text that cannot end an element or an attribute. */
export function escaped(text: string): string {
  return text.replace(/[<>&"]/g, (mark) => ({ "<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;" })[mark]!);
}

/** A whole page that a browser shows without asking anybody for anything. */
export function page(title: string, style: string, main: Html): string {
  return (
    `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n` +
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n` +
    `<title>${escaped(title)}</title>\n<style>\n${BASE}${style}</style>\n</head>\n<body>\n<main>\n${main.text}\n</main>\n</body>\n</html>\n`
  );
}

const BASE = `:root { color-scheme: light dark; --line: light-dark(#ccc, #444); --soft: light-dark(#f4f4f4, #222);
  --red: light-dark(#b00020, #ff8a8a); --green: light-dark(#0a6b2d, #7ee29a); --amber: light-dark(#7a4b00, #f0c36d); }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText; }
main { max-width: 70rem; margin: auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; } h3 { font-size: 1rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid var(--line); padding: .4rem .6rem; text-align: left; vertical-align: top; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; }
`;
