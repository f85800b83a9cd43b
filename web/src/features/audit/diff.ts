/** What an act changed, field by field, from the two states that its entry holds. */

type State = { [key: string]: unknown } | null;

export interface Change {
  field: string;
  /** null: the field was not there. */
  before: string | null;
  after: string | null;
}

/** Fields that differ, in the order of their names; inner fields by their path. */
export function changesBetween(before: State, after: State): Change[] {
  const old = flat(before);
  const now = flat(after);
  const fields = [...new Set([...old.keys(), ...now.keys()])].sort();
  return fields
    .map((field) => ({ field, before: old.get(field) ?? null, after: now.get(field) ?? null }))
    .filter((change) => change.before !== change.after);
}

function flat(state: State): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (value: unknown, path: string) => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value)) visit(inner, path ? `${path}.${key}` : key);
    } else {
      found.set(path, typeof value === 'string' ? value : JSON.stringify(value));
    }
  };
  if (state !== null) visit(state, '');
  return found;
}
