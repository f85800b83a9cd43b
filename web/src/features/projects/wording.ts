/** What the wizard says where the address asks for what the server does not offer. */
import { ApiProblem } from '@/lib/problem';

export const unknownDomain = new ApiProblem({
  type: 'about:blank',
  title: 'This domain or option is not offered here',
  status: 0,
  detail:
    'The address names a domain or an option that the server does not know. Choose it in the step “Domain”.',
  code: 'domain_unknown',
});
