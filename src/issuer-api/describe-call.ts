import type { JsonObject } from '../canonical-json.ts';
import type { CallFault } from './call.ts';
import { PROBLEMS, type ProblemCode } from './problems.ts';

/** Returns why a call has no answer, and what to do, as a sentence for a person. */
export function describeCallFault(fault: CallFault, url: string): string {
  switch (fault.kind) {
    case 'url_unsafe':
      return `refusing to send the operator credential to a non-HTTPS URL: ${url}`;
    case 'unreachable':
      return `cannot reach ${url}: ${fault.why}`;
    case 'unreadable':
      return fault.status < 300
        ? `the issuer accepted the request (HTTP ${fault.status}), but this version does not understand its answer`
        : `the issuer returned HTTP ${fault.status} without a reason. See its log`;
    case 'problem': {
      const { code, message, detail } = fault;
      if (code === 'not_for_your_role') return `${message} ${describeRoles(detail)}`;
      const isKnown = Object.hasOwn(PROBLEMS, code);
      return isKnown ? `${message} ${PROBLEMS[code as ProblemCode].advice}` : message;
    }
  }
}

/** Returns which roles allow what was refused, and which the caller has. */
function describeRoles(detail: JsonObject | undefined): string {
  const names = (value: unknown): string =>
    (Array.isArray(value) ? value : [])
      .map((one: unknown) => {
        const { role, owners } = Object(one) as { role?: unknown; owners?: unknown };
        const limits = Array.isArray(owners) ? ` for ${owners.join(', ')}` : '';
        return typeof role === 'string' ? `${role}${limits}` : String(one);
      })
      .join(', ');
  const needs = names(detail?.needs) || 'another role';
  return `It needs ${needs}; you have ${names(detail?.have) || 'no role'}.`;
}
