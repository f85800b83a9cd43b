import type { ReactNode } from 'react';
import { cx } from '@/lib/cx';

export interface Column<T> {
  key: string;
  header: ReactNode;
  cell: (row: T) => ReactNode;
  /** Numbers stand right, in mono. */
  numeric?: boolean;
  className?: string;
}

interface DataTableProps<T> {
  /** Says what the rows are; read before the table. */
  caption: string;
  columns: ReadonlyArray<Column<T>>;
  rows: readonly T[];
  rowKey: (row: T) => string;
  /** Rows in all when more exist than are here. */
  totalRows?: number;
  /** The row under study. */
  isSelected?: (row: T) => boolean;
}

/** A real table that scrolls inside itself; its first column names the row. */
export function DataTable<T>({
  caption,
  columns,
  rows,
  rowKey,
  totalRows,
  isSelected,
}: DataTableProps<T>) {
  return (
    <section
      aria-label={caption}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      className="relative overflow-x-auto -outline-offset-2"
    >
      <table
        aria-rowcount={totalRows === undefined ? undefined : totalRows + 1}
        className="w-full border-collapse text-control"
      >
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-b border-line text-left text-caption tracking-[0.04em] text-t3">
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={cx(
                  'h-8 px-4 font-medium whitespace-nowrap max-sm:px-2.5',
                  column.numeric && 'text-right',
                  column.className,
                )}
              >
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={rowKey(row)}
              aria-selected={isSelected?.(row) || undefined}
              className="border-b border-line transition-colors duration-[120ms] last:border-b-0 hover:bg-s2 aria-selected:bg-s3"
            >
              {columns.map((column, index) => {
                const Cell = index === 0 ? 'th' : 'td';
                return (
                  <Cell
                    key={column.key}
                    scope={index === 0 ? 'row' : undefined}
                    className={cx(
                      'h-8 px-4 py-1.5 font-normal max-sm:px-2.5',
                      index === 0 && 'text-left',
                      column.numeric && 'text-right font-mono whitespace-nowrap',
                      column.className,
                    )}
                  >
                    {column.cell(row)}
                  </Cell>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
