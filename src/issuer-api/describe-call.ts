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
      const { code, message } = fault;
      const isKnown = Object.hasOwn(PROBLEMS, code);
      return isKnown ? `${message} ${PROBLEMS[code as ProblemCode].advice}` : message;
    }
  }
}
