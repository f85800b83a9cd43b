import type { DataCategory } from '@/api/generated/types.gen';
import { type Column, DataTable } from '@/ui/data-table';

/** Table by table: what is kept, and what a deletion leaves. */
export function CategoriesTable({ categories }: { categories: readonly DataCategory[] }) {
  return (
    <DataTable
      caption="Everything that is kept, by table"
      columns={columns}
      rows={categories}
      rowKey={(category) => category.table}
    />
  );
}

const columns: Column<DataCategory>[] = [
  {
    key: 'holds',
    header: 'What is kept',
    cell: ({ holds }) => <span className="block text-t1 first-letter:uppercase">{holds}</span>,
  },
  { key: 'of', header: 'Of', cell: ({ of_user }) => (of_user ? 'members' : 'the organization') },
  { key: 'after', header: 'After a deletion', cell: ({ after_deletion }) => after_deletion },
  {
    key: 'table',
    header: 'Table',
    cell: ({ table }) => <span className="font-mono text-caption text-t3">{table}</span>,
  },
];
