import { describe, expect, test } from 'vitest';
import {
  ago,
  amount,
  amountChange,
  amountRange,
  amountSigned,
  axisUnit,
  bytes,
  count,
  counted,
  duration,
  during,
  inUnit,
  moment,
  money,
  points,
  pointsRange,
  seconds,
  setting,
  share,
  shareRange,
  shortDigest,
  significant,
  span,
  UNKNOWN,
} from './format';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

describe('shares', () => {
  test('a range has an en dash and one unit', () => {
    expect(plain(shareRange(0.27, 0.37))).toBe('27–37 %');
  });

  test('a range around zero is read with "to", not with a dash after a minus', () => {
    expect(plain(shareRange(-0.03, 0.04))).toBe('−3 to 4 %');
  });

  test('digits stop where the interval starts', () => {
    expect(plain(share(0.3241, 0.1))).toBe('32 %');
    expect(plain(share(0.3241, 0.01))).toBe('32.4 %');
    expect(plain(share(0.3241, 0.0009))).toBe('32.41 %');
    expect(plain(shareRange(0.0812, 0.0893))).toBe('8.1–8.9 %');
  });

  test('equal ends are one value', () => {
    expect(plain(shareRange(0, 0))).toBe('0.00 %');
  });

  test('what is not known is a dash and never zero', () => {
    expect(share(null)).toBe(UNKNOWN);
    expect(share(Number.NaN)).toBe(UNKNOWN);
    expect(shareRange(null, 0.2)).toBe(UNKNOWN);
  });
});

describe('differences', () => {
  test('points carry their sign with a real minus', () => {
    expect(plain(points(-0.1))).toBe('−10 pp');
    expect(plain(points(0.04))).toBe('+4 pp');
    expect(plain(pointsRange(-0.1, -0.04))).toBe('−10 to −4 pp');
    expect(plain(pointsRange(0.012, 0.021))).toBe('+1.2 to +2.1 pp');
    expect(plain(pointsRange(0.04, 0.06))).toBe('+4 to +6 pp');
    expect(plain(pointsRange(0.0032, 0.0032))).toBe('+0.32 pp');
    // The server writes such a difference with one digit too.
    expect(plain(pointsRange(0.0014, 0.0024))).toBe('+0.1 to +0.2 pp');
    expect(plain(pointsRange(-0.1, -0.04, 0.0009))).toBe('−10.00 to −4.00 pp');
  });

  test('zero has no sign, from either side', () => {
    expect(plain(points(0.001))).toBe('0 pp');
    expect(plain(points(-0.001))).toBe('0 pp');
  });
});

describe('money stays a decimal string', () => {
  test('a sum beyond the precision of a number keeps every digit', () => {
    expect(money('9007199254740993.01')).toBe('$9,007,199,254,740,993.01');
  });

  test('micro-dollars are shown, trailing zeros are not', () => {
    expect(money('0.000012')).toBe('$0.000012');
    expect(money('1.500000')).toBe('$1.50');
    expect(money('0')).toBe('$0.00');
  });

  test('an unknown amount is not $0.00', () => {
    expect(money(null)).toBe(UNKNOWN);
  });
});

test('counts are grouped and agree with their noun', () => {
  expect(count(120000)).toBe('120,000');
  expect(plain(counted(1, 'row', 'rows'))).toBe('1 row');
  expect(plain(counted(900, 'row', 'rows'))).toBe('900 rows');
});

test('measured numbers keep the digits worth reading', () => {
  expect(significant(-0.00153315, 6)).toBe('−0.00153315');
  expect(significant(1 / 216)).toBe('0.00463');
  expect(significant(3)).toBe('3');
});

test('a setting is written as short as it can be', () => {
  expect(setting(0.38)).toBe('0.38');
  expect(plain(setting(10000, 'rating points'))).toBe('10,000 rating points');
  expect(setting(-5, 'USD')).toBe('−$5');
  expect(setting(null)).toBe(UNKNOWN);
});

