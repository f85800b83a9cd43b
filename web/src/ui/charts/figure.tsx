import { type ReactNode, type RefObject, useId, useRef, useState } from 'react';
import { saveFile } from '@/lib/save-file';
import { figurePng, figureSvg, type Provenance, svgText, tableText } from '../export-figure';

export interface FigureTable {
  columns: readonly string[];
  /** Numbers stay numbers in the CSV; `format` writes them for the page. */
  rows: readonly (readonly (string | number | null)[])[];
  format: (value: number, column: number) => string;
}

interface FigureProps {
  /** The answer, not the chart type. */
  title: string;
  /** Level, kind and number of replicates, or the hovered value. */
  note?: ReactNode;
  table: FigureTable;
  /** Base name of exported files. */
  fileName: string;
  /** What exported pictures and tables say of their numbers. */
  provenance: Provenance;
  /** Choices that belong to this figure alone. */
  controls?: ReactNode;
  level?: 2 | 3;
  /** Long answers take the whole width, the note stands beside the controls. */
  stacked?: boolean;
  children: ReactNode;
}

/** A chart with its answer as the title, the same data as a table, and files to take away. */
export function Figure(props: FigureProps) {
  const {
    title,
    note,
    table,
    fileName,
    provenance,
    controls,
    level = 3,
    stacked,
    children,
  } = props;
  const [asTable, setAsTable] = useState(false);
  const drawing = useRef<HTMLDivElement>(null);
  const titleId = useId();
  const Heading = level === 2 ? 'h2' : 'h3';
  return (
    <figure aria-labelledby={titleId} className="m-0 flex min-w-0 flex-col gap-3">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <figcaption className={stacked ? 'basis-full' : 'min-w-0 flex-1 basis-64'}>
          <Heading id={titleId} className="text-section font-medium text-pretty text-t1">
            {unbroken(title)}
          </Heading>
          {!stacked && note !== undefined && (
            <div className="mt-0.5 min-h-4 text-caption text-t3">{note}</div>
          )}
        </figcaption>
        {stacked && (
          <div className="min-h-4 min-w-0 flex-1 basis-64 self-center text-caption text-t3">
            {note}
          </div>
        )}
        <div className="flex flex-wrap items-center gap-1">
          {controls}
          <FigureButton pressed={asTable} onClick={() => setAsTable(!asTable)}>
            Table
          </FigureButton>
          <ExportButtons
            table={table}
            fileName={fileName}
            text={{ title, provenance }}
            asTable={asTable}
            drawing={drawing}
          />
        </div>
      </div>
      {asTable ? <FigureRows title={title} table={table} /> : <div ref={drawing}>{children}</div>}
    </figure>
  );
}

const numberRange = /([^\s(]*\d–\d[^\s:)]*(?:\s(?:%|pp))?)/;

/** A range such as "3.1–3.4 %" stays on one line. */
function unbroken(text: string): ReactNode[] {
  return text.split(numberRange).map((part, index) =>
    numberRange.test(part) ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, in its order
      <span key={index} className="whitespace-nowrap">
        {part}
      </span>
    ) : (
      part
    ),
  );
}

interface ExportButtonsProps {
  table: FigureTable;
  fileName: string;
  text: { title: string; provenance: Provenance };
  /** While the table is shown there is no picture to save. */
  asTable: boolean;
  drawing: RefObject<HTMLElement | null>;
}

function ExportButtons({ table, fileName, text, asTable, drawing }: ExportButtonsProps) {
  const [failed, setFailed] = useState(false);
  const saveCsv = () => {
    const content = tableText(table.columns, table.rows, text.provenance);
    saveFile(`${fileName}.csv`, new Blob([content], { type: 'text/csv' }));
  };
  const savePicture = async (kind: 'svg' | 'png') => {
    const container = drawing.current;
    if (!container) return;
    try {
      const figure = await figureSvg(container, text);
      const content =
        kind === 'svg'
          ? new Blob([svgText(figure)], { type: 'image/svg+xml' })
          : await figurePng(figure);
      saveFile(`${fileName}.${kind}`, content);
      setFailed(false);
    } catch {
      setFailed(true);
    }
  };
  return (
    <>
      <FigureButton label={`Download CSV: ${text.title}`} onClick={saveCsv}>
        CSV
      </FigureButton>
      {!asTable && (
        <>
          <FigureButton
            label={`Download SVG: ${text.title}`}
            onClick={() => void savePicture('svg')}
          >
            SVG
          </FigureButton>
          <FigureButton
            label={`Download PNG: ${text.title}`}
            onClick={() => void savePicture('png')}
          >
            PNG
          </FigureButton>
        </>
      )}
      {failed && (
        <span role="status" className="text-caption text-bad">
          This browser could not make the picture. Take the CSV or the table instead.
        </span>
      )}
    </>
  );
}

interface FigureButtonProps {
  label?: string;
  pressed?: boolean;
  onClick: () => void;
  children: ReactNode;
}

export function FigureButton({ label, pressed, onClick, children }: FigureButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-pressed={pressed}
      onClick={onClick}
      className="h-7 rounded-md border border-transparent px-2 text-caption text-t2 hover:bg-s3 hover:text-t1 aria-pressed:border-edge aria-pressed:bg-s2 aria-pressed:text-t1"
    >
      {children}
    </button>
  );
}

interface FigureSelectProps {
  label: string;
  value: string;
  onValue: (value: string) => void;
  children: ReactNode;
}

/** Chooses what a figure shows, beside its buttons. */
export function FigureSelect({ label, value, onValue, children }: FigureSelectProps) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => onValue(event.currentTarget.value)}
      className="h-7 max-w-52 max-sm:w-full max-sm:max-w-full rounded-md border border-edge bg-bg px-1.5 text-caption text-t1"
    >
      {children}
    </select>
  );
}

function FigureRows({ title, table }: { title: string; table: FigureTable }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="max-h-96 overflow-auto" aria-label={`Data: ${title}`} tabIndex={0}>
      <table className="w-full border-collapse text-control">
        <thead className="sticky top-0 bg-s1 text-caption text-t3">
          <tr>
            {table.columns.map((column) => (
              <th
                key={column}
                scope="col"
                className="px-2 py-1 text-right font-normal first:text-left"
              >
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={`${row[0]}-${row[1]}`} className="border-t border-line">
              {row.map((value, column) => (
                <td
                  key={table.columns[column]}
                  className="px-2 py-1 text-right font-mono text-t1 first:text-left"
                >
                  {typeof value === 'number' ? table.format(value, column) : (value ?? '—')}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
