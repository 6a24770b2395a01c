import type { Catalogue } from '../../catalogue/index.ts';
import { having, httpUrl } from '../../option-values.ts';
import { callable, integerFrom, type Members, optional } from '../../options.ts';
import type { Report } from '../../report.ts';
import type { Feed } from '../freshness.ts';
import type { Verifier } from '../verifier.ts';
import type { DecisionRecorder } from './recorder.ts';

/** The options of `createProtection`. */
export interface ProtectionOptions {
  /** The issuer whose tokens are accepted, for the metadata of this server. */
  readonly issuer: string;
  /** The URL of this API, spelled as in its tokens. */
  readonly audience: string;
  readonly verifier: Verifier;
  /** The verifier's feed. */
  readonly feed?: Feed;
  /** Runs after each response, for example to poll the feed. */
  readonly afterResponse?: () => Promise<void>;
  /** Records decisions and counts budgets. Without it, nothing is recorded. */
  readonly records?: DecisionRecorder;
  /**
   * The catalogue, from `parseCatalogue` of `hewn/catalogue`. Receipts that a caller attaches then
   * show where the values of its call come from, by the marks of the tools that have read them.
   */
  readonly catalogue?: Catalogue;
  /** How much of a body is read to judge a call; 256 KiB by default. */
  readonly bodyBytesMax?: number;
  /** The URL of this server's metadata (RFC 9728), for the challenge of a denial. */
  readonly resourceMetadata?: string;
  /** Receives failures that change no answer. Defaults to the console. */
  readonly report?: Report;
}

export const PROTECTION_OPTIONS: Members<ProtectionOptions> = {
  issuer: httpUrl,
  audience: httpUrl,
  verifier: having('verify', 'open', 'nonce'),
  feed: optional(having('find', 'refresh')),
  afterResponse: optional(callable),
  records: optional(having('denied', 'open', 'flush')),
  catalogue: optional(having('get')),
  bodyBytesMax: optional(integerFrom(1)),
  resourceMetadata: optional(httpUrl),
  report: optional(callable),
};
