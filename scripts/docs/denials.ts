import {
  DENIALS,
  type DenialAdvice,
  type DenialCode,
  GATEWAY_ADVICE,
  UPSTREAM_FAILURES,
  VERIFIER_ADVICE,
} from '../../src/denials/index.ts';
import { markdownTable } from './table.ts';

const ADVICE: Readonly<Record<DenialCode, DenialAdvice>> = {
  ...VERIFIER_ADVICE,
  ...GATEWAY_ADVICE,
};

/** Renders the codes of denials: the message, what the caller should do, and the meaning. */
export function renderDenials(): string {
  const rows = (Object.keys(DENIALS) as DenialCode[]).map((code) => {
    const { status, error, message } = DENIALS[code];
    const { advice, cause } = ADVICE[code];
    return [`\`${code}\``, String(status), `\`${error}\``, message, advice, cause];
  });
  return markdownTable(
    ['code', 'status', 'error', 'message', 'what the caller should do', 'what it means'],
    rows,
  );
}

/** Renders the codes of an upstream server that gave the gateway no answer to pass on. */
export function renderFailures(): string {
  const rows = Object.entries(UPSTREAM_FAILURES).map(
    ([code, { status, effect, message, cause }]) => {
      const shown = status === 'server' ? "the server's" : String(status);
      return [`\`${code}\``, shown, `\`${effect}\``, message, cause];
    },
  );
  return markdownTable(['code of a failure', 'status', 'effect', 'message', 'what it means'], rows);
}