test('values stand in the unit of their variable', () => {
  expect(inUnit(1135.5, 'USD')).toBe('$1,136');
  expect(inUnit(-400, 'USD')).toBe('−$400');
  expect(inUnit(12.5, 'USD/year')).toBe('$12.50/year');
  expect(inUnit(1.67, '1')).toBe('1.67');
  expect(plain(inUnit(0.02, 'per day'))).toBe('0.02 per day');
  expect(plain(inUnit(0.05, 'share'))).toBe('5 %');
  expect(inUnit(120, 'index, 100 at the start')).toBe('120');
});

test('a time is on a day, in anything longer, and at the start', () => {
  expect(plain(during(4, 4, 'day'))).toBe('on day 4');
  expect(during(6, 36, 'month')).toBe('in months 6–36');
  expect(during(0, 0, 'week')).toBe('at the start');
});

describe('means in a unit of their own', () => {
  test('a range carries its unit once, dollars at both ends', () => {
    expect(amountRange(0.521, 0.548, '1')).toBe('0.52–0.55');
    expect(plain(amountRange(1.2, 3.4, 'contacts'))).toBe('1–3 contacts');
    expect(amountRange(1200, 1340, 'USD')).toBe('$1,200–$1,340');
    expect(plain(amountRange(-0.4, 1.2, 'contacts'))).toBe('−0.4 to 1.2 contacts');
  });

  test('digits stop where the interval starts, and equal ends are one value', () => {
    expect(amount(0.53217, 0.02)).toBe('0.53');
    expect(amount(7450.4, 100)).toBe('7,450');
    expect(amountRange(0.5, 0.5, '1')).toBe('0.5000');
    expect(amountRange(0, 0, 'USD')).toBe('$0');
  });

  test('a difference has its sign, before the dollar', () => {
    expect(amountChange(0.031, 0.059, '1')).toBe('+0.03 to +0.06');
    expect(amountChange(-40, 12, 'USD')).toBe('−$40 to +$12');
    expect(amountChange(0.00037188, 0.00037188, '1')).toBe('+0.000372');
    expect(amountSigned(-0.05, 0.1)).toBe('−0.05');
    expect(amountSigned(0, 0.1)).toBe('0.00');
  });

  test('shares are in percent, and percentages differ by points', () => {
    expect(plain(amountRange(-0.0068, -0.0068, 'share'))).toBe('−0.6800 %');
    expect(plain(amountChange(-0.02, 0.01, 'share'))).toBe('−2 to +1 pp');
    expect(plain(amountChange(0.5, 0.5, '% a year'))).toBe('+0.500 pp');
    expect(axisUnit('share').format(0.015, 0.005)).toBe('1.5');
    expect(axisUnit('share').unit).toBe('%');
    expect(axisUnit('USD').unit).toBe('USD');
    expect(axisUnit('1').unit).toBeUndefined();
  });

  test('what is not known is a dash', () => {
    expect(amountRange(null, 1, 'USD')).toBe(UNKNOWN);
    expect(amountChange(1, null, '1')).toBe(UNKNOWN);
    expect(amount(Number.NaN, 1)).toBe(UNKNOWN);
  });
});

test('time is told in what a tick is called', () => {
  expect(plain(moment(12, 'week'))).toBe('week 12');
  expect(moment(0, 'week')).toBe('start');
  expect(plain(span(6, 36, 'month'))).toBe('months 6–36');
  expect(plain(span(52, 52, 'week'))).toBe('week 52');
  expect(plain(duration(1, 'quarter'))).toBe('1 quarter');
  expect(plain(duration(12, 'quarter'))).toBe('12 quarters');
});

test('sizes and durations', () => {
  expect(plain(bytes(78123))).toBe('78.1 kB');
  expect(plain(seconds(0.042))).toBe('42 ms');
  expect(plain(seconds(75))).toBe('1 min 15 s');
});

test('recent times are relative, old ones are dates', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  expect(ago('2026-03-01T11:55:00Z', now)).toBe('5 minutes ago');
  expect(ago('2026-03-01T11:59:50Z', now)).toBe('just now');
  expect(ago('2026-01-01T12:00:00Z', now)).toContain('2026');
  expect(ago(null)).toBe(UNKNOWN);
});

test('a digest is cut to its head', () => {
  expect(shortDigest('0123456789abcdef0123')).toBe('0123456789ab');
});
