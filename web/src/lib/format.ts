/** The only place where a number, amount or time becomes text. */

const MINUS = '−';
const EN_DASH = '–';
/** No line break between a number and its unit. */
const NBSP = '\u00a0';
export const UNKNOWN = '—';

function language(): string {
  return typeof document === 'undefined' ? 'en' : document.documentElement.lang || 'en';
}

function decimals(value: number, digits: number): string {
  const text = new Intl.NumberFormat(language(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(Math.abs(value));
  const isZero = Number(Math.abs(value).toFixed(digits)) === 0;
  return value < 0 && !isZero ? `${MINUS}${text}` : text;
}

/** Digits after the point that an interval of this width (in percent) can support; as the server's. */
function digitsFor(widthInPercent: number): number {
  // 6 % − 4 % is 1.9999… in binary.
  const width = Number(widthInPercent.toFixed(9));
  if (width >= 2) return 0;
  return width >= 0.1 ? 1 : 2;
}

/** 0.3241 → "32 %"; `width` is that of the interval the share belongs to. */
export function share(value: number | null | undefined, width = 1): string {
  if (value == null || Number.isNaN(value)) return UNKNOWN;
  return `${decimals(value * 100, digitsFor(width * 100))}${NBSP}%`;
}

/** (0.27, 0.37) → "27–37 %"; with a negative end: "−3 to 4 %". */
export function shareRange(
  low: number | null | undefined,
  high: number | null | undefined,
): string {
  if (low == null || high == null) return UNKNOWN;
  return range(low * 100, high * 100, '%', (v, d) => decimals(v, d));
}

/** Percentage points with their sign: 0.04 → "+4 pp". */
export function points(value: number | null | undefined, width = 1): string {
  if (value == null || Number.isNaN(value)) return UNKNOWN;
  return `${signed(value * 100, digitsFor(width * 100))}${NBSP}pp`;
}

/** (-0.10, -0.04) → "−10 to −4 pp"; `width` gives it the digits of what stands beside it. */
export function pointsRange(
  low: number | null | undefined,
  high: number | null | undefined,
  width?: number,
): string {
  if (low == null || high == null) return UNKNOWN;
  const digits = digitsFor((width ?? high - low) * 100);
  const [from, to] = [signed(low * 100, digits), signed(high * 100, digits)];
  return from === to ? `${from}${NBSP}pp` : `${from} to ${to}${NBSP}pp`;
}

function range(
  low: number,
  high: number,
  unit: string,
  write: (value: number, digits: number) => string,
): string {
  const digits = digitsFor(high - low);
  const [from, to] = [write(low, digits), write(high, digits)];
  if (from === to) return `${from}${NBSP}${unit}`;
  const joint = from.startsWith(MINUS) || to.startsWith(MINUS) ? ' to ' : EN_DASH;
  return `${from}${joint}${to}${NBSP}${unit}`;
}

function signed(value: number, digits: number): string {
  const text = decimals(value, digits);
  const isZero = Number(Math.abs(value).toFixed(digits)) === 0;
  return value > 0 && !isZero ? `+${text}` : text;
}

/** Whole numbers with group separators. */
export function count(value: number | null | undefined): string {
  return value == null ? UNKNOWN : decimals(value, 0);
}

/** "1 persona", "20,000 personas". */
export function counted(value: number, one: string, other: string): string {
  const isOne = new Intl.PluralRules(language()).select(value) === 'one';
  return `${count(value)}${NBSP}${isOne ? one : other}`;
}

/** A measured number with as many significant digits as are worth reading. */
export function significant(value: number | null | undefined, digits = 4): string {
  if (value == null || Number.isNaN(value)) return UNKNOWN;
  const text = new Intl.NumberFormat(language(), {
    maximumSignificantDigits: digits,
    minimumSignificantDigits: Number.isInteger(value) ? undefined : Math.min(digits, 3),
  }).format(Math.abs(value));
  return value < 0 ? `${MINUS}${text}` : text;
}

/** A setting as short as four digits write it, with its unit: 0.38, 10,000 contacts. */
export function setting(value: number | null | undefined, unit = '1'): string {
  if (value == null || Number.isNaN(value)) return UNKNOWN;
  const text = new Intl.NumberFormat(language(), { maximumSignificantDigits: 4 }).format(
    Math.abs(value),
  );
  return withUnit(value < 0 ? `${MINUS}${text}` : text, unit);
}

export function fixed(value: number | null | undefined, digits: number): string {
  return value == null || Number.isNaN(value) ? UNKNOWN : decimals(value, digits);
}

/** Money is a decimal string from end to end; it never becomes a JS number. */
export function money(amount: string | null | undefined, currency = 'USD'): string {
  if (amount == null) return UNKNOWN;
  const fraction = amount.split('.')[1]?.replace(/0+$/, '').length ?? 0;
  return new Intl.NumberFormat(language(), {
    style: 'currency',
    currency,
    minimumFractionDigits: Math.max(2, Math.min(fraction, 6)),
  })
    .format(amount as Intl.StringNumericLiteral)
    .replace(/^-/, MINUS);
}

/** A number with its unit: dollars get their sign, "1" no unit at all. */
function withUnit(number: string, unit: string): string {
  // Whoever knows an index knows where it started.
  if (unit === '1' || unit.startsWith('index') || number === UNKNOWN) return number;
  if (!unit.startsWith('USD')) return `${number}${NBSP}${unit}`;
  const [, sign = '', digits = ''] = /^([−+]?)(.*)$/.exec(number) ?? [];
  return `${sign}$${digits}${unit.slice(3)}`;
}

/** A value in the unit of its variable; a share in percent. */
export function inUnit(value: number | null | undefined, unit: string): string {
  if (value == null || Number.isNaN(value)) return UNKNOWN;
  if (unit === 'share') return setting(100 * value, '%');
  if (!unit.startsWith('USD')) return setting(value, unit);
  return withUnit(decimals(value, Math.abs(value) >= 100 ? 0 : 2), unit);
}

/** What differences in a unit are in: percentages differ by points. */
export function stepUnit(unit: string): string {
  return unit === 'share' || unit.startsWith('%') ? 'pp' : unit;
}

/** Digits after the point that an interval of this width supports; without one, four in all. */
function amountDigits(width: number, size: number, inAll = 4): number {
  if (!(width > 0) && size === 0) return 0;
  const digits =
    width > 0
      ? Math.ceil(Number((-Math.log10(width / 2)).toFixed(9)))
      : inAll - 1 - Math.floor(Math.log10(size));
  return Math.min(8, Math.max(0, digits));
}

/** A measured mean as a bare number; `width` is that of the interval or axis step it belongs to. */
export function amount(value: number | null | undefined, width: number): string {
  if (value == null || Number.isNaN(value)) return UNKNOWN;
  return decimals(value, amountDigits(width, Math.abs(value)));
}

/** How an axis of means writes its numbers, and the unit it names; shares are in percent. */
export function axisUnit(unit: string) {
  if (unit === 'share') {
    return {
      format: (value: number, width: number) => amount(100 * value, 100 * width),
      unit: '%',
    };
  }
  return { format: amount, ...(unit === '1' ? {} : { unit }) };
}

/** A difference of means as a bare number with its sign. */
export function amountSigned(value: number | null | undefined, width: number): string {
  if (value == null || Number.isNaN(value)) return UNKNOWN;
  return signed(value, amountDigits(width, Math.abs(value)));
}

/** (0.52, 0.55, "1") → "0.52–0.55"; (1200, 1340, "USD") → "$1,200–$1,340". */
export function amountRange(
  low: number | null | undefined,
  high: number | null | undefined,
  unit: string,
): string {
  if (low == null || high == null) return UNKNOWN;
  if (unit === 'share') return amountRange(100 * low, 100 * high, '%');
  const [from, to] = [amount(low, high - low), amount(high, high - low)];
  if (from === to) return withUnit(from, unit);
  const joint = from.startsWith(MINUS) || to.startsWith(MINUS) ? ' to ' : EN_DASH;
  const start = unit.startsWith('USD') ? withUnit(from, 'USD') : from;
  return `${start}${joint}${withUnit(to, unit)}`;
}

/** A difference of means with its sign: "+0.02 to +0.05", "−$40 to +$12"; alone, three digits. */
export function amountChange(
  low: number | null | undefined,
  high: number | null | undefined,
  unit: string,
): string {
  if (low == null || high == null) return UNKNOWN;
  if (stepUnit(unit) !== unit) {
    const factor = unit === 'share' ? 100 : 1;
    return amountChange(factor * low, factor * high, 'pp');
  }
  const digits = amountDigits(high - low, Math.max(Math.abs(low), Math.abs(high)), 3);
  const [from, to] = [signed(low, digits), signed(high, digits)];
  if (from === to) return withUnit(from, unit);
  return `${unit.startsWith('USD') ? withUnit(from, 'USD') : from} to ${withUnit(to, unit)}`;
}

export function bytes(value: number | null | undefined): string {
  if (value == null) return UNKNOWN;
  const units = ['B', 'kB', 'MB', 'GB'];
  const step = value < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(value) / 3));
  return `${significant(value / 1000 ** step, 3)}${NBSP}${units[step]}`;
}

