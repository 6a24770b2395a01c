import type { Fault } from './api.ts';
import { waitsWords } from './waits.ts';

/** Returns why an order was not carried out, for the form that sent it. */
export function faultWords(fault: Fault): string {
  switch (fault.kind) {
    case 'signed_out':
      return 'You are signed out, and nothing was sent. Sign in again in another tab.';
    case 'waits':
      return waitsWords(fault);
    case 'not_for_your_role':
    case 'not_found':
    case 'refused':
    case 'unreachable':
      return fault.message;
  }
}
