/** The first decision of a process or isolate: creates the verifier and asks it once. */
import { decide, openVerifier } from '../../decision.ts';

/** Inserted by the bundler, so that only the verifier is loaded. */
declare const PUBLIC_KEY: string;
declare const TOKEN: string;

export const decideOnce = (): Promise<void> => decide(openVerifier(PUBLIC_KEY), TOKEN);
