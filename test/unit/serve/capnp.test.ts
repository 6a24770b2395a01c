import { expect, test } from 'vitest';
import { embed, renderCapnp } from '../../../src/serve/capnp.ts';

test('renders texts with the escapes of C, and leaves out undefined members', () => {
  const value = { a: 'say "hi"\n\\ \u0001 ü', b: undefined, c: true, d: 7, e: [] };
  expect(renderCapnp(value)).toBe('(a = "say \\"hi\\"\\x0a\\\\ \\x01 ü", c = true, d = 7, e = [])');
});

test('renders lists of structs, and embeds files by their path', () => {
  expect(renderCapnp({ modules: [{ name: 'a.js', esModule: embed('out/a.js') }] })).toBe(
    '(modules = [\n    (name = "a.js", esModule = embed "out/a.js")\n  ])',
  );
});
