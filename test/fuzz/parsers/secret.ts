/** What must not come back out: a mark in what a stranger sends, looked for in every refusal. */
import { claim } from './campaign.ts';

/** Put into tokens, tasks, names and arguments. No message of ours has these letters. */
export const CANARY = 'Kanarienvogel7f3a';

const RUN = 16;

/**
 * That an answer has nothing of the secrets: not the canary, nor sixteen characters in a row of a
 * token, which is its text and what it decodes to in base64url alike.
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
