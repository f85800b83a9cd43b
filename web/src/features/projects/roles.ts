/** What a project takes from its people's file: a column for each role, or nothing. */
import type { NamedLabel, RoleMapping, RoleOffer } from '@/api/generated/types.gen';

/** By role the chosen column, or '' for nothing; roles not named are as suggested. */
export type ChosenColumns = Record<string, string>;

/** The column of a role: what was chosen, else what the file suggests. */
export function columnOf(offer: RoleOffer, chosen: ChosenColumns | undefined): string {
  return chosen?.[offer.name] ?? offer.suggested ?? '';
}

/** How the chosen columns are read; roles without one are left out. */
export function rolesOf(
  offers: readonly RoleOffer[],
  chosen: ChosenColumns | undefined,
): Record<string, RoleMapping> {
  return Object.fromEntries(
    offers.flatMap((offer): [string, RoleMapping][] => {
      const column = offer.columns.find(({ name }) => name === columnOf(offer, chosen));
      return column?.mapping ? [[offer.name, column.mapping]] : [];
    }),
  );
}

/** The alternatives that the file itself gives, where a role makes them. */
export function alternativesOf(
  offers: readonly RoleOffer[],
  chosen: ChosenColumns | undefined,
): NamedLabel[] | null {
  const open = offers.find((offer) => offer.open);
  const mapping = open && rolesOf([open], chosen)[open.name];
  return mapping
    ? (mapping.states ?? []).map(({ state, label }) => ({ name: state, label: label ?? state }))
    : null;
}

/** Whether a column says the state that everybody starts with. */
export function takesState(
  offers: readonly RoleOffer[],
  chosen: ChosenColumns | undefined,
): boolean {
  return offers.some((offer) => offer.kind === 'state' && columnOf(offer, chosen) !== '');
}
