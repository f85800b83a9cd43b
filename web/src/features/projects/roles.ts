/** What a project takes from its people's file: a column for each role, or nothing. */
import type { NamedLabel, RoleColumn, RoleMapping, RoleOffer } from '@/api/generated/types.gen';

/** By role the chosen column, or '' for nothing; roles not named are as suggested. */
export type ChosenColumns = Record<string, string>;

/** The columns and, where they differ from what the file suggests, how these are read. */
export interface ChosenRoles {
  roles?: ChosenColumns;
  /** By role and value (see `meaningKey`) the state that the value means, or '' for none. */
  meanings?: Record<string, string>;
  /** By role and part of the reading (see `amountKey`) a number. */
  amounts?: Record<string, number>;
}

export type AmountPart = 'low' | 'high' | 'times';

export const meaningKey = (role: string, value: string) => `${role}:${value}`;
export const amountKey = (role: string, part: AmountPart) => `${role}:${part}`;

/** The column of a role: what was chosen, else what the file suggests. */
export function columnOf(offer: RoleOffer, chosen: ChosenColumns | undefined): string {
  return chosen?.[offer.name] ?? offer.suggested ?? '';
}

/** Whether each value of the column means a state, so that it can be said which. */
export function hasMeanings(offer: RoleOffer, column: RoleColumn): boolean {
  if (offer.kind === 'state') return true;
  return offer.kind === 'scale' && (column.mapping?.states ?? []).length === 0
    ? column.mapping === null
    : offer.kind === 'scale';
}

/** What a value can mean: where parties are the file's own, itself; then the template's states. */
export function meaningsOf(offer: RoleOffer, column: RoleColumn, value: string): NamedLabel[] {
  if (!offer.open) return offer.states;
  const read = column.mapping?.states?.find((state) => state.value === value);
  const isOwn = read && !offer.states.some(({ name }) => name === read.state);
  const own = isOwn
    ? { name: read.state, label: read.label || value }
    : { name: value, label: value };
  return [own, ...offer.states];
}

/** The state that a value means: as chosen, else as the file suggests; '' where neither says. */
export function meaningOf(
  offer: RoleOffer,
  column: RoleColumn,
  value: string,
  draft: ChosenRoles,
): string {
  const suggested = column.mapping?.states?.find((state) => state.value === value)?.state;
  return draft.meanings?.[meaningKey(offer.name, value)] ?? suggested ?? '';
}

/** How a column is read; null where no column is chosen. */
export function mappingOf(offer: RoleOffer, draft: ChosenRoles): RoleMapping | null {
  const column = offer.columns.find(({ name }) => name === columnOf(offer, draft.roles));
  if (!column) return null;
  const read = column.mapping ?? { column: column.name };
  const amount = (part: AmountPart) => {
    const value = draft.amounts?.[amountKey(offer.name, part)];
    return value === undefined ? {} : { [part]: value };
  };
  return {
    ...read,
    ...amount('low'),
    ...amount('high'),
    ...amount('times'),
    ...(hasMeanings(offer, column) ? { states: statesOf(offer, column, draft) } : {}),
  };
}

function statesOf(offer: RoleOffer, column: RoleColumn, draft: ChosenRoles) {
  return Object.keys(column.shares).flatMap((value) => {
    const state = meaningOf(offer, column, value, draft);
    const meant = meaningsOf(offer, column, value).find(({ name }) => name === state);
    return meant ? [{ value, state, label: meant.label }] : [];
  });
}

/** How the chosen columns are read; roles without one are left out. */
export function rolesOf(
  offers: readonly RoleOffer[],
  draft: ChosenRoles,
): Record<string, RoleMapping> {
  return Object.fromEntries(
    offers.flatMap((offer): [string, RoleMapping][] => {
      const mapping = mappingOf(offer, draft);
      return mapping ? [[offer.name, mapping]] : [];
    }),
  );
}

/** The alternatives that the file itself gives, where a role makes them. */
export function alternativesOf(
  offers: readonly RoleOffer[],
  draft: ChosenRoles,
): NamedLabel[] | null {
  const open = offers.find((offer) => offer.open);
  const mapping = open && mappingOf(open, draft);
  if (!mapping) return null;
  const states = (mapping.states ?? []).map(({ state, label }) => ({
    name: state,
    label: label || state,
  }));
  return states.filter(({ name }, place) => states.findIndex((s) => s.name === name) === place);
}

/** Whether a column says the state that everybody starts with. */
export function takesState(
  offers: readonly RoleOffer[],
  chosen: ChosenColumns | undefined,
): boolean {
  return offers.some((offer) => offer.kind === 'state' && columnOf(offer, chosen) !== '');
}

/** The draft's roles with another column for one of them; how the old one was read is dropped. */
export function withColumn(draft: ChosenRoles, role: string, column: string): ChosenRoles {
  const others = <T>(map: Record<string, T> | undefined) =>
    Object.fromEntries(Object.entries(map ?? {}).filter(([key]) => !key.startsWith(`${role}:`)));
  return {
    roles: { ...draft.roles, [role]: column },
    meanings: others(draft.meanings),
    amounts: others(draft.amounts),
  };
}
