import { toMilliseconds, type UnixMilliseconds, type UnixSeconds } from '../../clock.ts';
import { span } from '../time.ts';

/** What can be denied, with the word and an example of each. */
export const SCOPES = {
  agent: { word: 'Agent', example: 'spiffe://acme.example/agents/analyst' },
  subject: { word: 'Subject', example: 'local-idp#carol' },
  owner: { word: 'Owner', example: 'team:growth' },
  tool: { word: 'Tool', example: 'mcp/mail/send' },
} as const;

export type Scope = keyof typeof SCOPES;

export const isScope = (text: string | null): text is Scope =>
  text !== null && Object.hasOwn(SCOPES, text);

/** A denial, as the issuer answers. */
export interface Denial {
  readonly scope: Scope;
  readonly value: string;
  readonly until?: UnixSeconds | undefined;
  readonly at: UnixSeconds;
  readonly reason?: string | undefined;
}

/** A denial, as the page shows it. */
export interface DenialRow {
  readonly key: string;
  readonly denial: Denial;
  readonly since: UnixMilliseconds;
  /** When it ends. */
  readonly end: string;
  readonly reason: string;
}

/** Returns the denials in force, the newest first. */
export const denialRows = (
  denials: readonly Denial[],
  now: UnixMilliseconds,
): readonly DenialRow[] =>
  [...denials]
    .sort((a, b) => b.at - a.at)
    .map((denial) => ({
      key: `${denial.scope} ${denial.value}`,
      denial,
      since: toMilliseconds(denial.at),
      end:
        denial.until === undefined
          ? 'until it is lifted'
          : `ends in ${span(Math.max(0, toMilliseconds(denial.until) - now), 'coarse')}`,
      reason: denial.reason ?? 'Lost in a restore. The trail has it.',
    }));

/** How long a denial may last, as a person chooses it. */
export const DENIAL_SPANS = [
  { seconds: undefined, words: 'Until it is lifted' },
  { seconds: 60 * 60, words: 'For an hour' },
  { seconds: 24 * 60 * 60, words: 'For a day' },
] as const;
