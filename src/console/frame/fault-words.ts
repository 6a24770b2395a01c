import type { Fault } from './api.ts';

/** Returns why an order was not carried out, for the form that sent it. */
export const faultWords = (fault: Fault): string =>
  fault.kind === 'signed_out'
    ? 'You are signed out, and nothing was sent. Sign in again in another tab.'
    : fault.message;
