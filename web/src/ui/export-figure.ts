/** Turns a drawn figure into a file of its own: styles inlined, fonts embedded, source line below. */

const svgNamespace = 'http://www.w3.org/2000/svg';
const padding = 24;
const captionHeight = 40;
const footerSize = 11;
const footerLine = 15;
/** Of a letter at that size, on average: so that lines are broken before the edge. */
const footerLetter = 5.6;
const pngScale = 3;

const inlined = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-opacity',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linejoin',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
];

/** Where numbers come from, by name: what changed, against what, what an interval holds, digests. */
export type Provenance = readonly (readonly [name: string, value: string])[];

export interface FigureText {
  title: string;
  provenance: Provenance;
}

/** One SVG from all that is drawn or written inside `container`, where it stands on the page. */
export async function figureSvg(container: HTMLElement, text: FigureText): Promise<SVGSVGElement> {
  const frame = container.getBoundingClientRect();
  const width = frame.width + 2 * padding;
  const footer = footerLines(text.provenance, frame.width);
  const height = frame.height + captionHeight + footer.length * footerLine + 2 * padding;
  const page = getComputedStyle(document.documentElement);
  const result = element('svg', {
    xmlns: svgNamespace,
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
  });
  result.append(
    await fontStyle(),
    element('rect', { width: '100%', height: '100%', fill: page.getPropertyValue('--color-bg') }),
    label(text.title, padding, 30, 15, page.getPropertyValue('--color-t1')),
  );
  for (const chart of container.querySelectorAll<SVGSVGElement>('svg')) {
    result.append(standalone(chart, chart.getBoundingClientRect(), frame));
  }
  result.append(...writtenWords(container, frame));
  const quiet = page.getPropertyValue('--color-t3');
  const last = height - padding / 2;
  footer.forEach((line, place) => {
    const y = last - (footer.length - 1 - place) * footerLine;
    result.append(label(line, padding, y, footerSize, quiet));
  });
  return result;
}

/** "change: …", each on lines of its own that fit the picture. */
export function footerLines(provenance: Provenance, width: number): string[] {
  const most = Math.max(24, Math.floor(width / footerLetter));
  return provenance.flatMap(([name, value]) => {
    const lines = [''];
    for (const word of `${name}: ${value}`.split(/\s+/)) {
      const line = lines.at(-1) ?? '';
      if (line !== '' && line.length + 1 + word.length > most) lines.push(word);
      else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
    }
    return lines;
  });
}

/** The words beside the drawings, each at its own place, so that wrapped lines stay wrapped. */
function writtenWords(container: HTMLElement, frame: DOMRect): SVGElement[] {
  const walker = document.createTreeWalker(container, NodeFilter.SHOW_TEXT);
  const words: SVGElement[] = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!parent || parent.closest('svg, .sr-only')) continue;
    const style = getComputedStyle(parent);
    const size = Number.parseFloat(style.fontSize);
    for (const match of (node.textContent ?? '').matchAll(/\S+/g)) {
      const box = boxOf(node, match.index, match.index + match[0].length);
      const x = box.left - frame.left + padding;
      const y = box.top - frame.top + captionHeight + box.height / 2 + size * 0.35;
      words.push(label(match[0], x, y, size, style.color, style.fontFamily));
    }
  }
  return words;
}

function boxOf(node: Node, from: number, to: number): DOMRect {
  const range = document.createRange();
  range.setStart(node, from);
  range.setEnd(node, to);
  return range.getBoundingClientRect();
}

function standalone(chart: SVGSVGElement, box: DOMRect, frame: DOMRect): Node {
  const copy = chart.cloneNode(true);
  if (!(copy instanceof SVGSVGElement)) return copy;
  inlineStyles(chart, copy);
  copy.setAttribute('x', `${box.left - frame.left + padding}`);
  copy.setAttribute('y', `${box.top - frame.top + captionHeight}`);
  copy.setAttribute('width', `${box.width}`);
  copy.setAttribute('height', `${box.height}`);
  copy.setAttribute('overflow', 'visible');
  copy.removeAttribute('class');
  return copy;
}

function inlineStyles(from: Element, to: Element): void {
  const style = getComputedStyle(from);
  for (const property of inlined) to.setAttribute(property, style.getPropertyValue(property));
  to.removeAttribute('class');
  [...from.children].forEach((child, index) => {
    const copy = to.children[index];
    if (copy) inlineStyles(child, copy);
  });
}

function element<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Record<string, string | number>,
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, `${value}`);
  return made;
}

function label(
  text: string,
  x: number,
  y: number,
  size: number,
  fill: string,
  family = 'Inter Variable, sans-serif',
): SVGElement {
  const made = element('text', { x, y, fill, 'font-size': size, 'font-family': family });
  made.textContent = text;
  return made;
}

/** The page's own font faces as data, so that the file looks the same anywhere. */
async function fontStyle(): Promise<SVGElement> {
  const style = element('style', {});
  const faces = await Promise.all(latinFaces().map(embedFace));
  style.textContent = faces.join('\n');
  return style;
}

/** Faces that cover basic latin; a face without a range covers everything. */
function latinFaces(): CSSFontFaceRule[] {
  return [...document.styleSheets]
    .flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => rule instanceof CSSFontFaceRule)
    .filter((rule) => /^$|U\+0+-0*FF\b/i.test(rule.style.getPropertyValue('unicode-range')));
}

async function embedFace(rule: CSSFontFaceRule): Promise<string> {
  const address = /url\("?([^")]+)"?\)/.exec(rule.style.getPropertyValue('src'))?.[1];
  if (!address) return '';
  const base = rule.parentStyleSheet?.href ?? document.baseURI;
  const response = await fetch(new URL(address, base));
  const data = await asDataUrl(await response.blob());
  const family = rule.style.getPropertyValue('font-family');
  const weight = rule.style.getPropertyValue('font-weight') || '400';
  return `@font-face{font-family:${family};font-weight:${weight};src:url(${data}) format("woff2")}`;
}

function asDataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(typeof reader.result === 'string' ? reader.result : '');
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

export function svgText(figure: SVGSVGElement): string {
  return new XMLSerializer().serializeToString(figure);
}

/** The figure three times as large as on screen, for slides and print. */
export async function figurePng(figure: SVGSVGElement): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(figure))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Number(figure.getAttribute('width')) * pngScale;
  canvas.height = Number(figure.getAttribute('height')) * pngScale;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('empty picture'))),
      'image/png',
    );
  });
}

/** A table with where it comes from in columns of its own, so that no row travels without. */
export function tableText(
  columns: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
  provenance: Provenance,
): string {
  const names = provenance.map(([name]) => name);
  const values = provenance.map(([, value]) => value);
  return csvText([[...columns, ...names], ...rows.map((row) => [...row, ...values])]);
}

/** Rows as CSV; text that a spreadsheet would run as a formula is kept from it. */
export function csvText(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows
    .map((row) => row.map(csvCell).join(','))
    .join('\r\n')
    .concat('\r\n');
}

function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return `${value}`;
  const guarded = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
