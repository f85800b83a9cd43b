/** Single values of an address, read as far as they make sense. */
export type RawSearch = Record<string, unknown>;

export function readText(raw: RawSearch, key: string): string | undefined {
  const value = raw[key];
  // The router reads what looks like JSON as JSON, so a question may arrive as a number.
  const written = typeof value === 'number' ? `${value}` : value;
  return typeof written === 'string' && written !== '' ? written : undefined;
}

/** A tick is a whole number and not negative. */
export function readTick(raw: RawSearch, key: string): number | undefined {
  const value = Number(raw[key] ?? Number.NaN);
  return Number.isInteger(value) && value >= 0 ? value : undefined;
}
