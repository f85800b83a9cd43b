import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** Folder of the importing file, and what it imports. */
const VIOLATIONS = [
  ['src/ui', '@/features/universe'],
  ['src/ui', '@/api/client'],
  ['src/ui/charts', '@/features/runs/queries'],
  ['src/lib', '@/ui/button'],
  ['src/lib', '../../api/client'],
  ['src/api', '@/features/identity/queries'],
  ['src/features/identity', '@/features/projects'],
  ['src/features/populations/pages', '@/features/universe'],
  ['src/features/populations/pages', '@/features/identity/queries'],
  ['src/features/populations/pages', '../../identity/queries'],
  ['src/features/runs/pages', '@/features/universe'],
  ['src/features/universe/pages', '@/features/comparisons'],
  ['src/features/universe/pages', '@/features/asks'],
  ['src/features/comparisons/components', '@/features/asks'],
  ['src/features/comparisons/components', '@/features/plans'],
  ['src/features/comparisons/components', '@/features/universe/queries'],
  ['src/features/asks/components', '@/features/plans'],
  ['src/features/plans/pages', '@/features/asks'],
  ['src/features/plans/pages', '@/features/hybrids'],
  ['src/features/hybrids/pages', '@/features/projects'],
  ['src/features/hybrids', '@/features/universe/wording'],
  ['src/features/universe', '../runs/queries'],
  ['src/features/universe/pages', '@/features/projects'],
  ['src/features/universe/pages', '@/app/router'],
  ['src/features/projects/pages', '@/features/populations/queries'],
  ['src/routes', '@/features/universe'],
  ['src/routes', '@/ui/button'],
] as const;

const ALLOWED = [
  ['src/ui', '@/lib/format'],
  ['src/ui/charts', '../button'],
  ['src/features/identity/pages', '@/ui/button'],
  ['src/features/projects/pages', '@/features/populations'],
  ['src/features/projects/pages', '@/features/asks'],
  ['src/features/hybrids/components', '@/features/plans'],
  ['src/features/hybrids/components', '@/features/comparisons'],
  ['src/features/asks', '@/features/universe/queries'],
  ['src/features/universe/pages', '@/features/runs'],
  ['src/features/universe/pages', '../queries'],
  ['src/routes', '@/features/universe/pages/universe-page'],
  ['src/routes', '@/features/identity/queries'],
] as const;

const PLANTED = [...VIOLATIONS, ...ALLOWED].map(([folder, module], index) => ({
  path: `${folder}/planted-${index}.ts`,
  module,
}));

let root = '';
let report = '';

/** One copy of the real configuration over planted files, so that one run tells all. */
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'walls-'));
  const { vcs: _, $schema: __, ...config } = JSON.parse(readFileSync('biome.json', 'utf8'));
  writeFileSync(join(root, 'biome.json'), JSON.stringify(config));
  copyFileSync('walls.json', join(root, 'walls.json'));
  for (const { path, module } of PLANTED) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `import { planted } from '${module}';\nexport { planted };\n`);
  }
  const biome = resolve('node_modules/@biomejs/biome/bin/biome');
  const run = spawnSync(
    'node',
    [biome, 'lint', '--only=style/noRestrictedImports', '--max-diagnostics=200', 'src'],
    { cwd: root, encoding: 'utf8' },
  );
  report = run.stdout + run.stderr;
}, 30_000);

afterAll(() => rmSync(root, { recursive: true }));

function isStopped(folder: string, module: string): boolean {
  const planted = PLANTED.find((item) => item.module === module && dirname(item.path) === folder);
  return new RegExp(`${planted?.path}:\\d+:\\d+ lint/style/noRestrictedImports`).test(report);
}

test('every feature has its place in the order', () => {
  const walls = readFileSync('walls.json', 'utf8');
  for (const feature of readdirSync('src/features')) {
    expect(walls).toContain(`"src/features/${feature}/**"`);
  }
});

test('every planted file was read', () => {
  expect(report).toContain(`Checked ${PLANTED.length} files`);
});

test.each(VIOLATIONS)('%s may not import %s', (folder, module) => {
  expect(isStopped(folder, module)).toBe(true);
});

test.each(ALLOWED)('%s may import %s', (folder, module) => {
  expect(isStopped(folder, module)).toBe(false);
});
