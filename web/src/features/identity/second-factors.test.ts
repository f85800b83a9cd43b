import { expect, test } from 'vitest';
import { qrPath } from './second-factors';

test('a QR code has its three finders inside a quiet border', () => {
  const { path, size } = qrPath('otpauth://totp/AgentVerse:ada@example.org?secret=ABCD');
  const dark = new Set(path.match(/M\d+ \d+/g));
  const far = size - 2 - 7;
  for (const [x, y] of [
    [2, 2],
    [far, 2],
    [2, far],
  ] as const) {
    expect(dark.has(`M${x} ${y}`)).toBe(true);
    expect(dark.has(`M${x + 6} ${y + 6}`)).toBe(true);
    expect(dark.has(`M${x + 1} ${y + 1}`)).toBe(false);
  }
  expect([...dark].some((square) => /^M[01] | [01]$/.test(square))).toBe(false);
});
