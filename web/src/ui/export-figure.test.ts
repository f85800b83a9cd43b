import { expect, test } from 'vitest';
import { csvText, footerLines, tableText } from './export-figure';

test('numbers stay numbers, gaps stay empty, quotes are doubled', () => {
  expect(csvText([['a "b", c', 0.5, null]])).toBe('"a ""b"", c",0.5,\r\n');
});

test('text that a spreadsheet would run is kept from it', () => {
  expect(csvText([['=SUM(A1)', '+1', '-1', '@x', -0.2]])).toBe("'=SUM(A1),'+1,'-1,'@x,-0.2\r\n");
  expect(csvText([['5 kW', 'valley', '']])).toBe('5 kW,valley,\r\n');
});

test('every row of a table says what it rests on', () => {
  const provenance = [
    ['change', 'tea −20 %'],
    ['basis', 'mixed. From the file: votes; assumed: rules'],
  ] as const;
  expect(tableText(['Party', 'Share'], [['Old', 0.5]], provenance)).toBe(
    'Party,Share,change,basis\r\nOld,0.5,tea −20 %,mixed. From the file: votes; assumed: rules\r\n',
  );
});

test('what a picture rests on is broken into lines that fit it', () => {
  const words = 'From the file: what people choose. Assumed: how often they choose.';
  const lines = footerLines([['basis', words]], 200);
  expect(lines.join(' ')).toBe(`basis: ${words}`);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(35);
  expect(footerLines([['a', 'b']], 10)).toEqual(['a: b']);
});