export function seconds(value: number | null | undefined): string {
  if (value == null) return UNKNOWN;
  if (value < 1) return `${decimals(value * 1000, 0)}${NBSP}ms`;
  if (value < 60) return `${decimals(value, 1)}${NBSP}s`;
  return `${Math.floor(value / 60)}${NBSP}min ${decimals(value % 60, 0)}${NBSP}s`;
}

export function dateTime(iso: string | null | undefined): string {
  if (!iso) return UNKNOWN;
  return new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'short' }).format(
    new Date(iso),
  );
}

/** For the title of a time: the same instant in UTC. */
export function utc(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const STEPS: ReadonlyArray<[Intl.RelativeTimeFormatUnit, number]> = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** "5 minutes ago"; older than a week: the date. */
export function ago(iso: string | null | undefined, now = Date.now()): string {
  if (!iso) return UNKNOWN;
  const elapsed = (now - Date.parse(iso)) / 1000;
  if (elapsed > 7 * 86_400) return dateTime(iso);
  const relative = new Intl.RelativeTimeFormat(language(), { numeric: 'auto' });
  for (const [unit, size] of STEPS) {
    if (elapsed >= size) return relative.format(-Math.floor(elapsed / size), unit);
  }
  return 'just now';
}

/** A point on a run's clock, whose ticks are called `unit`: tick 0 is the start. */
export function moment(tick: number, unit: string): string {
  return tick === 0 ? 'start' : `${unit}${NBSP}${tick}`;
}

/** "months 6–36"; one tick alone: "month 36". */
export function span(from: number, to: number, unit: string): string {
  return from === to ? moment(to, unit) : `${unit}s ${from}${EN_DASH}${to}`;
}

/** On a day, in anything longer. */
export const preposition = (unit: string) => (unit === 'day' ? 'on' : 'in');

/** "in months 6–36", "on day 4", "at the start": when something is so. */
export function during(from: number, to: number, unit: string): string {
  if (to === 0) return 'at the start';
  return `${preposition(unit)} ${span(from, to, unit)}`;
}

/** "36 months". */
export function duration(ticks: number, unit: string): string {
  return counted(ticks, unit, `${unit}s`);
}

/** The head of a digest, enough to recognise it; the whole one belongs in the title. */
export function shortDigest(digest: string | null | undefined, length = 12): string {
  return digest ? digest.slice(0, length) : UNKNOWN;
}

export function list(
  items: readonly string[],
  type: 'conjunction' | 'disjunction' = 'conjunction',
) {
  return new Intl.ListFormat(language(), { type }).format(items);
}
