/** Where somebody is signed in, as the security page tells and ends it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  identityEndSessionMutation,
  identityListSessionsOptions,
  identityLogoutEverywhereMutation,
} from '@/api/generated/@tanstack/react-query.gen';

export const useSessions = () => useQuery(identityListSessionsOptions());

export function useEndSession() {
  const client = useQueryClient();
  return useMutation({
    ...identityEndSessionMutation(),
    onSuccess: () => void client.invalidateQueries(identityListSessionsOptions()),
  });
}

export const useLogoutEverywhere = () => useMutation(identityLogoutEverywhereMutation());

const browsers: readonly [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrom(e|ium)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];

const systems: readonly [RegExp, string][] = [
  [/Windows/, 'Windows'],
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
];

/** "Firefox on Windows"; what is no browser keeps the name it gives itself. */
export function deviceName(agent: string | null): string {
  if (agent === null || agent === '') return 'An unknown client';
  const find = (list: readonly [RegExp, string][]) =>
    list.find(([pattern]) => pattern.test(agent))?.[1];
  const browser = find(browsers);
  const system = find(systems);
  if (browser === undefined) return agent;
  return system === undefined ? browser : `${browser} on ${system}`;
}
