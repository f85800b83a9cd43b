import type { ReactNode } from 'react';
import { percentAlong, type ValueAxis } from './geometry';
import { type Interval, IntervalStrip } from './interval-strip';
import type { Tone } from './tones';

export interface StripRow extends Interval {
  id: string;
  label: ReactNode;
  /** The range in words; it stands beside the strip, so the strip needs no name of its own. */
  text: string;
  /** What the range means, such as "no clear difference". */
  verdict?: string;
  tone: Tone;
  baseline?: Interval | null;
}

interface StripTableProps {
  /** The finding in words. */
  caption: string;
  labelHeader: string;
  valueHeader: string;
  rows: readonly StripRow[];
  axis: ValueAxis;
  format: (value: number) => string;
  reference?: number;
}

/** Several values on one shared axis: a real table whose middle column is drawn. */
export function StripTable({
  caption,
  labelHeader,
  valueHeader,
  rows,
  axis,
  format,
  reference,
}: StripTableProps) {
  return (
    <table className="w-full border-collapse text-control">
      <caption className="sr-only">{caption}</caption>
      <thead>
        <tr className="text-caption text-t3">
          <th scope="col" className="w-[24%] py-1 pr-3 text-left font-normal">
            {labelHeader}
          </th>
          <th scope="col" className="py-1 font-normal">
            <span className="sr-only">Range on a shared axis</span>
            <AxisTicks axis={axis} format={format} />
          </th>
          <th scope="col" className="w-[30%] py-1 pl-4 text-right font-normal">
            {valueHeader}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} className="border-t border-line">
            <th scope="row" className="py-1.5 pr-3 text-left font-normal text-t1">
              {row.label}
            </th>
            <td className="py-1.5">
              <IntervalStrip
                name=""
                axis={axis}
                low={row.low}
                median={row.median}
                high={row.high}
                tone={row.tone}
                baseline={row.baseline}
                reference={reference}
                height={18}
              />
            </td>
            <td className="py-1.5 pl-4 text-right">
              <span className="font-mono text-t1">{row.text}</span>
              {row.verdict && (
                <span className="block text-caption text-t2">{row.verdict}</span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function AxisTicks({ axis, format }: { axis: ValueAxis; format: (value: number) => string }) {
  return (
    <svg aria-hidden="true" width="100%" height={16} className="block overflow-visible">
      {axis.ticks.map((tick) => (
        <text
          key={tick}
          x={`${percentAlong(axis, tick)}%`}
          y={12}
          textAnchor="middle"
          fill="var(--color-t3)"
          fontSize={11}
          fontFamily="var(--font-mono)"
        >
          {format(tick)}
        </text>
      ))}
    </svg>
  );
}
