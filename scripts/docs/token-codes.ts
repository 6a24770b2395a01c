import {
  PRESENTED_TOKEN_REFUSALS,
  type RefusalEntry,
  TOKEN_REFUSALS,
} from '../../workers/issuer/token/refusals/index.ts';
import { markdownTable } from './table.ts';

const HEAD = ['code', 'status', 'error', '`error_description`', 'what to do'];

/** Renders the refusal codes of the token endpoint from their table. */
export const renderTokenCodes = (): string =>
  markdownTable(
    [...HEAD, 'audited'],
    Object.entries(TOKEN_REFUSALS).map(([code, entry]) => [
      ...cellsOf(code, entry),
      entry.audited ? 'yes' : 'no',
    ]),
  );

/** Renders the refusal codes of introspection and revocation. */
export const renderPresentedTokenCodes = (): string =>
  markdownTable(
    HEAD,
    Object.entries(PRESENTED_TOKEN_REFUSALS).map(([code, entry]) => cellsOf(code, entry)),
  );

/** Stands in for a refusal: each member that a message reads is written as its name. */
const MEMBER_NAMES = new Proxy({}, { get: (_, name) => `{${String(name)}}` });

function cellsOf(
  code: string,
  { status, error, message, advice }: RefusalEntry<never>,
): readonly string[] {
  const description = typeof message === 'string' ? message : message(MEMBER_NAMES as never);
  return [`\`${code}\``, String(status), `\`${error}\``, description, advice];
}
