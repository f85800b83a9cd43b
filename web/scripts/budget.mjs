// Sizes a visitor pays for, from the manifest of the build. Fails beyond the budget.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMITS_KB = { entry: 140, route: 60, 'first view': 200, css: 15 };
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

const size = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length / 1000;

/** The chunk and everything it imports at once. */
function closure(name, seen = new Set()) {
  if (!seen.has(name)) {
    seen.add(name);
    for (const next of manifest[name].imports ?? []) closure(next, seen);
  }
  return seen;
}

const total = (names) => [...names].reduce((sum, name) => sum + size(manifest[name].file), 0);
const start = Object.keys(manifest).find((name) => manifest[name].isEntry);
const entry = closure(start);
const routes = Object.keys(manifest)
  .filter((name) => name.startsWith('src/routes/'))
  .map((name) => [name, total([...closure(name)].filter((part) => !entry.has(part)))])
  .sort((a, b) => b[1] - a[1]);
const styles = new Set(Object.values(manifest).flatMap((chunk) => chunk.css ?? []));

const sizes = {
  entry: total(entry),
  route: routes[0][1],
  'first view': total(entry) + routes[0][1],
  css: [...styles].reduce((sum, file) => sum + size(file), 0),
};

let isOver = false;
for (const [name, kb] of Object.entries(sizes)) {
  const limit = LIMITS_KB[name];
  isOver ||= kb > limit;
  const note = name === 'route' ? ` (${routes[0][0]})` : '';
  console.log(`${kb > limit ? 'OVER' : 'ok  '} ${name}: ${kb.toFixed(1)} of ${limit} kB gz${note}`);
}
process.exit(isOver ? 1 : 0);
