/** One decision, the first of its process or isolate: the verifier is made and asked once. */
import { decide, openVerifier } from '../../decision.ts';

/** Put in by the bundler, so that nothing is loaded but the verifier. */
declare const PUBLIC_KEY: string;
declare const TOKEN: string;

export const decideOnce = (): Promise<void> => decide(openVerifier(PUBLIC_KEY), TOKEN);
