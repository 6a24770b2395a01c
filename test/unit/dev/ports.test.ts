import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { PortInUse, readPorts, reservePort } from '../../../src/dev/index.ts';

test('the ports are fixed unless the environment changes them', () => {
  const ports = readPorts((name) => ({ HEWN_MCP_PORT: '9501', HEWN_IDP_PORT: '0' })[name]);
  expect(ports).toMatchObject({
    ok: true,
    value: {
      gateway: { port: 8787 },
      issuer: { port: 8788 },
      identityProvider: { port: 0 },
      servers: { port: 9501 },
    },
  });
});

test.each(['', ' 80', '80a', '-1', '65536', '1e3', '0x50'])('%j is not a port', (text) => {
  const ports = readPorts((name) => ({ HEWN_ISSUER_PORT: text })[name]);
  expect(ports).toMatchObject({ ok: false, error: { code: 'port_invalid' } });
  expect(ports.ok ? '' : ports.error.message).toContain('HEWN_ISSUER_PORT');
});

test('a port in use is reported, and a free one is left free', async () => {
  const holder = createServer();
  await new Promise<void>((held) => holder.listen(0, '127.0.0.1', held));
  const address = holder.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const wanted = { port, what: 'gateway', portVariable: 'HEWN_GATEWAY_PORT' };
  await expect(reservePort(wanted)).rejects.toThrow(PortInUse);
  await expect(reservePort(wanted)).rejects.toThrow(
    new RegExp(`port ${port} .* gateway .* HEWN_GATEWAY_PORT`),
  );
  await new Promise((closed) => holder.close(closed));
  expect(await reservePort(wanted)).toBe(port);
  expect(await reservePort(wanted)).toBe(port);
});
