import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const mostLines = 80;

/** From its first word to its closing brace. Biome's rule does not count the lines of JSX. */
function longFunctions(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const lineAt = (place: number) => source.getLineAndCharacterOfPosition(place).line + 1;
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    ts.forEachChild(node, visit);
    if (!ts.isFunctionLike(node)) return;
    const from = lineAt(node.getStart(source));
    const lines = lineAt(node.end) - from + 1;
    if (lines > mostLines) found.push(`${file}:${from}: ${lines} lines`);
  };
  visit(source);
  return found;
}

/** Everything written by hand, but for tests: what they tell has an order that a cut would hide. */
function sources(): string[] {
  return readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .filter((file) => !/\.test\.|\.gen\.|generated/.test(file))
    .map((file) => join('src', file));
}

test('a function that fills more lines than may be is found, its markup counted', () => {
  const markup = (lines: number) => `const a = () => (\n<p>\n${'word\n'.repeat(lines - 3)}</p>);`;
  expect(longFunctions('a.tsx', markup(mostLines))).toEqual([]);
  expect(longFunctions('a.tsx', markup(mostLines + 1))).toEqual(['a.tsx:1: 81 lines']);
});

test('no function has more than 80 lines', () => {
  const found = sources().flatMap((file) => longFunctions(file, readFileSync(file, 'utf8')));
  expect(found).toEqual([]);
});
