import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const CSS = readFileSync('src/ui/tokens.css', 'utf8');

function colors(block: string): Record<string, string> {
  const found = [...block.matchAll(/--color-([\w-]+):\s*(#[0-9a-f]{6})/gi)];
  return Object.fromEntries(found.map(([, name, value]) => [name, value]));
}

const THEMES = {
  dark: colors(CSS.slice(CSS.indexOf('@theme'), CSS.indexOf('[data-theme="light"]'))),
  light: colors(CSS.slice(CSS.indexOf('[data-theme="light"]'), CSS.indexOf('@keyframes'))),
};

/** Relative luminance of WCAG 2.2. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const SURFACES = ['bg', 's1', 's2', 's3'];
/** Text has to reach 4.5 on every surface it may stand on, controls 3. */
const TEXT = ['t1', 't2', 't3', 'accent', 'ok', 'warn', 'bad', 'violet', 'baseline'];
const GRAPHICS = ['edge'];
const SERIES = ['series-1', 'series-2', 'series-3', 'series-4', 'series-5'];

for (const [theme, palette] of Object.entries(THEMES)) {
  const of = (name: string) => {
    const value = palette[name];
    if (!value) throw new Error(`${theme} lacks ${name}`);
    return value;
  };

  test.each(TEXT)(`${theme}: text in %s can be read on every surface`, (name) => {
    for (const surface of SURFACES) {
      expect(contrast(of(name), of(surface)), surface).toBeGreaterThanOrEqual(4.5);
    }
  });

  test.each(GRAPHICS)(`${theme}: %s can be seen on every surface`, (name) => {
    for (const surface of SURFACES) {
      expect(contrast(of(name), of(surface)), surface).toBeGreaterThanOrEqual(3);
    }
  });

  test.each(SERIES)(`${theme}: %s can be seen on a panel`, (name) => {
    expect(contrast(of(name), of('s1'))).toBeGreaterThanOrEqual(3);
  });

  test(`${theme}: words on the accent can be read`, () => {
    expect(contrast(of('ink'), of('accent'))).toBeGreaterThanOrEqual(4.5);
  });
}

test('both themes define the same colours', () => {
  expect(Object.keys(THEMES.light).sort()).toEqual(Object.keys(THEMES.dark).sort());
});
