import { expect, test } from 'vitest';
import { csvText } from './export-figure';

test('numbers stay numbers, gaps stay empty, quotes are doubled', () => {
  expect(csvText([['a "b", c', 0.5, null]])).toBe('"a ""b"", c",0.5,\r\n');
});

test('text that a spreadsheet would run is kept from it', () => {
  expect(csvText([['=SUM(A1)', '+1', '-1', '@x', -0.2]])).toBe("'=SUM(A1),'+1,'-1,'@x,-0.2\r\n");
  expect(csvText([['5 kW', 'valley', '']])).toBe('5 kW,valley,\r\n');
});
