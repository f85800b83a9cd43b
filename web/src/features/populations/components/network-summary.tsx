import type { NetworkReport } from '@/api/generated/types.gen';
import { count, fixed } from '@/lib/format';
import { Digest } from '@/ui/digest';
import { Facts, Panel } from '@/ui/panel';

const HEIGHT = 72;

/** Who knows whom, in numbers. */
export function NetworkSummary({ report }: { report: NetworkReport }) {
  return (
    <Panel
      title="Network"
      caption={`A persona has ${fixed(report.mean_degree, 1)} neighbours on average.`}
    >
      <div className="grid gap-4">
        <DegreeHistogram counts={report.degree_histogram} />
        <Facts
          items={[
            ['Ties', count(report.edges)],
            ['Most neighbours', count(report.maximum_degree)],
            ['Without any', count(report.isolated)],
            ['Alike by region', assortativity(report.region_assortativity)],
            ['Alike by segment', assortativity(report.segment_assortativity)],
            ['Digest', <Digest key="digest" value={report.digest} />],
          ]}
        />
      </div>
    </Panel>
  );
}

function assortativity(value: number | null): string {
  return value == null ? 'one group only' : `${fixed(value, 3)} assortativity`;
}

/** Bars from zero: a count for every number of neighbours. */
function DegreeHistogram({ counts }: { counts: readonly number[] }) {
  const most = Math.max(...counts, 1);
  const peak = counts.indexOf(most);
  const step = 100 / Math.max(counts.length, 1);
  return (
    <figure>
      <svg
        role="img"
        aria-label={`Most personas have about ${peak} neighbours; the range is 0 to ${counts.length - 1}.`}
        width="100%"
        height={HEIGHT}
        className="block"
      >
        {counts.map((n, degree) => {
          const height = (n / most) * (HEIGHT - 2);
          return (
            <rect
              // biome-ignore lint/suspicious/noArrayIndexKey: the index is the degree
              key={degree}
              x={`${degree * step + step * 0.1}%`}
              width={`${step * 0.8}%`}
              y={HEIGHT - height}
              height={height}
              fill="var(--color-baseline)"
            >
              <title>{`${degree} neighbours: ${count(n)} personas`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption className="mt-1 flex justify-between font-mono text-caption text-t3">
        <span>0 neighbours</span>
        <span>{counts.length - 1}</span>
      </figcaption>
    </figure>
  );
}
