// Who may import whom among the features: writes walls.json, which biome.json extends.
// Part of `npm run generate`; the tests plant a violation per wall.
import { writeFileSync } from 'node:fs';

/** Lowest first, as on the server; those in one row do not know each other. */
const ORDER = [
  ['audit'],
  ['tasks'],
  ['identity'],
  ['llm'],
  ['populations'],
  ['runs'],
  ['universe'],
  ['comparisons'],
  ['asks', 'plans'],
  ['hybrids'],
  ['projects'],
  ['privacy'],
];

/** Options of a rule replace each other, so each override says everything. */
function wall(includes, patterns) {
  const noRestrictedImports = { level: 'error', options: { patterns } };
  return { includes: [includes], linter: { rules: { style: { noRestrictedImports } } } };
}

function patternsOf(feature, lower, { open, closed }) {
  const known = lower.length === 0 ? 'none' : lower.join(', ');
  return [
    {
      group: ['@/features/*', '@/features/*/**', ...open],
      message: `${feature} may use lower features only, through their index: ${known}.`,
    },
    {
      group: ['@/app/**', '@/routes/**'],
      message: 'Features do not know the app around them.',
    },
    {
      group: [closed],
      message:
        'Relative paths may not leave the folder; use @/ so that the walls can see the import.',
    },
  ];
}

/** Loaders import a feature's queries and search, and an index would bring its components along. */
function wallsOf(feature, lower) {
  const indexes = lower.map((name) => `!@/features/${name}`);
  const forLoaders = lower.flatMap((name) => [
    `!@/features/${name}/queries`,
    `!@/features/${name}/search`,
  ]);
  const inside = { open: indexes, closed: '../../**' };
  const atRoot = { open: [...indexes, ...forLoaders], closed: '../**' };
  return [
    wall(`src/features/${feature}/**`, patternsOf(feature, lower, inside)),
    wall(`src/features/${feature}/*`, patternsOf(feature, lower, atRoot)),
  ];
}

function walls() {
  const overrides = ORDER.flatMap((row, index) => {
    const lower = ORDER.slice(0, index).flat();
    return row.flatMap((feature) => wallsOf(feature, lower));
  });
  return `${JSON.stringify({ overrides }, null, 2)}\n`;
}

writeFileSync(new URL('../walls.json', import.meta.url), walls());
