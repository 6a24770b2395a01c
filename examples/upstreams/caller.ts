/** In a server behind the gateway: for whom a call is made. */
import { createRemoteJWKSet, jwtVerify } from 'jose';

const keys = createRemoteJWKSet(new URL('https://gateway.example/.well-known/jwks.json'));

/** Returns the claims about the caller, or rejects. */
export async function callerOf(request: Request) {
  const { payload } = await jwtVerify(request.headers.get('hewn-caller') ?? '', keys, {
    issuer: 'https://gateway.example',
    audience: 'https://files.example/mcp',
    typ: 'hewn-caller+jwt',
  });
  return payload;
}
