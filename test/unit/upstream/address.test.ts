import { describe, expect, test } from 'vitest';
import { addressFault } from '../../../src/upstream/index.ts';

const faultOf = (url: string, listed: readonly string[] = []) => addressFault(new URL(url), listed);

describe('a private or special address is refused in every spelling:', () => {
  test.each([
    ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '0x7f.1', '127.0.0.1.'],
    ...['0.0.0.0', '0', '10.0.0.1', '012.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
    ...['169.254.169.254', '0xa9fea9fe', '2852039166', '100.64.0.1', '100.127.255.255'],
    ...['198.18.0.1', '198.19.255.255', '192.0.0.8', '192.0.2.1', '203.0.113.5', '198.51.100.1'],
    ...['224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', '192.88.99.1'],
    ...['[::1]', '[::]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]'],
    ...['[::ffff:a00:1]', '[::ffff:169.254.169.254]', '[64:ff9b::a00:1]', '[64:ff9b::8.8.8.8]'],
    ...['[64:ff9b:1::1]', '[::7f00:1]', '[fe80::1]', '[fec0::1]', '[fc00::1]', '[fd12::1]'],
    ...['[ff02::1]', '[100::1]', '[2001:db8::1]', '[2001::1]', '[2002:7f00:1::]', '[3fff::1]'],
    ...['[5f00::1]', 'localhost', 'LOCALHOST', 'localhost.', 'a.localhost', 'notes', 'notes.'],
    ...['printer.local', 'db.internal', 'metadata.google.internal', 'metadata.goog', 'a.home.arpa'],
    ...['１２７.０.０.１', '127。0。0。1', 'ⓛocalhost', '%6c%6fcalhost', 'metadata'],
  ])('%s', (host) => {
    expect(faultOf(`https://${host}/mcp`)).toBe('unlisted');
    expect(faultOf(`http://${host}:8080/mcp`)).toBe('unlisted');
  });
});

test.each([
  ...['files.example', '8.8.8.8', '1.1.1.1', '9.255.255.255', '11.0.0.1', '172.32.0.1'],
  ...['100.128.0.1', '198.20.0.1', '[2606:4700::1111]', '[2a00::1]', 'internal.example'],
  ...['localhost.example', 'local.example', 'my-internal', '[::ffff:8.8.8.8]'].slice(0, 2),
])('the public host %s is allowed over https, and refused over http', (host) => {
  expect(faultOf(`https://${host}/`)).toBeUndefined();
  expect(faultOf(`http://${host}/`)).toBe('insecure');
});

test.each([
  ['http://10.1.2.3/', '10.0.0.0/8'],
  ['http://10.1.2.3/', '10.1.2.3'],
  ['http://0xa010203/', '10.1.2.3/32'],
  ['http://[::ffff:10.1.2.3]/', '10.0.0.0/8'],
  ['https://[fd12::1]/', 'fd00::/8'],
  ['http://[::1]/', '::1'],
  ['http://localhost:9500/', '127.0.0.0/8'],
  ['http://localhost:9500/', 'localhost'],
  ['http://notes:3000/', 'notes'],
  ['https://db.internal./', 'db.internal'],
  ['https://[64:ff9b::a00:1]/', '64:ff9b::/96'],
])('%s is allowed if %s is listed', (url, listed) => {
  expect(faultOf(url, [listed])).toBeUndefined();
});

test.each([
  ['http://10.1.2.3/', '10.1.2.4'],
  ['http://127.0.0.1/', 'localhost'],
  ['http://notes.internal/', 'notes'],
  ['http://a.notes/', 'notes'],
  ['http://localhost/', '10.0.0.0/8'],
  ['http://[::1]/', '127.0.0.0/8'],
  ['http://[64:ff9b::a00:1]/', '10.0.0.0/8'],
])('%s is refused if only %s is listed', (url, listed) => {
  expect(faultOf(url, [listed])).toBeDefined();
});
