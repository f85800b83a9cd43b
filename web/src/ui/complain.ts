import { toProblem } from '@/lib/problem';
import { toast } from '@/ui/toast';

/** A cancellation that went wrong is said over the page, which goes on as it was. */
export function complain(error: unknown): void {
  toast(toProblem(error).detail, 'bad');
}
