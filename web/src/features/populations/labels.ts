import type { ColumnMapping } from '@/api/generated/types.gen';

export type Label = (name: string) => string;

/** What people call an alternative, region, segment or attribute of this population. */
export function labels(mapping: ColumnMapping | null): Label {
  const known = new Map<string, string>();
  for (const item of mapping?.alternatives ?? []) known.set(item.value, item.label);
  for (const item of mapping?.families ?? []) known.set(item.name, item.label);
  for (const group of [mapping?.region, mapping?.segment]) {
    for (const item of group?.labels ?? []) known.set(item.name, item.label);
  }
  return (name) => known.get(name) ?? name.replaceAll('_', ' ');
}
