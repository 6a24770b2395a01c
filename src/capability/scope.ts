import { ok, type Result, refuse } from '../result.ts';
import { checkGrants, type Grant } from './grant.ts';
import { isAction } from './names.ts';

const SCOPE_BYTES_MAX = 32 * 1024; // 32 grants with the longest names, half of it percent-encoded.

/**
 * The short form of grants, a `scope` (RFC 6749 section 3.3):
 *
 *     scope   = grant *( SP grant )
 *     grant   = tool ":" action ":" dataset
 *
 * Tool and dataset are percent-encoded UTF-8 (RFC 3986 section 2.1), except letters, digits and
 * `- . _ ~ ! * ' ( ) / @ + , = &`. A colon, a space or a percent sign in a name is always encoded.
 * A grant with constraints has no short form.
 */
const PART = /^(?:[A-Za-z0-9\-._~!*'()/@+,=&]|%[0-9A-F]{2})+$/;

/** Reads the grants of a scope. Refuses a text that is not exactly in this form. */
export function readScope(
  scope: string,
): Result<readonly Grant[], { readonly code: 'scope_invalid' }> {
  const invalid = refuse({ code: 'scope_invalid' } as const);
  if (scope.length > SCOPE_BYTES_MAX) return invalid;
  const grants: Grant[] = [];
  for (const text of new Set(scope.split(' '))) {
    const [tool, action, dataset, ...rest] = text.split(':').map(decodePart);
    if (tool === undefined || dataset === undefined || rest.length > 0) return invalid;
    if (!isAction(action)) return invalid;
    grants.push({ tool, action, dataset });
  }
  const checked = checkGrants(grants);
  return checked.ok ? ok(checked.value) : invalid;
}

/** Returns the scope of the grants that have a short form, in their order. */
export const writeScope = (grants: readonly Grant[]): string =>
  grants
    .filter((grant) => Object.keys(grant).length === 3)
    .map(({ tool, action, dataset }) => [tool, action, dataset].map(encodePart).join(':'))
    .join(' ');

const encodePart = (text: string): string =>
  encodeURIComponent(text).replace(/%(?:2F|40|2B|2C|3D|26)/g, decodeURIComponent);

/** Undefined for a text with another spelling: two readers could read two different names. */
function decodePart(text: string): string | undefined {
  if (!PART.test(text)) return undefined;
  try {
    const decoded = decodeURIComponent(text);
    return encodePart(decoded) === text ? decoded : undefined;
  } catch {
    return undefined;
  }
}
