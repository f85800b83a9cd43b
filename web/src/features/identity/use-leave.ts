import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { dropToken } from '@/api/session';

/** After the sign-in has ended on the server: forgets everything here and asks for another. */
export function useLeave() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    dropToken();
    client.clear();
    await navigate({ to: '/sign-in', search: {} });
  };
}
