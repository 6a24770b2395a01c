import { TOKEN_REFUSALS } from '../../workers/issuer/token/refusals/index.ts';
import { markdownTable } from './table.ts';

/** Stands in for a refusal: each member that a message reads is written as its name. */
const NAMES = new Proxy({}, { get: (_, name) => `{${String(name)}}` });

/** Renders the refusal codes of the token endpoint from their table. */
export function renderTokenCodes(): string {
  const rows = Object.entries(TOKEN_REFUSALS).map(([code, entry]) => {
    const { status, error, message, advice, audited } = entry;
    const description = typeof message === 'string' ? message : message(NAMES as never);
    return [
      ...[`\`${code}\``, String(status), `\`${error}\``, description, advice],
      audited ? 'yes' : 'no',
    ];
  });
  const head = ['code', 'status', 'error', '`error_description`', 'what to do', 'audited'];
  return markdownTable(head, rows);
}
