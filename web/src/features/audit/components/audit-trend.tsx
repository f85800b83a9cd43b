import type { AuditStats } from '@/api/generated/types.gen';
import { count, counted, dateTime } from '@/lib/format';
import { DayBars } from '@/ui/charts/day-bars';
import { Figure } from '@/ui/charts/figure';

/** How much happened on each day, and what of it failed or was denied. */
export function AuditTrend({ stats }: { stats: AuditStats }) {
  const { entries, as_of: asOf } = stats;
  const days = everyDay(stats);
  const denied = days.reduce((sum, day) => sum + day.denied, 0);
  const failed = days.reduce((sum, day) => sum + day.failure, 0);
  const title = `${counted(entries, 'entry', 'entries')}, ${count(denied)} denied, ${count(failed)} failed`;
  return (
    <Figure
      level={2}
      title={title}
      note={
        asOf === null
          ? 'All entries of these days, in UTC.'
          : `All entries of these days, in UTC, as of ${dateTime(asOf)}.`
      }
      fileName="audit-by-day"
      provenance={[['source', `AgentVerse, audit by day, UTC, ${stats.since} to ${stats.to}`]]}
      table={{
        columns: ['Day', 'Success', 'Denied', 'Failed'],
        rows: days.map((day) => [day.day, day.success, day.denied, day.failure]),
        format: (value) => count(value),
      }}
    >
      <DayBars
        name={`${title}, by day`}
        bars={days.map((day) => ({
          day: day.day,
          parts: [
            { count: day.success, color: 'var(--color-baseline)' },
            { count: day.denied, color: 'var(--color-warn)' },
            { count: day.failure, color: 'var(--color-bad)' },
          ],
        }))}
      />
    </Figure>
  );
}

const dayLength = 86_400_000;

/** One for each day from the first to the last; a day without entries is a gap in the bars, not in time. */
function everyDay({ since, to, by_day: counted }: AuditStats) {
  const known = new Map(counted.map((day) => [dayOf(Date.parse(day.day)), day]));
  const first = Date.parse(dayOf(Date.parse(since)));
  const length = Math.min(400, Math.floor((Date.parse(to) - first) / dayLength) + 1);
  return Array.from({ length }, (_, index) => {
    const day = dayOf(first + index * dayLength);
    const { success = 0, denied = 0, failure = 0 } = known.get(day) ?? {};
    return { day, success, denied, failure };
  });
}

const dayOf = (instant: number) => new Date(instant).toISOString().slice(0, 10);
