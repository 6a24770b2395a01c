/**
 * The token of an `Authorization: Bearer` header (RFC 6750 section 2.1), or '' where there is none.
 * A token in a query or a body is not looked for: both end up in logs. What follows `Bearer` is
 * handed on as it is: a malformed token is denied as one, and never taken for none supplied.
 */
export function bearerToken(headers: Headers): string {
  const match = /^Bearer +(.+)$/i.exec(headers.get('authorization') ?? '');
  return match?.[1] ?? '';
}
