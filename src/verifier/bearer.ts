/**
 * The token of an `Authorization: Bearer` header (RFC 6750 section 2.1), or '' where there is none.
 * A token in a query or a body is not looked for: both end up in logs.
 */
export function bearerToken(headers: Headers): string {
  const match = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '');
  return match?.[1] ?? '';
}
