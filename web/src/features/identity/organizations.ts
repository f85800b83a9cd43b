/** The organizations of whoever is signed in: which, founding, renaming, going there. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  identityAcceptInvitationMutation,
  identityCreateOrganizationMutation,
  identityDeclineInvitationMutation,
  identityLeaveOrganizationMutation,
  identityListOrganizationsOptions,
  identityListOwnQuotasOptions,
  identityListPendingInvitationsOptions,
  identitySwitchOrganizationMutation,
  identityUpdateCurrentOrganizationMutation,
} from '@/api/generated/@tanstack/react-query.gen';
import { meOptions } from './queries';
import { useLeave } from './use-leave';

export const useOrganizations = ({ enabled = true } = {}) =>
  useQuery({ ...identityListOrganizationsOptions(), enabled });

/** How much work the organization may have, and has. */
export const useQuotas = () => useQuery(identityListOwnQuotasOptions());

export function useFoundOrganization() {
  const client = useQueryClient();
  return useMutation({
    ...identityCreateOrganizationMutation(),
    onSuccess: () => client.invalidateQueries(identityListOrganizationsOptions()),
  });
}

export function useRenameOrganization() {
  const client = useQueryClient();
  return useMutation({
    ...identityUpdateCurrentOrganizationMutation(),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries(identityListOrganizationsOptions()),
        client.invalidateQueries(meOptions()),
      ]),
  });
}

/** Whoever leaves is signed out here; another organization takes a sign-in. */
export function useLeaveOrganization() {
  const leave = useLeave();
  return useMutation({ ...identityLeaveOrganizationMutation(), onSuccess: leave });
}

/**
 * The page is loaded anew, so that nothing of the organization that was left stays: no answer, no
 * token, no open stream. The refresh cookie leads to the new one.
 */
const loadAnew = () => window.location.assign('/projects');

export const useSwitchOrganization = () =>
  useMutation({ ...identitySwitchOrganizationMutation(), onSuccess: loadAnew });

/** What the verified address is offered. */
export const useOffers = () => useQuery(identityListPendingInvitationsOptions());

export const useAcceptOffer = () =>
  useMutation({ ...identityAcceptInvitationMutation(), onSuccess: loadAnew });

export function useDeclineOffer() {
  const client = useQueryClient();
  return useMutation({
    ...identityDeclineInvitationMutation(),
    onSuccess: () => client.invalidateQueries(identityListPendingInvitationsOptions()),
  });
}
