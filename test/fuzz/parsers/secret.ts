/** A canary in untrusted input, which no refusal may contain. */
import { claim } from './campaign.ts';

/** Part of tokens, tasks, names and arguments. No message of ours contains these letters. */
export const CANARY = 'Kanarienvogel7f3a';

const RUN = 16;

/**
 * Claims that a response contains nothing of the secrets: neither the canary nor sixteen
 * consecutive characters of a token, in its text or in what it decodes to from base64url.
 */
export function claimSilent(answer: unknown, ...secrets: readonly string[]): void {
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
  claim(!text.includes(CANARY), 'a refusal repeats the canary', text);
  for (let at = 0; at + RUN <= text.length; at++) {
    const run = text.slice(at, at + RUN);
    claim(!secrets.some((secret) => secret.includes(run)), 'a refusal repeats a secret', {
      run,
      text,
    });
  }
}
