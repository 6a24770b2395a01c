/** `oidc-provider` in its own process, configured as in `npm start`. Reports its address. */

import { Provider } from 'oidc-provider';
import { providerConfiguration } from '../../scripts/local/identity-provider/index.ts';
import { listenOnLoopback } from '../../src/dev/index.ts';
import type { PeerSetup } from './peer.ts';

process.once('message', async ({ audience, signingKey, workloadKey }: PeerSetup) => {
  const { url } = await listenOnLoopback({
    port: 0,
    what: 'oidc-provider',
    portVariable: 'none',
    handle: (issuer) => {
      const deskRedirectUri = `${issuer}/desk/callback`;
      const scene = { audience, signingKey, workloadKey, deskRedirectUri };
      return new Provider(issuer, providerConfiguration(scene)).callback();
    },
  });
  process.send?.(url);
});
// The parent has ended, so this process ends too.
process.once('disconnect', () => process.exit());
