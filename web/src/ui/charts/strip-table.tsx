import { type ReactNode, useRef } from 'react';
import { percentAlong, type ValueAxis, type WriteValue, writeTick } from './geometry';
import { type Interval, IntervalStrip } from './interval-strip';
import type { Tone } from './tones';
import { useWidth } from './use-width';

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
  format: WriteValue;
  reference?: number;
}

/** Below this width labels stand above their strips. */
const narrow = 480;
/** Of the width that the drawn column takes, and what one label of its axis needs. */
const drawnPart = 0.5;
const labelRoom = 60;

/** Several values on one shared axis: a real table whose middle column is drawn. */
export function StripTable(props: StripTableProps) {
  const { caption, labelHeader, valueHeader, rows, axis, format } = props;
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const stacked = width < narrow;
  const isTight = width * drawnPart < axis.ticks.length * labelRoom;
  return (
    <div ref={box}>
      <table className="w-full border-collapse text-control">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="text-caption text-t3">
            {!stacked && (
              <th scope="col" className="w-[26%] py-1 pr-3 text-left font-normal">
                {labelHeader}
              </th>
            )}
            <th scope="col" className="py-1 font-normal">
              <span className="sr-only">Range on a shared axis</span>
              <AxisTicks axis={axis} format={format} few={stacked || isTight} />
            </th>
            <th
              scope="col"
              className={`py-1 pl-4 text-right font-normal ${stacked ? 'w-[40%]' : 'w-[24%]'}`}
            >
              {valueHeader}
            </th>
          </tr>
        </thead>
        {rows.map((row) => (
          <StripLine key={row.id} row={row} stacked={stacked} {...props} />
        ))}
      </table>
    </div>
  );
}

interface StripLineProps extends StripTableProps {
  row: StripRow;
  stacked: boolean;
}

/** One value; where there is no room its label takes a line of its own. */
function StripLine({ row, stacked, axis, reference }: StripLineProps) {
  const label = (
    <th
      scope={stacked ? 'rowgroup' : 'row'}
      colSpan={stacked ? 2 : 1}
      className={`text-left font-normal text-t1 ${stacked ? 'pt-2' : 'py-1.5 pr-3'}`}
    >
      {row.label}
    </th>
  );
  const values = (
    <>
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
        <span className="font-mono whitespace-nowrap text-t1">{row.text}</span>
        {row.verdict && <span className="block text-caption text-t2">{row.verdict}</span>}
      </td>
    </>
  );
  if (stacked) {
    return (
      <tbody className="border-t border-line">
        <tr>{label}</tr>
        <tr>{values}</tr>
      </tbody>
    );
  }
  return (
    <tbody className="border-t border-line">
      <tr>
        {label}
        {values}
      </tr>
    </tbody>
  );
}

/** Ticks that stay where there is room for few: the ends and zero. */
function stays(axis: ValueAxis, tick: number, index: number): boolean {
  return tick === 0 || index === 0 || index === axis.ticks.length - 1;
}

/** Where there is little room, labels at the ends stay within the column. */
function anchorAt(percent: number): 'start' | 'middle' | 'end' {
  if (percent < 10) return 'start';
  return percent > 90 ? 'end' : 'middle';
}

interface AxisTicksProps {
  axis: ValueAxis;
  format: WriteValue;
  few: boolean;
}

function AxisTicks({ axis, format, few }: AxisTicksProps) {
  const ticks = axis.ticks.filter((tick, index) => !few || stays(axis, tick, index));
  return (
    <svg aria-hidden="true" width="100%" height={16} className="block overflow-visible">
      {ticks.map((tick) => (
        <text
          key={tick}
          x={`${percentAlong(axis, tick)}%`}
          y={12}
          textAnchor={few ? anchorAt(percentAlong(axis, tick)) : 'middle'}
          fill="var(--color-t3)"
          fontSize={11}
          fontFamily="var(--font-mono)"
        >
          {writeTick(format, tick, axis)}
        </text>
      ))}
    </svg>
  );
}
