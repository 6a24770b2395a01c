import { toMilliseconds, type UnixMilliseconds, type UnixSeconds } from '../../clock.ts';
import { span } from '../time.ts';

/** What a watermark can stop, with the word and an example of each. */
export const MARK_SCOPES = {
  agent: { word: 'Agent', example: 'spiffe://acme.example/agents/analyst' },
  subject: { word: 'Subject', example: 'local-idp#carol' },
  owner: { word: 'Owner', example: 'team:growth' },
  tool: { word: 'Tool', example: 'mcp/mail/send' },
  audience: { word: 'Audience', example: 'https://mcp.example' },
  issuer_key: { word: 'Root key', example: '1' },
  all: { word: 'Everything' },
} as const;

export type MarkScope = keyof typeof MARK_SCOPES;

export const isMarkScope = (text: string | null): text is MarkScope =>
  text !== null && Object.hasOwn(MARK_SCOPES, text);

/** Until when something was issued that a watermark stops, as a person chooses it. */
export const MARK_TIMES = [
  { secondsAgo: undefined, words: 'Now' },
  { secondsAgo: 5 * 60, words: '5 minutes ago' },
  { secondsAgo: 15 * 60, words: '15 minutes ago' },
  { secondsAgo: 30 * 60, words: '30 minutes ago' },
] as const;

/** A watermark in force, as the issuer answers. */
export interface Watermark {
  readonly scope: MarkScope;
  readonly value: string;
  readonly before: UnixSeconds;
  readonly expires?: UnixSeconds | undefined;
}

/** A watermark as the page shows it. */
export interface MarkRow {
  readonly key: string;
  readonly mark: Watermark;
  readonly name: string;
  readonly word: string;
  readonly before: UnixMilliseconds;
  readonly end: string;
}

/** Returns the watermarks in force, the newest first. */
export const markRows = (marks: readonly Watermark[], now: UnixMilliseconds): readonly MarkRow[] =>
  marks
    .toSorted((a, b) => b.before - a.before)
    .map((mark) => ({
      key: `${mark.scope} ${mark.value}`,
      mark,
      name: mark.value === '' ? 'everything' : mark.value,
      word: MARK_SCOPES[mark.scope].word,
      before: toMilliseconds(mark.before),
      end:
        mark.expires === undefined
          ? 'when no token is left that it stops'
          : `ends in ${span(Math.max(0, toMilliseconds(mark.expires) - now), 'coarse')}`,
    }));
